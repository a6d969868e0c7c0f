import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { messageId } from '../../relay/message-id.ts'
import type { Delivery, Mailbox, Relay } from '../../relay/port.ts'

/** One relay that clients can be opened to. */
export type RelayBench = {
  /** Another client of the same relay. The suite closes it. */
  open(): Promise<Relay>
  /** Ends what is behind the clients as harshly as can be, and starts it again with what it had on disk. Only for relays that claim to be durable. */
  restart?(): Promise<void>
  /** Lets time pass for clients and relay. */
  advance?(ms: number): Promise<void>
  /** Runs after the last close. */
  dispose?(): Promise<void>
}

export type RelayContractOptions = {
  /** Runs of the model test. Default 20. */
  readonly modelRuns?: number | undefined
  /** Messages of the test with many. Default 200. */
  readonly manyCount?: number | undefined
}

/**
 * What an adapter must pass to call itself a `Relay`, over an honest relay. Call it at the
 * top of a test file, in the environment the adapter is for.
 *
 * @param setup - Gives an empty bench for each test.
 */
export function relayContract(name: string, setup: () => Promise<RelayBench>, options: RelayContractOptions = {}): void {
  const { modelRuns = 20, manyCount = 200 } = options

  describe(`Relay contract: ${name}`, () => {
    const benches: { bench: RelayBench; opened: Relay[] }[] = []

    const fresh = async () => {
      const entry = { bench: await setup(), opened: [] as Relay[] }
      benches.push(entry)
      const open = async () => {
        const relay = await entry.bench.open()
        entry.opened.push(relay)
        return relay
      }
      return { bench: entry.bench, open, alice: await open(), bob: await open() }
    }

    afterEach(async () => {
      for (const { bench, opened } of benches.splice(0)) {
        for (const relay of opened) await relay.close()
        await bench.dispose?.()
      }
    })

    it('carries a message from one client to another, byte for byte', async () => {
      const { alice, bob } = await fresh()
      const body = Uint8Array.from({ length: 256 }, (_, i) => i)
      const receiving = take(bob, box(1), 1)
      await alice.send(box(1), body)
      const [delivery] = await receiving
      expect(delivery?.body).toEqual(body)
      expect(delivery?.id).toBe(messageId(body))
    })

    it('holds a message for a reader that comes later', async () => {
      const { alice, bob } = await fresh()
      await alice.send(box(1), bytes(1))
      await alice.send(box(1), bytes(2))
      expect(bodies(await take(bob, box(1), 2))).toEqual([[1], [2]])
    })

    it('delivers again what was not acknowledged, and not what was', async () => {
      const { alice, bob, open } = await fresh()
      await alice.send(box(1), bytes(1))
      await alice.send(box(1), bytes(2))
      for (const delivery of await take(bob, box(1), 2)) if (delivery.body[0] === 1) await delivery.acknowledge()
      await alice.send(box(1), bytes(3))
      if (bob.features.forgetsAcknowledged) return expect(bodies(await take(await open(), box(1), 2))).toEqual([[2], [3]])
      const seen = new Set<number>()
      for await (const { body } of (await open()).receive(box(1))) if (seen.add(body[0] as number).has(2) && seen.has(3)) break
      expect([...seen].filter((value) => value > 3)).toEqual([])
    })

    it('takes an acknowledgement twice', async () => {
      const { alice, bob } = await fresh()
      await alice.send(box(1), bytes(1))
      const [delivery] = await take(bob, box(1), 1)
      await delivery?.acknowledge()
      await delivery?.acknowledge()
    })

    it('delivers again what is sent again after it was acknowledged', async () => {
      const { alice, bob } = await fresh()
      await alice.send(box(1), bytes(1))
      const reader = bob.receive(box(1))[Symbol.asyncIterator]()
      await (await reader.next()).value.acknowledge()
      await alice.send(box(1), bytes(1))
      expect((await reader.next()).value.body).toEqual(bytes(1))
      await reader.return?.()
    })

    it('keeps mailboxes apart', async () => {
      const { alice, bob } = await fresh()
      await alice.send(box(1), bytes(1))
      await alice.send(box(2), bytes(2))
      expect(bodies(await take(bob, box(2), 1))).toEqual([[2]])
      expect(bodies(await take(bob, box(1), 1))).toEqual([[1]])
    })

    it('delivers to a mailbox whose reader is the sender', async () => {
      const { alice } = await fresh()
      await alice.send(box(1), bytes(7))
      expect(bodies(await take(alice, box(1), 1))).toEqual([[7]])
    })

    it('does not hold the same body twice', async () => {
      const { alice, bob, open } = await fresh()
      await alice.send(box(1), bytes(1))
      await bob.send(box(1), bytes(1))
      await alice.send(box(1), bytes(1))
      await alice.send(box(1), bytes(2))
      expect(bodies(await take(await open(), box(1), 2))).toEqual([[1], [2]])
    })

    it('copies bodies and mailboxes in and bodies out', async () => {
      const { alice, bob } = await fresh()
      const [body, mailbox] = [bytes(1, 2, 3), box(1)]
      const sending = alice.send(mailbox, body)
      body.fill(9)
      mailbox.fill(9)
      await sending
      const reading = box(1)
      const receiving = take(bob, reading, 1)
      reading.fill(9)
      const [delivery] = await receiving
      expect(delivery?.body).toEqual(bytes(1, 2, 3))
      delivery?.body.fill(9)
      expect(bodies(await take(bob, box(1), 1))).toEqual([[1, 2, 3]])
    })

    it('carries the largest body and refuses a larger one, an empty one and a wrong mailbox', async () => {
      const { alice, bob } = await fresh()
      const { maxBodyBytes } = alice.features
      const largest = new Uint8Array(maxBodyBytes)
      for (let i = 0; i < largest.length; i += 997) largest[i] = i & 255
      await alice.send(box(1), largest)
      const [delivery] = await take(bob, box(1), 1)
      expect(delivery?.id).toBe(messageId(largest))
      await expect(alice.send(box(1), new Uint8Array(maxBodyBytes + 1))).rejects.toMatchObject({
        code: 'relay/oversize',
        details: { limitBytes: maxBodyBytes },
      })
      const invalid = { code: 'usage/invalid-argument' }
      await expect(alice.send(box(1), bytes())).rejects.toMatchObject(invalid)
      await expect(alice.send(new Uint8Array(31), bytes(1))).rejects.toMatchObject(invalid)
      await expect(alice.send(box(1), bytes(1), { ttlMs: 0 })).rejects.toMatchObject(invalid)
      await expect(alice.send(box(1), bytes(1), { ttlMs: Number.NaN })).rejects.toMatchObject(invalid)
      expect(() => bob.receive(new Uint8Array(33))).toThrow(expect.objectContaining(invalid))
    })

    it('delivers everything to a slow reader, from many sends at once', async () => {
      const { alice, bob, open } = await fresh()
      const carol = await open()
      const sends = Array.from({ length: manyCount }, (_, i) => (i % 2 ? alice : carol).send(box(1), bytes(i & 255, i >> 8)))
      const seen = new Set<string>()
      for await (const delivery of bob.receive(box(1))) {
        await Promise.resolve()
        seen.add(delivery.id)
        await delivery.acknowledge()
        if (seen.size === manyCount) break
      }
      await Promise.all(sends)
      expect(seen.size).toBe(manyCount)
    })

    it('brings each message to at least one of two readers', async () => {
      const { alice, bob, open } = await fresh()
      const carol = await open()
      const seen = new Set<string>()
      const abort = new AbortController()
      const read = async (relay: Relay) => {
        for await (const delivery of relay.receive(box(1), { signal: abort.signal })) {
          seen.add(delivery.id)
          if (seen.size === 20) abort.abort(done)
        }
      }
      const readers = Promise.allSettled([read(bob), read(carol)])
      for (let i = 0; i < 20; i++) await alice.send(box(1), bytes(i))
      for (const outcome of await readers) expect(outcome).toMatchObject({ status: 'rejected', reason: done })
      expect(seen.size).toBe(20)
    })

    it('rejects with the reason of an aborted signal', async () => {
      const { alice, bob } = await fresh()
      const reason = new Error('changed my mind')
      const aborted = { signal: AbortSignal.abort(reason) }
      await expect(alice.send(box(1), bytes(1), aborted)).rejects.toBe(reason)
      await expect(take(bob, box(1), 1, aborted)).rejects.toBe(reason)
      const abort = new AbortController()
      const waiting = take(bob, box(1), 1, { signal: abort.signal })
      abort.abort(reason)
      await expect(waiting).rejects.toBe(reason)
    })

    it('lets a loop be left while it waits', async () => {
      const { bob } = await fresh()
      const iterator = bob.receive(box(1))[Symbol.asyncIterator]()
      const waiting = iterator.next()
      expect(await iterator.return?.()).toMatchObject({ done: true })
      expect(await waiting).toMatchObject({ done: true })
      expect(await iterator.next()).toMatchObject({ done: true })
    })

    it('is closed after close, which may be repeated, and keeps what it took over', async () => {
      const { alice, bob, open } = await fresh()
      await alice.send(box(2), bytes(1))
      const waiting = take(alice, box(1), 1)
      // The loop has begun to wait.
      await alice.send(box(3), bytes(1))
      await alice.close()
      await alice.close()
      expect(await waiting).toEqual([])
      const closed = { code: 'usage/closed' }
      await expect(alice.send(box(1), bytes(1))).rejects.toMatchObject(closed)
      await expect(take(alice, box(1), 1)).rejects.toMatchObject(closed)
      expect(bob.features).toEqual(alice.features)
      if (!alice.features.durable) return
      expect(bodies(await take(await open(), box(2), 1))).toEqual([[1]])
    })

    it('forgets a message when its time to live has passed', async () => {
      const { alice, bob, bench } = await fresh()
      if (bench.advance === undefined) return expect(bench).not.toHaveProperty('advance')
      await alice.send(box(1), bytes(1), { ttlMs: 10_000 })
      await alice.send(box(1), bytes(2), { ttlMs: 600_000 })
      await bench.advance(10_000)
      expect(bodies(await take(bob, box(1), 1))).toEqual([[2]])
    })

    it('has what it took over after a restart, and a reader that was there goes on', async () => {
      const { alice, bob, bench } = await fresh()
      if (!alice.features.durable || bench.restart === undefined) return expect(alice.features.durable && bench.restart).toBeFalsy()
      await alice.send(box(1), bytes(1))
      const reader = bob.receive(box(1))[Symbol.asyncIterator]()
      expect((await reader.next()).value.body).toEqual(bytes(1))
      await bench.restart()
      await alice.send(box(1), bytes(2))
      const seen: number[] = []
      while (!seen.includes(2)) seen.push((await reader.next()).value.body[0])
      await reader.return?.()
      expect(bodies(await take(bob, box(1), 2))).toEqual([[1], [2]])
    })

    it('delivers in the end exactly what was sent and not acknowledged, whatever the sequence of calls', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { maxLength: 15 }), async (steps) => {
          const { alice, bob, open } = await fresh()
          const held = [new Map<number, number[]>(), new Map<number, number[]>()]
          for (const { mailbox, value, acknowledge } of steps) {
            const expected = held[mailbox] as Map<number, number[]>
            if (acknowledge && bob.features.forgetsAcknowledged && expected.size > 0) {
              for (const delivery of await take(bob, box(mailbox), expected.size)) {
                const [first] = delivery.body as unknown as [number]
                expect(expected.has(first)).toBe(true)
                if (first !== value) continue
                await delivery.acknowledge()
                expected.delete(first)
              }
            } else if (!acknowledge) {
              await alice.send(box(mailbox), bytes(value))
              expected.set(value, [value])
            }
          }
          const reader = await open()
          for (const mailbox of [0, 1]) {
            const expected = [...(held[mailbox] as Map<number, number[]>).values()].sort(byFirst)
            expect(bodies(await take(reader, box(mailbox), expected.length))).toEqual(expected)
          }
        }),
        { numRuns: modelRuns },
      )
    })
  })
}

const done = new Error('all seen')

const anyStep = fc.record({ mailbox: fc.constantFrom(0, 1), value: fc.integer({ min: 0, max: 7 }), acknowledge: fc.boolean() })

function box(n: number): Mailbox {
  return new Uint8Array(32).fill(n)
}

function bytes(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values)
}

/** The first `count` distinct messages. */
async function take(relay: Relay, mailbox: Mailbox, count: number, options?: { readonly signal: AbortSignal }): Promise<Delivery[]> {
  const seen = new Map<string, Delivery>()
  if (count === 0) return []
  for await (const delivery of relay.receive(mailbox, options)) {
    if (seen.has(delivery.id)) continue
    seen.set(delivery.id, delivery)
    if (seen.size === count) break
  }
  return Array.from(seen.values())
}

function byFirst(a: readonly number[], b: readonly number[]): number {
  return (a[0] as number) - (b[0] as number)
}

function bodies(deliveries: readonly Delivery[]): number[][] {
  return deliveries.map(({ body }) => [...body]).sort(byFirst)
}
