import { expect, it } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { createMemoryRelay } from '../../src/relay/memory.ts'
import { pairDevices } from '../../src/relay/session/pair-devices.ts'
import { createPairingInvite } from '../../src/relay/session/invite.ts'
import { fetchResult } from '../../src/relay/session/fetch-result.ts'
import { createPrivacyRecorder } from '../../src/testkit/privacy-recorder.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { HOSTILE, runToyProtocol } from '../helpers/session-run.ts'
import { createSessionWorld } from '../helpers/session-world.ts'

const RUNS = Number(process.env['SESSION_RUNS'] ?? 8)

it(`ends ${RUNS} hostile runs in completion or at the deadline, with the real curves`, async () => {
  for (let run = 0; run < RUNS; run++) {
    const seed = `real ${run}`
    const { outcomes, wrong, sleepers } = await runToyProtocol({ seed, count: 2 + (run % 4), faults: HOSTILE })
    expect(wrong, seed).toEqual([])
    expect(sleepers, seed).toBe(0)
    for (const outcome of outcomes) expect(['ok', 'session/timeout'], seed).toContain(outcome)
  }
})

it('ends in time where hardly anything gets through, whatever becomes of it', async () => {
  for (let run = 0; run < 4; run++) {
    const seed = `hopeless ${run}`
    const faults = { ...HOSTILE, drop: 0.97, tamper: 0.5 }
    const { outcomes, wrong, sleepers } = await runToyProtocol({ seed, count: 3, faults, minutes: 5 })
    expect([wrong, sleepers], seed).toEqual([[], 0])
    for (const outcome of outcomes) expect(['ok', 'session/timeout'], seed).toContain(outcome)
  }
})

it('shows the relay and the disk nothing of what is said, about what, or by whom', async () => {
  const recorder = createPrivacyRecorder()
  const store = recorder.watchStore(createMemoryStore())
  const secrets = ['the share of party one', 'the message hash it signs', 'key of the family vault', 'finished signature bytes']
  const [share, context, keyId, result] = secrets as [string, string, string, string]
  const world = createSessionWorld(3, {
    setup: { context: utf8(context), keyId: utf8(keyId), protocol: 'dkls23-sign', suite: 'secp256k1-toy' },
    relay: (_, inner) => recorder.watchRelay(inner),
  })
  const sessions = await world.openAll(() => ({ store }))
  await world.drive(
    Promise.all(
      sessions.map(({ exchange, party }) =>
        exchange({ round: 1, broadcast: utf8(share), direct: new Map([[(party % 3) + 1, utf8(share)]]) }),
      ),
    ),
  )
  await world.drive(Promise.all(sessions.map(({ finish }) => finish())))
  await world.drive(sessions[0]?.publishResult(utf8(result)) ?? Promise.reject(new Error('no session')))
  await world.drive(fetchResult({ ...world.options(1), verify: () => true }))
  const ids = sessions.map(({ sessionId }) => sessionId)
  await Promise.all(sessions.map(({ close }) => close()))

  const invite = createPairingInvite(createSeededEntropy('private pairing'))
  const pair = (position: number, role: 'inviter' | 'joiner') =>
    pairDevices({
      ...world.options(position),
      relay: recorder.watchRelay(createMemoryRelay({ hub: world.hub })),
      invite,
      role,
      compare: async () => true,
      expiresAtMs: world.setup.expiresAtMs,
    })
  await world.drive(Promise.all([pair(0, 'inviter'), pair(1, 'joiner')]))

  const cards = world.identities.flatMap(({ card }) => [card.signKey, card.agreeKey, card.binding])
  const long = world.identities.flatMap((identity) => [identity.encodeSecret().slice(1, 33), identity.encodeSecret().slice(33)])
  recorder.expectNoPlaintext([...secrets, 'dkls23-sign', 'secp256k1-toy', invite, world.setup.ceremonyId, ...ids, ...cards, ...long])
  expect(recorder.crossings.length).toBeGreaterThan(50)

  // Lengths say little: what is short is all of one length.
  const sizes = new Set(
    recorder.crossings.filter(({ channel, bytes }) => channel === 'relay send' && bytes[1] === 2).map(({ bytes }) => bytes.length),
  )
  expect(sizes.size).toBe(1)
})
