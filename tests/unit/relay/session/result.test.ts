import { describe, expect, it, vi } from 'vitest'
import { equalBytes, utf8 } from '../../../../src/core/bytes.ts'
import { createMemoryRelay } from '../../../../src/relay/memory.ts'
import type { Relay } from '../../../../src/relay/port.ts'
import { fetchResult } from '../../../../src/relay/session/fetch-result.ts'
import { padMessage } from '../../../../src/relay/session/compose.ts'
import { KIND, sealSingle } from '../../../../src/relay/session/frame.ts'
import { encodeResult } from '../../../../src/relay/session/result.ts'
import { setupHash } from '../../../../src/relay/session/setup.ts'
import { deriveLanes } from '../../../../src/relay/session/lanes.ts'
import { openSession } from '../../../../src/relay/session/open-session.ts'
import { MAX_RESULT_BYTES } from '../../../../src/relay/session/session.ts'
import type { Session } from '../../../../src/relay/session/types.ts'
import { withRelayFaults } from '../../../../src/testkit/faults/with-relay-faults.ts'
import { createSeededEntropy } from '../../../../src/testkit/seeded-entropy.ts'
import { codeOf, errorOf } from '../../../helpers/code-of.ts'
import { createSessionWorld, identityAt, turns, type SessionWorld } from '../../../helpers/session-world.ts'

vi.mock('@noble/curves/ed25519.js', () => import('../../../helpers/toy-curves.ts'))

const signature = utf8('a finished signature')
const verify = ({ result }: { readonly result: Uint8Array }) => equalBytes(result, signature)

const fetchAs = (world: SessionWorld, position: number, changes: object = {}, abort?: { signal: AbortSignal }) =>
  fetchResult({ ...world.options(position), verify, ...changes }, abort)

describe('a published result', () => {
  it('is there for a device that died before the end, after everybody else has gone', async () => {
    const world = createSessionWorld(3)
    const sessions = await world.openAll()
    const [first] = sessions as unknown as readonly [Session]
    await world.drive(first.publishResult(signature))
    await Promise.all(sessions.map(({ close }) => close()))
    await world.clock.advance(60_000)
    const published = await world.drive(fetchAs(world, 2))
    expect(published).toEqual({ result: signature, sessionId: first.sessionId, party: 1 })
    // A crash before it was kept: it is still there.
    expect((await world.drive(fetchAs(world, 2))).result).toEqual(signature)
    expect((await world.drive(fetchAs(world, 1))).party).toBe(1)
    expect(world.clock.sleeperCount).toBe(0)
  })

  it('is what passes the check, whoever else publishes what does not', async () => {
    const world = createSessionWorld(3)
    const [first, second] = (await world.openAll()) as unknown as readonly [Session, Session]
    await world.drive(Promise.all([first.publishResult(utf8('wrong')), second.publishResult(signature)]))
    expect((await world.drive(fetchAs(world, 2))).party).toBe(2)
    const never = () => Promise.reject(new Error('cannot tell'))
    expect(await world.drive(codeOf(fetchAs(world, 2, { verify: never })))).toBe('session/timeout')
    expect(world.clock.nowMs()).toBe(world.setup.expiresAtMs)
    expect(await codeOf(fetchAs(world, 2))).toBe('session/expired')
  })

  it('arrives over a relay that loses most of what it is given, and is not sent for ever', async () => {
    let sentCount = 0
    const counted = (inner: Relay): Relay => ({
      ...inner,
      send(...given) {
        if (given[1][1] === KIND.result) sentCount++
        return inner.send(...given)
      },
    })
    const lossy = (seed: string) => ({ seed, drop: 0.6, tamper: 0.1, duplicate: 0.3 })
    const world = createSessionWorld(2, {
      minutes: 60,
      relay: (position, inner, clock) => counted(withRelayFaults(inner, { ...lossy(`result ${position}`), clock })),
    })
    const [first, second] = (await world.openAll()) as unknown as readonly [Session, Session]
    await world.drive(Promise.all([first.finish(), second.finish()]))
    const published = first.publishResult(signature)
    expect((await world.drive(fetchAs(world, 1))).result).toEqual(signature)
    await world.drive(published)
    // The session does not wait for whoever fetches nothing.
    expect(await world.drive(first.settled())).toEqual([])
    // Nor is it sent any longer once a fetch's acknowledgement has come through.
    let before = -1
    for (let i = 0; before !== sentCount; i++) {
      before = sentCount
      const relay = withRelayFaults(createMemoryRelay({ hub: world.hub }), { ...lossy(`fetch ${i}`), clock: world.clock })
      await world.drive(fetchAs(world, 1, { relay, entropy: createSeededEntropy(`fetch ${i}`) }))
      await world.clock.advance(40_000)
    }
    expect(sentCount).toBeGreaterThan(1)
    expect(world.clock.nowMs()).toBeLessThan(world.setup.expiresAtMs)
    await Promise.all([first.close(), second.close()])
    await turns()
    expect(world.clock.sleeperCount).toBe(0)
  })

  it('of another ceremony, of nobody, or damaged is passed over', async () => {
    const world = createSessionWorld(2)
    const other = createSessionWorld(2, { seed: 'other' })
    const sent: { readonly kind: number; readonly body: Uint8Array }[] = []
    const keep = (inner: Relay): Relay => ({
      ...inner,
      send(mailbox, body, options) {
        sent.push({ kind: body[1] as number, body: body.slice() })
        return inner.send(mailbox, body, options)
      },
    })
    const sessions = await other.openAll(() => ({ relay: keep(createMemoryRelay({ hub: other.hub })) }))
    await other.drive((sessions[0] as Session).publishResult(signature))
    const { in: lane } = deriveLanes({
      identity: world.identities[1] as never,
      other: world.identities[0]?.card as never,
      ceremonyId: world.setup.ceremonyId,
    })
    const relay = createMemoryRelay({ hub: world.hub })
    for (const { body } of sent.filter(({ kind }) => kind === KIND.result)) await relay.send(lane.resultMailbox, body)
    await relay.send(lane.resultMailbox, utf8('junk'))
    expect(await world.drive(codeOf(fetchAs(world, 1)))).toBe('session/timeout')
    await Promise.all(sessions.map(({ close }) => close()))
  })

  it('that its party did not sign, or signed for another setup or as another, is passed over', async () => {
    const world = createSessionWorld(2)
    const [one, two] = [identityAt(0), identityAt(1)]
    const { out } = deriveLanes({ identity: one, other: two.card, ceremonyId: world.setup.ceremonyId })
    const right = { context: setupHash(world.setup), sessionId: new Uint8Array(32), party: 1, result: signature }
    const forgeries = [
      encodeResult(right, (body) => two.sign('result', body)),
      encodeResult(right, (body) => one.sign('notice', body)),
      encodeResult({ ...right, party: 2 }, (body) => one.sign('result', body)),
      encodeResult({ ...right, context: setupHash({ ...world.setup, epoch: 9 }) }, (body) => one.sign('result', body)),
    ]
    const relay = createMemoryRelay({ hub: world.hub })
    const entropy = createSeededEntropy('forger')
    for (const content of forgeries) await relay.send(out.resultMailbox, sealSingle(out, KIND.result, padMessage(content), entropy))
    const asNotice = encodeResult(right, (body) => one.sign('result', body))
    await relay.send(out.resultMailbox, sealSingle(out, KIND.gone, padMessage(asNotice), entropy))
    expect(await world.drive(codeOf(fetchAs(world, 1)))).toBe('session/timeout')
    // As it should be, it is taken.
    const again = createSessionWorld(2)
    await createMemoryRelay({ hub: again.hub }).send(out.resultMailbox, sealSingle(out, KIND.result, padMessage(asNotice), entropy))
    expect((await again.drive(fetchAs(again, 1))).result).toEqual(signature)
  })

  it('is refused above its limit, and by a session that is over', async () => {
    const world = createSessionWorld(2)
    const [first, second] = (await world.openAll()) as unknown as readonly [Session, Session]
    expect(await codeOf(first.publishResult(new Uint8Array(MAX_RESULT_BYTES + 1)))).toBe('codec/too-large')
    expect(await codeOf(first.publishResult(signature, { signal: AbortSignal.abort(new Error('no')) }))).toBe('no')
    await second.close()
    await turns()
    expect(await codeOf(first.publishResult(signature))).toBe('session/gone')
  })

  it('waits for the relay to take it, and stops waiting when the session ends', async () => {
    const world = createSessionWorld(2)
    let isDown = false
    const relay = createMemoryRelay({ hub: world.hub })
    const flaky: Relay = { ...relay, send: (...given) => (isDown ? Promise.reject(new Error('down')) : relay.send(...given)) }
    const [first, second] = (await world.openAll((i) => (i === 0 ? { relay: flaky } : {}))) as unknown as readonly [Session, Session]
    isDown = true
    const abort = new AbortController()
    const waiting = codeOf(first.publishResult(signature, { signal: abort.signal }))
    const other = codeOf(first.publishResult(signature))
    await world.clock.advance(10_000)
    abort.abort(new Error('enough'))
    expect(await waiting).toBe('enough')
    await first.close()
    expect(await other).toBe('usage/closed')
    await second.close()
  })

  it('is waited for through aborts, troubles and the end of the relay', async () => {
    const world = createSessionWorld(2)
    const abort = new AbortController()
    const waiting = codeOf(fetchAs(world, 1, {}, { signal: abort.signal }))
    await turns()
    abort.abort(new Error('not now'))
    expect(await waiting).toBe('not now')
    const relay = createMemoryRelay({ hub: world.hub })
    let isDown = true
    const flaky: Relay = {
      ...relay,
      receive(...given) {
        if (isDown) throw new Error('down')
        return relay.receive(...given)
      },
    }
    const over = errorOf(fetchAs(world, 1, { relay: flaky }))
    await world.clock.advance(5_000)
    isDown = false
    await world.clock.advance(5_000)
    await relay.close()
    expect((await world.drive(over)).code).toBe('usage/closed')
    await turns()
    expect(world.clock.sleeperCount).toBe(0)
    expect(await codeOf(openSession(world.options(0), { signal: AbortSignal.abort(new Error('x')) }))).toBe('x')
  })
})
