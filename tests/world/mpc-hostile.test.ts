import { describe, expect, it } from 'vitest'
import { utf8, type Bytes } from '../../src/core/bytes.ts'
import { isLocketError } from '../../src/core/errors.ts'
import { createKey } from '../../src/mpc/create-key.ts'
import { refreshKey } from '../../src/mpc/refresh-key.ts'
import { planReshare, reshareKey } from '../../src/mpc/reshare-key.ts'
import { settleKey } from '../../src/mpc/settle-key.ts'
import { fetchSignatures, sign } from '../../src/mpc/sign.ts'
import type { Suite } from '../../src/mpc/types.ts'
import { verifySignature } from '../../src/mpc/verify-signature.ts'
import type { Relay } from '../../src/relay/port.ts'
import { KIND } from '../../src/relay/session/frame.ts'
import { withRelayFaults } from '../../src/testkit/faults/with-relay-faults.ts'
import { createPrivacyRecorder } from '../../src/testkit/privacy-recorder.ts'
import { codeOf } from '../helpers/code-of.ts'
import { createLeakWatch } from '../helpers/mpc/leak-watch.ts'
import { createRealWorld } from '../helpers/mpc/real-world.ts'
import { createToyWorld, hello, type Device } from '../helpers/mpc/toy-world.ts'

const FROST_RUNS = Number(process.env['MPC_FROST_RUNS'] ?? 200)
const DKLS_RUNS = Number(process.env['MPC_DKLS_RUNS'] ?? 60)

describe.each<[Suite, number]>([
  ['frost-ed25519', FROST_RUNS],
  ['ecdsa-secp256k1', DKLS_RUNS],
])('%s over a hostile relay', (suite, runs) => {
  it(`ends every one of ${runs} signatures: true, or a typed error, with the shares as they were`, async () => {
    const hostile = { isOn: false }
    const leaks = createLeakWatch()
    const faults = { drop: 0.2, duplicate: 0.2, reorder: 0.5, delayMs: 3_000, tamper: 0.05 }
    const world = await createRealWorld(['agent', 'person'], {
      seed: `hostile ${suite}`,
      relay(at, relay, clock) {
        const bad = withRelayFaults(relay, { seed: at, clock, ...faults })
        const pick = (): Relay => (hostile.isOn ? bad : relay)
        return leaks.watch({
          features: relay.features,
          close: () => bad.close(),
          send: (...call) => pick().send(...call),
          receive: (...call) => pick().receive(...call),
        })
      },
    })
    const key = await world.create(suite)
    hostile.isOn = true
    let completed = 0
    for (let run = 0; run < runs; run++) {
      const message = new Uint8Array(32).fill(run + 1)
      const options = world.invite()
      const request = { keyId: key.id, participants: [1, 2], message }
      const outcomes = await world.run(Promise.allSettled([1, 2].map((index) => sign(world.party(index), request, options))))
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') {
          completed++
          expect(await verifySignature({ suite, publicKey: key.publicKey, message, signature: outcome.value }), `run ${run}`).toBe(true)
        } else {
          expect(isLocketError(outcome.reason), `run ${run}: ${String(outcome.reason)}`).toBe(true)
          leaks.error(outcome.reason)
        }
      }
      for (const [at, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled' || outcomes.every(({ status }) => status === 'rejected')) continue
        // It missed the end, and finds what the other left.
        const batch = { keyId: key.id, participants: [1, 2], messages: [message] }
        const [found] = await world.run(fetchSignatures(world.party(at + 1), batch, options))
        if (found !== undefined && 'signature' in found) completed++
      }
      for (const index of [1, 2]) expect(world.party(index).shares.record(key.id).bans, `run ${run}`).toEqual([])
      const shares = await Promise.all([1, 2].map((index) => world.party(index).shares.share(key.id)))
      await leaks.check(
        shares.map((share) => share.slice(-32)),
        world.devices.map(({ disk }) => disk),
      )
    }
    expect(completed).toBe(runs * 2)
    hostile.isOn = false
    await world.sign(key, [1, 2], new Uint8Array(32))
  }, 1_200_000)
})

describe('what others do', () => {
  it('gives up at the deadline when the other never comes, and when the relay is gone, and keeps the share', async () => {
    let isGone = false
    const world = await createRealWorld(['agent', 'person'], {
      seed: 'gone',
      relay: (_, relay) => ({
        ...relay,
        async send(...call) {
          if (isGone) throw new Error('no route to host')
          return relay.send(...call)
        },
      }),
    })
    const key = await world.create('frost-ed25519')
    const request = { keyId: key.id, participants: [1, 2], message: hello }
    const alone = sign(world.party(1), request, world.invite())
    expect(await codeOf(world.run(alone))).toBe('session/timeout')
    isGone = true
    const options = world.invite()
    const both = await world.run(Promise.all([1, 2].map((index) => codeOf(sign(world.party(index), request, options)))))
    expect(both).toEqual(['session/timeout', 'session/timeout'])
    expect(world.clock.sleeperCount).toBe(0)
    isGone = false
    await world.sign(key, [1, 2], hello)
  })

  it('does not keep one that has its signature waiting for another that cannot tell it is done', async () => {
    let isCut = false
    const world = await createRealWorld(['agent', 'person'], {
      seed: 'cut at the end',
      relay: (at, relay) => ({
        ...relay,
        async send(mailbox, body, options) {
          if (!(isCut && at === 1 && body[1] === KIND.closing)) await relay.send(mailbox, body, options)
        },
      }),
    })
    const key = await world.create('frost-ed25519')
    isCut = true
    const startedMs = world.clock.nowMs()
    await world.sign(key, [1, 2], hello)
    expect(world.clock.nowMs() - startedMs).toBeLessThan(5_000)
    // It stays a while for the other, and then leaves nothing behind.
    expect(world.clock.sleeperCount).toBeGreaterThan(0)
    await world.run(world.clock.sleep(90_000))
    expect(world.clock.sleeperCount).toBe(0)
  })

  it('refuses a ceremony that the other means differently, by the name of the field', async () => {
    const world = await createRealWorld(['agent', 'person'], { seed: 'differently' })
    const key = await world.create('frost-ed25519')
    const options = world.invite()
    const request = { keyId: key.id, participants: [1, 2] }
    const outcomes = [hello, utf8('something else')].map((message, at) =>
      codeOf(sign(world.party(at + 1), { ...request, message }, options)),
    )
    for (const code of await world.run(Promise.all(outcomes))) expect(['session/setup-mismatch', 'session/gone']).toContain(code)
    await world.sign(key, [1, 2], hello)
  })

  it('says of members at different epochs that they must settle', async () => {
    const world = await createRealWorld(['agent', 'person', 'recovery'], { seed: 'epochs' })
    const key = await world.create('frost-ed25519')
    const old = await world.devices[2]?.disk.snapshot()
    let options = world.invite()
    await world.run(Promise.all(world.devices.map(({ party }) => refreshKey(party, { keyId: key.id }, options))))
    expect(old).toBeDefined()
    options = world.invite()
    const settling = [1, 2].map((index) => settleKey(world.party(index), { keyId: key.id, participants: [1, 2] }, options))
    expect(await world.run(Promise.all(settling))).toEqual([1, 2].map(() => ({ outcome: 'settled', epoch: 1 })))
  })
})

describe('a rolled-back member', () => {
  const sealedIn = async (device: Device) => device.disk.snapshot()

  it('is known by its peers even without an anchor, at the same epoch and at an older one', async () => {
    const world = await createToyWorld(['agent', 'person', 'recovery'])
    const key = await world.create()
    const [one, two] = world.devices as [Device, Device]
    const together = async (work: (party: Device['party']) => Promise<unknown>, devices: readonly Device[]) =>
      Promise.all(devices.map(({ party }) => codeOf(work(party))))
    const signs = async () => {
      const options = world.invite()
      return together((party) => sign(party, { keyId: key.id, participants: [1, 2], message: hello }, options), [one, two])
    }
    expect(await signs()).toEqual(['no error', 'no error'])
    const copy = await sealedIn(one)
    expect(await signs()).toEqual(['no error', 'no error'])
    // As on a device whose whole profile was restored, the anchor included.
    one.disk = copy
    for (const name of await one.anchor.keys()) await one.anchor.raw.delete(name)
    await one.reopen()
    expect(await signs()).toEqual(['mpc/rolled-back', 'mpc/rolled-back'])
    // The guided way out: the other two move on without the old share, and bring its device along.
    const plan = planReshare(key, { dealers: [2, 3] })
    const options = world.invite()
    const moving = world.devices.map(({ party, card }) => codeOf(reshareKey(party, { plan, card }, options)))
    expect(await Promise.all(moving)).toEqual(['no error', 'no error', 'no error'])
    expect(await signs()).toEqual(['no error', 'no error'])
  })

  it('that proves nothing is not believed, and that is behind is told so', async () => {
    const world = await createToyWorld(['agent', 'person', 'recovery'])
    const key = await world.create()
    const [one, , three] = world.devices as [Device, Device, Device]
    const copy = await sealedIn(three)
    let options = world.invite()
    await Promise.all(world.devices.map(({ party }) => refreshKey(party, { keyId: key.id }, options)))
    three.disk = copy
    for (const name of await three.anchor.keys()) await three.anchor.raw.delete(name)
    await three.reopen()
    options = world.invite()
    const settling = [one, three].map(({ party }) => codeOf(settleKey(party, { keyId: key.id, participants: [1, 3] }, options)))
    expect(await Promise.all(settling)).toEqual(['no error', 'mpc/rolled-back'])
    expect(three.party.shares.record(key.id).current?.epoch).toBe(0)
  })
})

describe('secrets', () => {
  it('are in no message, no stored byte and no error', async () => {
    const recorder = createPrivacyRecorder()
    const world = await createRealWorld(['agent', 'person', 'recovery'], {
      seed: 'canary',
      relay: (at, relay) => ({
        ...relay,
        send(mailbox, body, options) {
          recorder.record(`relay ${at}`, body)
          return relay.send(mailbox, body, options)
        },
      }),
    })
    const canaries: Bytes[] = []
    const members = world.members()
    const failed = await createKey(world.party(1), { suite: 'frost-ed25519', threshold: 9, members, self: 1 }, world.invite()).catch(String)
    for (const suite of ['frost-ed25519', 'ecdsa-secp256k1'] as const) {
      const key = await world.create(suite)
      for (const index of [1, 2, 3]) {
        const share = await world.party(index).shares.share(key.id)
        // The secret scalar lies at the end of a FROST share; any run of an ECDSA share that is not in its public half will do.
        canaries.push(share.slice(share.length - 32))
      }
      await world.sign(key, [1, 2], new Uint8Array(32).fill(1))
    }
    for (const { disk } of world.devices) for (const value of await disk.contents()) recorder.record('disk', value)
    recorder.record('errors', utf8(`${String(failed)} ${JSON.stringify(world.party(1).shares.keys())}`))
    recorder.expectNoPlaintext(canaries)
  })
})
