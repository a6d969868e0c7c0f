import { describe, expect, it } from 'vitest'
import { LocketError } from '../../../src/core/errors.ts'
import { combineRelays, type RelayFailure } from '../../../src/relay/combine.ts'
import { createMemoryHub, createMemoryRelay } from '../../../src/relay/memory.ts'
import type { Relay } from '../../../src/relay/port.ts'
import { createFakeClock } from '../../../src/testkit/fake-clock.ts'

const mailbox = new Uint8Array(32).fill(1)
const body = (n: number) => Uint8Array.of(n)

/** A memory relay that can be switched off, and what it was asked. */
function switchable() {
  const hub = createMemoryHub()
  const inner = createMemoryRelay({ hub })
  const state = { isDown: false, sends: 0, receives: 0 }
  const down = () => new LocketError('relay/unreachable', { operation: 'test' })
  const relay: Relay = {
    ...inner,
    async send(...args) {
      state.sends += 1
      if (state.isDown) throw down()
      await inner.send(...args)
    },
    async *receive(...args) {
      state.receives += 1
      if (state.isDown) throw down()
      for await (const delivery of inner.receive(...args)) {
        yield delivery
        if (state.isDown) throw down()
      }
    },
  }
  return { relay, state, hub, peer: () => createMemoryRelay({ hub }) }
}

function combined(options: Partial<Parameters<typeof combineRelays>[0]> = {}) {
  const [a, b, c] = [switchable(), switchable(), switchable()]
  const failures: RelayFailure[] = []
  const clock = createFakeClock()
  const relay = combineRelays({
    relays: [
      { name: 'a', relay: a.relay },
      { name: 'b', relay: b.relay },
      { name: 'c', relay: c.relay },
    ],
    onFailure: (failure) => failures.push(failure),
    clock,
    ...options,
  })
  const heldBy = (which: typeof a) => which.hub.held.addressCount
  return { a, b, c, relay, failures, clock, heldBy }
}

describe('combineRelays, sending', () => {
  it('sends through all', async () => {
    const { relay, a, b, c, heldBy } = combined()
    await relay.send(mailbox, body(1))
    expect([a, b, c].map(heldBy)).toEqual([1, 1, 1])
  })

  it('reports one that fails and goes on with the others', async () => {
    const { relay, a, failures } = combined({ minAccepted: 2 })
    a.state.isDown = true
    await relay.send(mailbox, body(1))
    expect(failures).toMatchObject([{ name: 'a', operation: 'send', error: { code: 'relay/unreachable' } }])
  })

  it('sends through the first k, and through another where one of them fails', async () => {
    const { relay, a, b, c } = combined({ sendTo: 1 })
    await relay.send(mailbox, body(1))
    expect([a, b, c].map(({ state }) => state.sends)).toEqual([1, 0, 0])
    a.state.isDown = true
    await relay.send(mailbox, body(2))
    expect([a, b, c].map(({ state }) => state.sends)).toEqual([2, 1, 0])
  })

  it('rejects when too few took it over, naming what each did', async () => {
    const { relay, a, b } = combined({ minAccepted: 2 })
    a.state.isDown = true
    await b.relay.close()
    await expect(relay.send(mailbox, body(1))).rejects.toMatchObject({
      code: 'relay/unreachable',
      details: { relays: ['a: relay/unreachable', 'b: usage/closed'] },
    })
  })

  it('rejects as they did when all fail alike', async () => {
    const relay = combineRelays({ relays: [1, 2].map((n) => ({ name: `${n}`, relay: createMemoryRelay({ maxMessagesPerMailbox: 1 }) })) })
    await relay.send(mailbox, body(1))
    await expect(relay.send(mailbox, body(2))).rejects.toMatchObject({ code: 'relay/refused', details: { reason: 'mailbox-full' } })
  })
})

describe('combineRelays, receiving', () => {
  it('delivers once what several bring, and acknowledges it to all', async () => {
    const { relay, a, b, c, heldBy } = combined()
    await relay.send(mailbox, body(1))
    await relay.send(mailbox, body(2))
    const seen: number[] = []
    for await (const delivery of relay.receive(mailbox)) {
      seen.push(delivery.body[0] as number)
      if (seen.length === 1) await c.peer().send(mailbox, body(3))
      await delivery.acknowledge()
      if (seen.length === 3) break
    }
    expect(seen.sort()).toEqual([1, 2, 3])
    expect([a, b, c].map(heldBy)).toEqual([0, 0, 0])
  })

  it('acknowledges a copy that comes late', async () => {
    const { relay, a, b, heldBy } = combined()
    await a.peer().send(mailbox, body(1))
    const iterator = relay.receive(mailbox)[Symbol.asyncIterator]()
    await (await iterator.next()).value.acknowledge()
    await b.peer().send(mailbox, body(1))
    await b.peer().send(mailbox, body(2))
    const second = (await iterator.next()).value
    expect(second.body).toEqual(body(2))
    await second.acknowledge()
    expect([a, b].map(heldBy)).toEqual([0, 0])
  })

  it('goes on while one lives, and listens to the fallen one again', async () => {
    const { relay, a, b, failures, clock } = combined()
    a.state.isDown = true
    const iterator = relay.receive(mailbox)[Symbol.asyncIterator]()
    await b.peer().send(mailbox, body(1))
    expect((await iterator.next()).value.body).toEqual(body(1))
    expect(failures).toMatchObject([{ name: 'a', operation: 'receive' }])
    a.state.isDown = false
    await a.peer().send(mailbox, body(2))
    const next = iterator.next()
    await clock.advance(5_000)
    expect((await next).value.body).toEqual(body(2))
    expect(a.state.receives).toBe(2)
    await iterator.return?.()
  })

  it('fails when all have failed at once', async () => {
    const { relay, a, b, c, failures } = combined()
    for (const { state } of [a, b, c]) state.isDown = true
    await expect(relay.receive(mailbox)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'relay/unreachable' })
    expect(failures.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })

  it('does not let a listener of failures disturb it', async () => {
    const { relay, a } = combined({
      onFailure: () => {
        throw new Error('listener')
      },
    })
    a.state.isDown = true
    await relay.send(mailbox, body(1))
  })
})

it('has the features of the weakest', () => {
  const with_ = (features: Partial<Relay['features']>): Relay => {
    const relay = createMemoryRelay()
    return { ...relay, features: { ...relay.features, crossProcess: true, durable: true, ...features } }
  }
  const relays = [with_({ maxBodyBytes: 10 }), with_({ durable: false, maxBodyBytes: 20, forgetsAcknowledged: false })].map((relay, i) => ({
    name: `${i}`,
    relay,
  }))
  const weakest = { crossProcess: true, forgetsAcknowledged: false, maxBodyBytes: 10 }
  expect(combineRelays({ relays }).features).toEqual({ ...weakest, durable: false })
  expect(combineRelays({ relays, minAccepted: 2 }).features).toEqual({ ...weakest, durable: true })
})

it('refuses counts and names that do not fit', () => {
  const relays = [1, 2].map((n) => ({ name: `${n}`, relay: createMemoryRelay() }))
  const invalid = expect.objectContaining({ code: 'usage/invalid-argument' })
  expect(() => combineRelays({ relays: [] })).toThrow(invalid)
  expect(() => combineRelays({ relays: relays.map(({ relay }) => ({ name: 'same', relay })) })).toThrow(invalid)
  for (const sendTo of [0, 3, 1.5]) expect(() => combineRelays({ relays, sendTo })).toThrow(invalid)
  for (const minAccepted of [0, 3]) expect(() => combineRelays({ relays, minAccepted })).toThrow(invalid)
  expect(() => combineRelays({ relays, sendTo: 1, minAccepted: 2 })).toThrow(invalid)
})
