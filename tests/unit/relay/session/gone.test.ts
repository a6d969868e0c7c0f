import { describe, expect, it, vi } from 'vitest'
import { createMemoryStore } from '../../../../src/store/memory.ts'
import { KIND } from '../../../../src/relay/session/frame.ts'
import { openSession } from '../../../../src/relay/session/open-session.ts'
import { createMemoryRelay } from '../../../../src/relay/memory.ts'
import type { Session } from '../../../../src/relay/session/types.ts'
import { codeOf, errorOf } from '../../../helpers/code-of.ts'
import { createSessionWorld, MINUTE_MS, turns } from '../../../helpers/session-world.ts'

vi.mock('@noble/curves/ed25519.js', () => import('../../../helpers/toy-curves.ts'))

async function keysOf(store: ReturnType<typeof createMemoryStore>) {
  const keys: string[] = []
  for await (const key of store.list('')) keys.push(key)
  return keys
}

describe('a ceremony whose process died', () => {
  it('is refused when it is opened again, and the others are told', async () => {
    const world = createSessionWorld(3)
    const store = createMemoryStore()
    // A crash says nothing.
    const crashing = createMemoryRelay({ hub: world.hub })
    const mute = {
      ...crashing,
      send: (...given: Parameters<typeof crashing.send>) => (given[1][1] === KIND.gone ? Promise.resolve() : crashing.send(...given)),
    }
    const sessions = await world.openAll((i) => (i === 1 ? { store, relay: mute } : {}))
    const waiting = [0, 2].map((i) => errorOf((sessions[i] as Session).exchange({ round: 1 })))
    await sessions[1]?.close()
    const error = await errorOf(openSession(world.options(1, { store })))
    expect([error.code, error.details]).toEqual(['session/spent', { state: 'begun' }])
    for (const { code, details } of await world.drive(Promise.all(waiting))) {
      expect([code, details]).toEqual(['session/gone', expect.objectContaining({ reason: expect.stringMatching(/restarted|failed/) })])
    }
    expect(world.clock.sleeperCount).toBe(0)
    // And again, for ever.
    expect(await codeOf(openSession(world.options(1, { store })))).toBe('session/spent')
  })

  it('is refused as finished once it was, and then nobody is told anything', async () => {
    const world = createSessionWorld(2)
    const store = createMemoryStore()
    const sessions = await world.openAll((i) => (i === 1 ? { store } : {}))
    await world.drive(Promise.all(sessions.map(({ finish }) => finish())))
    const held = world.hub.held.addressCount
    const error = await errorOf(openSession(world.options(1, { store })))
    expect([error.code, error.details]).toEqual(['session/spent', { state: 'finished' }])
    await turns()
    expect(world.hub.held.addressCount).toBe(held)
    await Promise.all(sessions.map(({ close }) => close()))
  })

  it('is known by a record that holds no secret and goes away long after the deadline', async () => {
    const store = createMemoryStore()
    const world = createSessionWorld(2, { seed: 'old' })
    const sessions = await world.openAll((i) => (i === 0 ? { store } : {}))
    await Promise.all(sessions.map(({ close }) => close()))
    const [key] = await keysOf(store)
    expect(key).toMatch(/^session\/[0-9a-f]{64}$/)
    expect((await store.get(key as string))?.length).toBe(10)

    const next = createSessionWorld(2, { seed: 'next' })
    await next.clock.advance(9 * MINUTE_MS)
    await Promise.all((await next.openAll((i) => (i === 0 ? { store } : {}))).map(({ close }) => close()))
    expect(await keysOf(store)).toHaveLength(2)

    const later = createSessionWorld(2, { seed: 'later', minutes: 20 * 24 * 60 })
    await later.clock.advance(8 * 24 * 60 * MINUTE_MS)
    await Promise.all((await later.openAll((i) => (i === 0 ? { store } : {}))).map(({ close }) => close()))
    expect(await keysOf(store)).toHaveLength(1)
  })

  it('is refused on a damaged record too, and nothing is sent when the store fails', async () => {
    const world = createSessionWorld(2)
    const store = createMemoryStore()
    await Promise.all((await world.openAll((i) => (i === 0 ? { store } : {}))).map(({ close }) => close()))
    const [key] = (await keysOf(store)) as [string]
    await store.put(key, Uint8Array.of(1))
    expect(await codeOf(openSession(world.options(0, { store })))).toBe('session/spent')

    const fresh = createSessionWorld(2, { seed: 'fresh' })
    await store.close()
    expect(await codeOf(openSession(fresh.options(0, { store })))).toBe('usage/closed')
    expect(fresh.hub.held.addressCount).toBe(0)
  })

  it('that finished stays finished though the store fails to say so', async () => {
    const world = createSessionWorld(2)
    const store = createMemoryStore()
    const sessions = await world.openAll((i) => (i === 0 ? { store } : {}))
    await store.close()
    await world.drive(Promise.all(sessions.map(({ finish }) => finish())))
    expect(world.events[0]?.map((event) => (event.type === 'trouble' ? event.operation : event.type))).toEqual(['store'])
    await Promise.all(sessions.map(({ close }) => close()))
  })
})
