import { describe, expect, it, vi } from 'vitest'
import { utf8 } from '../../../../src/core/bytes.ts'
import { createMemoryRelay } from '../../../../src/relay/memory.ts'
import type { Relay } from '../../../../src/relay/port.ts'
import { combineRelays } from '../../../../src/relay/combine.ts'
import { MAX_MESSAGE_BYTES } from '../../../../src/relay/session/assembly.ts'
import { KIND } from '../../../../src/relay/session/frame.ts'
import { openSession } from '../../../../src/relay/session/open-session.ts'
import type { Session } from '../../../../src/relay/session/types.ts'
import { codeOf, errorOf } from '../../../helpers/code-of.ts'
import { createSessionWorld, outcomeOf, turns } from '../../../helpers/session-world.ts'

vi.mock('@noble/curves/ed25519.js', () => import('../../../helpers/toy-curves.ts'))

type Pair = readonly [Session, Session]
const closeAll = (sessions: readonly Session[]) => Promise.all(sessions.map(({ close }) => close()))

describe('exchange', () => {
  it('takes rounds in order only, and for parties of the session only', async () => {
    const world = createSessionWorld(2)
    const [a, b] = (await world.openAll()) as unknown as Pair
    for (const round of [0, 2, 1.5, Number.NaN]) expect(await codeOf(a.exchange({ round }))).toBe('usage/wrong-state')
    for (const party of [1, 3]) {
      expect(await codeOf(a.exchange({ round: 1, direct: new Map([[party, utf8('x')]]) }))).toBe('usage/invalid-argument')
    }
    expect(await codeOf(a.exchange({ round: 1, broadcast: 'x' as never }))).toBe('usage/invalid-argument')
    expect(await codeOf(a.exchange({ round: 1, direct: new Map([[2, 'x' as never]]) }))).toBe('usage/invalid-argument')
    const waiting = a.exchange({ round: 1 })
    expect(await codeOf(a.finish())).toBe('usage/wrong-state')
    await world.drive(Promise.all([waiting, b.exchange({ round: 1 })]))
    expect(await codeOf(a.exchange({ round: 3 }))).toBe('usage/wrong-state')
    const [first] = [a.exchange({ round: 2 }), await codeOf(a.exchange({ round: 2 }))]
    expect(await codeOf(a.exchange({ round: 2 }))).toBe('usage/wrong-state')
    await world.drive(Promise.all([first, b.exchange({ round: 2 })]))
    await closeAll([a, b])
  })

  it('can be waited for again after an abort, but says nothing else in the same round', async () => {
    const world = createSessionWorld(2)
    const [a, b] = (await world.openAll()) as unknown as Pair
    const abort = new AbortController()
    const out = { round: 1, broadcast: utf8('mine'), direct: new Map([[2, utf8('yours')]]) }
    const waiting = codeOf(a.exchange(out, { signal: abort.signal }))
    await turns()
    abort.abort(new Error('not now'))
    expect(await waiting).toBe('not now')
    expect(await codeOf(a.exchange({ ...out, broadcast: utf8('other') }))).toBe('usage/wrong-state')
    expect(await codeOf(a.exchange({ ...out, direct: new Map() }))).toBe('usage/wrong-state')
    const [, heard] = await world.drive(Promise.all([a.exchange(out), b.exchange({ round: 1 })]))
    expect(heard.get(1)).toEqual({ broadcast: utf8('mine'), direct: utf8('yours') })
    // And once more: it is still there until the next round.
    expect((await a.exchange(out)).get(2)?.broadcast).toEqual(new Uint8Array())
    await closeAll([a, b])
  })

  it('keeps what comes before its time', async () => {
    const world = createSessionWorld(2)
    const [a, b] = (await world.openAll()) as unknown as Pair
    const early = a.exchange({ round: 1, broadcast: utf8('early') })
    await turns()
    await world.clock.advance(30_000)
    const heard = await world.drive(b.exchange({ round: 1 }))
    expect(heard.get(1)?.broadcast).toEqual(utf8('early'))
    await world.drive(early)
    await closeAll([a, b])
  })

  it('carries 16 MB, in pieces the relay takes', async () => {
    const world = createSessionWorld(2, { maxBodyBytes: 1024 * 1024 })
    const [a, b] = (await world.openAll()) as unknown as Pair
    const large = new Uint8Array(16 * 1024 * 1024).map((_, i) => (i * 31) ^ (i >> 8))
    const [, heard] = await world.drive(
      Promise.all([a.exchange({ round: 1, direct: new Map([[2, large]]) }), b.exchange({ round: 1, broadcast: utf8('small') })]),
    )
    const { direct } = heard.get(1) ?? {}
    expect(direct?.length).toBe(large.length)
    expect(Buffer.compare(direct as Uint8Array, large)).toBe(0)
    await closeAll([a, b])
  })

  it('refuses what is above its limit, and the round is still to be sent', async () => {
    const world = createSessionWorld(2)
    const [a, b] = (await world.openAll()) as unknown as Pair
    expect(await codeOf(a.exchange({ round: 1, broadcast: new Uint8Array(MAX_MESSAGE_BYTES) }))).toBe('codec/too-large')
    await world.drive(Promise.all([a.exchange({ round: 1 }), b.exchange({ round: 1 })]))
    await closeAll([a, b])
  })

  it('does not care what the caller does to its buffers afterwards', async () => {
    const world = createSessionWorld(2)
    const [a, b] = (await world.openAll()) as unknown as Pair
    const broadcast = utf8('as it was')
    const sent = a.exchange({ round: 1, broadcast })
    broadcast.fill(0)
    const [, heard] = await world.drive(Promise.all([sent, b.exchange({ round: 1 })]))
    expect(heard.get(1)?.broadcast).toEqual(utf8('as it was'))
    await closeAll([a, b])
  })

  it('says whom it waits for in which round', async () => {
    const world = createSessionWorld(3)
    const sessions = await world.openAll()
    const sinceMs = world.clock.nowMs()
    const two = [0, 1].map((i) => errorOf((sessions[i] as Session).exchange({ round: 1 })))
    const [error] = await world.drive(Promise.all(two))
    expect([error?.code, error?.details]).toEqual(['session/timeout', { waitingFor: [3], round: 1 }])
    expect(world.events[0]?.[0]).toEqual({ type: 'waiting', party: 3, stage: 'round', round: 1, sinceMs })
    expect(world.clock.sleeperCount).toBe(0)
  })

  it('tells a round from the end', async () => {
    const world = createSessionWorld(2)
    const [a, b] = (await world.openAll()) as unknown as Pair
    const errors = await world.drive(Promise.all([errorOf(a.exchange({ round: 1 })), errorOf(b.finish())]))
    expect(errors.map(({ code, details }) => [code, details['field']])).toContainEqual(['session/disagreement', 'kind'])
    for (const { code } of errors) expect(code).toBe('session/disagreement')
  })
})

describe('finish', () => {
  it('is final, may be asked for again, and needs nobody’s leave to close', async () => {
    const world = createSessionWorld(2)
    const [a, b] = (await world.openAll()) as unknown as Pair
    const abort = new AbortController()
    const waiting = codeOf(a.finish({ signal: abort.signal }))
    await turns()
    abort.abort(new Error('later'))
    expect(await waiting).toBe('later')
    expect(await codeOf(a.exchange({ round: 1 }))).toBe('usage/wrong-state')
    await world.drive(Promise.all([a.finish(), b.finish()]))
    await a.finish()
    await world.drive(a.settled())
    await a.close()
    expect(await codeOf(a.finish())).toBe('usage/closed')
    // Whoever is finished is not told that the other has gone.
    await world.drive(b.settled())
    await b.finish()
    await b.close()
    await b.close()
  })

  it('settles at the deadline with whoever never answered', async () => {
    const world = createSessionWorld(2)
    // What the second sends after its end of the session never arrives.
    let isDeaf = false
    const deaf = (inner: Relay): Relay => ({
      ...inner,
      send: (...given) => (isDeaf && given[1][1] === KIND.ack ? Promise.resolve() : inner.send(...given)),
    })
    const [a, b] = (await world.openAll((i) => (i === 1 ? { relay: deaf(createMemoryRelay({ hub: world.hub })) } : {}))) as unknown as Pair
    isDeaf = true
    await world.drive(Promise.all([a.finish(), b.finish()]))
    await b.close()
    expect(await codeOf(a.settled({ signal: AbortSignal.abort(new Error('no')) }))).toBe('no')
    const settled = a.settled()
    await world.drive(settled)
    expect(world.clock.nowMs()).toBe(world.setup.expiresAtMs)
    expect(await settled).toEqual([2])
    await a.close()
    expect(world.clock.sleeperCount).toBe(0)
  })
})

describe('close', () => {
  it('tells the others, in the middle of a round', async () => {
    const world = createSessionWorld(3)
    const sessions = await world.openAll()
    const [a, b, c] = sessions as unknown as readonly [Session, Session, Session]
    const two = [errorOf(a.exchange({ round: 1 })), errorOf(b.exchange({ round: 1 }))]
    await turns()
    await c[Symbol.asyncDispose]()
    const errors = await world.drive(Promise.all(two))
    for (const { code, details } of errors)
      expect([code, details['reason']]).toEqual(['session/gone', expect.stringMatching(/closed|failed/)])
    expect(errors.map(({ details }) => details['party'])).toContain(3)
    expect(await codeOf(a.exchange({ round: 1 }))).toBe('session/gone')
    expect(await codeOf(c.exchange({ round: 1 }))).toBe('usage/closed')
    expect(world.clock.sleeperCount).toBe(0)
  })

  it('leaves nothing behind, with a hundred sessions at once', async () => {
    let receiving = 0
    const counted = (inner: Relay): Relay => ({
      ...inner,
      async *receive(...given) {
        receiving++
        try {
          yield* inner.receive(...given)
        } finally {
          receiving--
        }
      },
    })
    const worlds = Array.from({ length: 100 }, (_, i) => createSessionWorld(2, { seed: i, relay: (__, inner) => counted(inner) }))
    await Promise.all(
      worlds.map(async (world) => {
        const [a, b] = (await world.openAll()) as unknown as Pair
        await world.drive(Promise.all([a.exchange({ round: 1 }), b.exchange({ round: 1 })]))
        await world.drive(Promise.all([a.finish(), b.finish()]))
        await world.drive(Promise.all([a.settled(), b.settled()]))
        // Idle: the deadline is all that is waited for.
        await world.clock.advance(60_000)
        expect(world.clock.sleeperCount).toBe(2)
        await closeAll([a, b])
        expect(world.clock.sleeperCount).toBe(0)
      }),
    )
    await turns()
    expect(receiving).toBe(0)
  })

  it('warns of no leak with twelve parties', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => void warnings.push(warning)
    process.on('warning', onWarning)
    const world = createSessionWorld(12)
    const sessions = await world.openAll()
    await world.drive(Promise.all(sessions.map(({ exchange }) => exchange({ round: 1 }))))
    await closeAll(sessions)
    await turns()
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })
})

it('works over several relays of which only one is any good', async () => {
  const world = createSessionWorld(3)
  const dead: Relay = {
    ...createMemoryRelay(),
    send: () => Promise.reject(new Error('dead')),
    receive: () => {
      throw new Error('dead')
    },
  }
  const several = () =>
    combineRelays({
      clock: world.clock,
      relays: [
        { name: 'dead', relay: dead },
        { name: 'lossy', relay: { ...createMemoryRelay(), send: () => Promise.resolve() } },
        { name: 'good', relay: createMemoryRelay({ hub: world.hub }) },
      ],
    })
  const relays = [several(), several(), several()]
  const sessions = await world.openAll((i) => ({ relay: relays[i] as Relay }))
  await world.drive(Promise.all(sessions.map(({ exchange }) => exchange({ round: 1 }))))
  await world.drive(Promise.all(sessions.map(({ finish }) => finish())))
  await world.drive(Promise.all(sessions.map(({ settled }) => settled())))
  await closeAll(sessions)
  await Promise.all(relays.map((relay) => relay.close()))
  await turns()
  expect(world.clock.sleeperCount).toBe(0)
})

it('opens with the relay of one party alone answering late', async () => {
  const world = createSessionWorld(3, {
    relay: (position, inner, clock) =>
      position === 1 ? { ...inner, send: async (...given) => (await clock.sleep(7_000), inner.send(...given)) } : inner,
  })
  const outcomes = await world.drive(Promise.allSettled([0, 1, 2].map((i) => openSession(world.options(i)))))
  expect(outcomes.map(outcomeOf)).toEqual(['ok', 'ok', 'ok'])
})
