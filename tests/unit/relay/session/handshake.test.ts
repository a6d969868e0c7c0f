import { describe, expect, it, vi } from 'vitest'
import { createMemoryRelay } from '../../../../src/relay/memory.ts'
import type { Relay } from '../../../../src/relay/port.ts'
import { KIND } from '../../../../src/relay/session/frame.ts'
import { openSession } from '../../../../src/relay/session/open-session.ts'
import type { SessionSetup } from '../../../../src/relay/session/setup.ts'
import { createSeededEntropy } from '../../../../src/testkit/seeded-entropy.ts'
import { codeOf, errorOf } from '../../../helpers/code-of.ts'
import { createSessionWorld, identityAt, MINUTE_MS, outcomeOf, turns } from '../../../helpers/session-world.ts'

vi.mock('@noble/curves/ed25519.js', () => import('../../../helpers/toy-curves.ts'))

const { setup } = createSessionWorld(3)
const changes: Partial<SessionSetup> = {
  protocol: 'sign',
  suite: 'toy-2',
  keyId: new Uint8Array(3),
  epoch: 4,
  threshold: 3,
  partyCount: 4,
  context: new Uint8Array(),
  expiresAtMs: setup.expiresAtMs + 1,
}

describe('openSession', () => {
  it.each(Object.entries(changes))('names %s when two parties mean different ones', async (field, value) => {
    const world = createSessionWorld(3)
    const errors = await world.drive(
      Promise.all([0, 1].map((i) => errorOf(openSession(world.options(i, i === 0 ? {} : { setup: { ...world.setup, [field]: value } }))))),
    )
    expect(errors.map(({ code, details }) => [code, details['field']])).toEqual(Array(2).fill(['session/setup-mismatch', field]))
    expect(world.events.flat().filter(({ type }) => type === 'evidence')).toEqual([])
  })

  it('names the parties when two of them are swapped', async () => {
    const world = createSessionWorld(3)
    const [one, two, three] = world.setup.parties as [never, never, { index: number; card: never }]
    const swapped = [one, { ...(three as object), index: 2 }, { ...(two as object), index: 3 }] as never
    const errors = await world.drive(
      Promise.all(
        [0, 1].map((i) => errorOf(openSession(world.options(i, i === 0 ? {} : { setup: { ...world.setup, parties: swapped } })))),
      ),
    )
    expect(errors.map(({ code, details }) => [code, details['field']])).toEqual(Array(2).fill(['session/setup-mismatch', 'parties']))
  })

  it('names the parties when one of them means a smaller set', async () => {
    const world = createSessionWorld(3)
    const parties = world.setup.parties.slice(0, 2)
    const error = await world.drive(
      errorOf(
        Promise.any([0, 1].map((i) => openSession(world.options(i, i === 0 ? {} : { setup: { ...world.setup, parties } })))).catch(
          (all: AggregateError) => Promise.reject(all.errors[0]),
        ),
      ),
    )
    expect([error.code, error.details['field']]).toEqual(['session/setup-mismatch', 'parties'])
  })

  it('refuses a device that is no party, an expired setup and an impossible one, before anything is sent', async () => {
    const world = createSessionWorld(2)
    const stranger = await errorOf(openSession(world.options(0, { identity: identityAt(5) })))
    expect([stranger.code, stranger.details['field']]).toEqual(['session/invalid-setup', 'parties'])
    expect(await codeOf(openSession(world.options(0, { setup: { ...world.setup, threshold: 3 } })))).toBe('session/invalid-setup')
    await world.clock.advance(10 * MINUTE_MS)
    expect(await codeOf(openSession(world.options(0)))).toBe('session/expired')
    expect(world.hub.held.addressCount).toBe(0)
    expect(world.clock.sleeperCount).toBe(0)
  })

  it('says whom it waits for, and since when, and ends at the deadline', async () => {
    const world = createSessionWorld(3)
    const startMs = world.clock.nowMs()
    const errors = await world.drive(Promise.all([0, 1].map((i) => errorOf(openSession(world.options(i))))))
    expect(errors.map(({ code, details }) => [code, details['waitingFor']])).toEqual(Array(2).fill(['session/timeout', [3]]))
    expect(world.clock.nowMs() - startMs).toBe(10 * MINUTE_MS)
    const waits = world.events[0]?.filter(({ type }) => type === 'waiting')
    expect(waits?.[0]).toEqual({ type: 'waiting', party: 3, stage: 'hello', round: 0, sinceMs: startMs })
    expect(waits?.length).toBeGreaterThan(100)
    expect(world.clock.sleeperCount).toBe(0)
  })

  it('waits for the deadline through sleeps that a platform timer can take', async () => {
    const world = createSessionWorld(2, { minutes: 60 * 24 * 60 })
    const asked: number[] = []
    const clock = { ...world.clock, sleep: (ms: number, options?: object) => (asked.push(ms), world.clock.sleep(ms, options)) }
    const abort = new AbortController()
    const opening = openSession(world.options(0, { clock }), { signal: abort.signal })
    await turns()
    abort.abort(new Error('enough'))
    expect(await codeOf(opening)).toBe('enough')
    expect(Math.max(...asked)).toBeLessThan(2 ** 31)
  })

  it('stops at an abort, with its reason, and tells the others', async () => {
    const world = createSessionWorld(3)
    const abort = new AbortController()
    const opening = openSession(world.options(0), { signal: abort.signal })
    const other = errorOf(openSession(world.options(1)))
    await turns()
    abort.abort(new Error('changed my mind'))
    expect(await codeOf(world.drive(opening))).toBe('changed my mind')
    const { code, details } = await world.drive(other)
    expect([code, details]).toEqual(['session/gone', { party: 1, reason: 'closed' }])
    expect(await codeOf(openSession(world.options(0), { signal: AbortSignal.abort(new Error('before')) }))).toBe('before')
    expect(world.clock.sleeperCount).toBe(0)
  })

  it('fails with the relay’s own end, and goes on after its troubles', async () => {
    const world = createSessionWorld(2)
    const relay = createMemoryRelay({ hub: world.hub })
    const opening = codeOf(openSession(world.options(0, { relay })))
    await turns()
    await relay.close()
    expect(await opening).toBe('usage/closed')
    expect(world.clock.sleeperCount).toBe(0)

    const flaky = (inner: Relay): Relay => {
      let calls = 0
      return {
        ...inner,
        send: (...given) => (calls++ % 3 === 0 ? Promise.reject(new Error('no connection')) : inner.send(...given)),
        receive: (...given) => {
          if (calls++ % 2 === 0) throw new Error('no connection')
          return inner.receive(...given)
        },
      }
    }
    const second = createSessionWorld(3, { seed: 'flaky', relay: (_, inner) => flaky(inner) })
    const sessions = await second.openAll()
    const operations = new Set(second.events.flat().map((event) => (event.type === 'trouble' ? event.operation : event.type)))
    expect(Array.from(operations)).toEqual(expect.arrayContaining(['send', 'receive']))
    await Promise.all(sessions.map(({ close }) => close()))
  })

  it('refuses a relay whose messages are smaller than a frame', async () => {
    const world = createSessionWorld(2, { maxBodyBytes: 50 })
    expect(await codeOf(openSession(world.options(0)))).toBe('relay/oversize')
    expect(world.clock.sleeperCount).toBe(0)
  })

  it('goes on in small pieces over a relay of small messages', async () => {
    const world = createSessionWorld(2, { maxBodyBytes: 200 })
    const sessions = await world.openAll()
    expect(sessions[0]?.sessionId).toEqual(sessions[1]?.sessionId)
    await Promise.all(sessions.map(({ close }) => close()))
  })

  it('takes a second, other hello for what it is: its sender has started over', async () => {
    const world = createSessionWorld(3)
    const waiting = errorOf(openSession(world.options(0)))
    const first = new AbortController()
    const mute = createMemoryRelay({ hub: world.hub })
    // It dies without a word: its notice is lost.
    const dying: Relay = {
      ...mute,
      send: (mailbox, body, options) => (body[1] === KIND.gone ? Promise.resolve() : mute.send(mailbox, body, options)),
    }
    const dead = codeOf(openSession(world.options(1, { relay: dying }), { signal: first.signal }))
    await turns()
    first.abort(new Error('died'))
    await dead
    const again = codeOf(openSession(world.options(1, { entropy: createSeededEntropy('another life') })))
    const { code, details } = await world.drive(waiting)
    expect([code, details['party'], details['reason']]).toEqual(['session/gone', 2, 'restarted'])
    expect(await world.drive(again)).toBe('session/gone')
    expect(world.events.flat().filter(({ type }) => type === 'evidence')).toEqual([])
  })

  it('never gets two sessions of one id, whatever the setup', async () => {
    const ids = new Set<string>()
    for (const seed of ['a', 'b', 'c']) {
      // The same ceremony each time; the parties' own randomness makes the difference.
      const world = createSessionWorld(2, {
        seed,
        setup: { ceremonyId: new Uint8Array(32), keyId: new Uint8Array(), context: new Uint8Array() },
      })
      const [session] = await world.openAll()
      ids.add((session?.sessionId ?? []).join())
    }
    expect(ids.size).toBe(3)
  })

  it('is not held up by what strangers put into its mailboxes', async () => {
    const world = createSessionWorld(2, {
      relay: (_, inner) => ({
        ...inner,
        async send(mailbox, body, options) {
          await inner.send(mailbox, new Uint8Array(100).fill(7), options)
          await inner.send(mailbox, body.subarray(0, 40), options)
          // Its header is right, its content a stranger's.
          await inner.send(mailbox, body.with(60, (body[60] as number) ^ 1), options)
          await inner.send(mailbox, body, options)
        },
      }),
    })
    const outcomes = await world.drive(Promise.allSettled([0, 1].map((i) => openSession(world.options(i)))))
    expect(outcomes.map(outcomeOf)).toEqual(['ok', 'ok'])
    const reasons = new Set(world.events.flat().map((event) => (event.type === 'dropped' ? event.reason : event.type)))
    expect(reasons).toEqual(new Set(['malformed', 'unauthenticated']))
  })
})
