import { describe, expect, it } from 'vitest'
import { LocketError } from '../../../src/core/errors.ts'
import { createMemoryRelay } from '../../../src/relay/memory.ts'
import { messageId } from '../../../src/relay/message-id.ts'
import { openOutbox, type OpenOutboxOptions } from '../../../src/relay/outbox.ts'
import type { Relay } from '../../../src/relay/port.ts'
import { createTopic } from '../../../src/relay/topic.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { createFakeClock } from '../../../src/testkit/fake-clock.ts'
import { withFaults } from '../../../src/testkit/faults/with-faults.ts'

const box = (n: number) => new Uint8Array(32).fill(n)
const body = (n: number) => Uint8Array.of(n)

/** A relay that notes what it was sent, and fails as told. */
function recorder() {
  const sent: number[] = []
  const state: { error: unknown; underWay: number; most: number; gate: Promise<void> | undefined } = {
    error: undefined,
    underWay: 0,
    most: 0,
    gate: undefined,
  }
  const relay: Relay = {
    ...createMemoryRelay({ maxBodyBytes: 100 }),
    async send(_mailbox, bytes, options) {
      sent.push(bytes[0] as number)
      state.underWay += 1
      state.most = Math.max(state.most, state.underWay)
      await state.gate
      state.underWay -= 1
      options?.signal?.throwIfAborted()
      if (state.error !== undefined) throw state.error
    },
  }
  return { relay, sent, state }
}

async function opened(options: Partial<OpenOutboxOptions> = {}) {
  const clock = createFakeClock()
  const store = createMemoryStore()
  const { relay, sent, state } = recorder()
  const open = () => openOutbox({ store, relay, clock, ...options })
  return { clock, store, relay, sent, state, open, outbox: await open() }
}

describe('openOutbox', () => {
  it('sends a message again at growing intervals until it is settled', async () => {
    const { outbox, clock, sent } = await opened()
    const [id] = await outbox.add([{ mailbox: box(1), body: body(1) }])
    expect(id).toBe(messageId(body(1)))
    await clock.advance(0)
    expect(sent).toEqual([1])
    await clock.advance(4_999)
    expect(sent).toEqual([1])
    await clock.advance(1)
    expect(sent).toEqual([1, 1])
    await clock.advance(10_000)
    expect(sent).toEqual([1, 1, 1])
    await outbox.settled(box(1), id as string)
    await clock.advance(3_600_000)
    expect(sent).toEqual([1, 1, 1])
    expect(outbox.pending()).toEqual([])
  })

  it('never waits longer than its longest wait', async () => {
    const { outbox, clock, sent } = await opened({ resendAfterMs: 1_000, maxResendAfterMs: 2_000 })
    await outbox.add([{ mailbox: box(1), body: body(1) }])
    await clock.advance(0)
    await clock.advance(1_000 + 2_000 * 10)
    expect(sent).toHaveLength(12)
  })

  it('has everything in the store before anything is sent', async () => {
    const clock = createFakeClock()
    const events: string[] = []
    const { relay } = recorder()
    const inner = createMemoryStore()
    const store = {
      ...inner,
      async batch(...args: Parameters<typeof inner.batch>) {
        events.push(`batch of ${args[0].length}`)
        await inner.batch(...args)
        events.push('durable')
      },
    }
    const watched: Relay = {
      ...relay,
      async send(_mailbox, bytes) {
        events.push(`send ${bytes[0]}`)
      },
    }
    const outbox = await openOutbox({ store, relay: watched, clock })
    await outbox.add([1, 2].map((n) => ({ mailbox: box(n), body: body(n) })))
    await clock.advance(0)
    expect(events).toEqual(['batch of 2', 'durable', 'send 1', 'send 2'])
  })

  it('keeps and sends nothing when the store refuses', async () => {
    const clock = createFakeClock()
    const { relay, sent } = recorder()
    const refusal = new LocketError('store/quota', { operation: 'test' })
    const store = withFaults(createMemoryStore(), ({ method }) => (method === 'batch' ? { when: 'before', error: refusal } : undefined))
    const outbox = await openOutbox({ store, relay, clock })
    await expect(outbox.add([{ mailbox: box(1), body: body(1) }])).rejects.toMatchObject({ code: 'store/quota' })
    await clock.advance(600_000)
    expect(sent).toEqual([])
    expect(outbox.pending()).toEqual([])
  })

  it('goes on after a restart with what was not settled, oldest first', async () => {
    const { outbox, clock, sent, open } = await opened({ concurrency: 1 })
    const [first] = await outbox.add([{ mailbox: box(1), body: body(3) }])
    await clock.advance(1)
    await outbox.add([{ mailbox: box(1), body: body(2) }])
    await clock.advance(1)
    await outbox.add([{ mailbox: box(2), body: body(1) }])
    await outbox.settled(box(1), first as string)
    await outbox.close()
    sent.length = 0
    const again = await open()
    await clock.advance(0)
    expect(sent).toEqual([2, 1])
    expect(again.pending().map(({ id }) => id)).toEqual([messageId(body(2)), messageId(body(1))])
    expect(again.pending(box(2)).map(({ id }) => id)).toEqual([messageId(body(1))])
  })

  it('sends nothing after close', async () => {
    const { outbox, clock, sent } = await opened()
    await outbox.add([{ mailbox: box(1), body: body(1) }])
    await clock.advance(0)
    await outbox.close()
    await outbox.close()
    await clock.advance(600_000)
    expect(sent).toEqual([1])
    await expect(outbox.add([{ mailbox: box(1), body: body(1) }])).rejects.toMatchObject({ code: 'usage/closed' })
    await expect(outbox.settled(box(1), 'x')).rejects.toMatchObject({ code: 'usage/closed' })
  })

  it('reports a failed send and waits as long as the relay asks', async () => {
    const { outbox, clock, sent, state } = await opened()
    const codes: string[] = []
    outbox.on('failed', ({ error }) => codes.push((error as LocketError).code))
    const delivered: string[] = []
    outbox.on('sent', ({ id }) => delivered.push(id))
    state.error = new LocketError('relay/refused', { operation: 'test', details: { reason: 'rate', afterMs: 60_000 } })
    await outbox.add([{ mailbox: box(1), body: body(1) }])
    await clock.advance(0)
    await clock.advance(59_999)
    expect(sent).toEqual([1])
    state.error = undefined
    await clock.advance(1)
    expect(sent).toEqual([1, 1])
    expect(codes).toEqual(['relay/refused'])
    expect(delivered).toEqual([messageId(body(1))])
  })

  it('sends everything at once when told that the connection is back, and no more at a time than allowed', async () => {
    const { outbox, clock, sent, state } = await opened({ concurrency: 3 })
    await outbox.add(Array.from({ length: 10 }, (_, n) => ({ mailbox: box(1), body: body(n) })))
    await clock.advance(0)
    expect(sent).toHaveLength(10)
    outbox.resendNow()
    await clock.advance(0)
    expect(sent).toHaveLength(20)
    expect(state.most).toBe(3)
  })

  it('refuses what no relay would take', async () => {
    const { outbox } = await opened()
    const invalid = { code: 'usage/invalid-argument' }
    await expect(outbox.add([{ mailbox: box(1).subarray(1), body: body(1) }])).rejects.toMatchObject(invalid)
    await expect(outbox.add([{ mailbox: box(1), body: new Uint8Array() }])).rejects.toMatchObject(invalid)
    await expect(outbox.add([{ mailbox: box(1), body: body(1), ttlMs: -1 }])).rejects.toMatchObject(invalid)
    const oversize = [
      { mailbox: box(1), body: body(1) },
      { mailbox: box(1), body: new Uint8Array(101) },
    ]
    await expect(outbox.add(oversize)).rejects.toMatchObject({ code: 'relay/oversize' })
    expect(outbox.pending()).toEqual([])
  })

  it('leaves damaged records where they are, names them, and sends the others', async () => {
    const { outbox, store, clock, sent, open } = await opened()
    await outbox.add([1, 2, 3, 4].map((n) => ({ mailbox: box(1), body: body(n) })))
    await clock.advance(0)
    await outbox.close()
    const keys: string[] = []
    for await (const key of store.list('outbox/')) keys.push(key)
    const [short, version, flipped] = keys as [string, string, string]
    await store.put(short, ((await store.get(short)) as Uint8Array).subarray(0, 49))
    const changed = (await store.get(version)) as Uint8Array
    changed[0] = 2
    await store.put(version, changed)
    const altered = (await store.get(flipped)) as Uint8Array
    altered[altered.length - 1] = 77
    await store.put(flipped, altered)
    sent.length = 0
    const again = await open()
    await clock.advance(0)
    expect(again.damaged).toEqual([short, version, flipped])
    expect(sent).toHaveLength(1)
    expect(await store.get(short)).toBeDefined()
  })
})

describe('createTopic', () => {
  it('holds a message until every party has acknowledged it, over a restart', async () => {
    const { outbox, clock, sent, open } = await opened()
    const parties = new Map([
      ['ann', box(1)],
      ['ben', box(2)],
      ['cleo', box(3)],
    ])
    const topic = createTopic({ outbox, parties })
    const id = await topic.publish(body(5))
    await clock.advance(0)
    expect(sent).toEqual([5, 5, 5])
    await topic.acknowledged('ben', id)
    expect(topic.waitingFor(id)).toEqual(['ann', 'cleo'])
    await outbox.close()

    sent.length = 0
    const again = createTopic({ outbox: await open(), parties })
    expect(again.waitingFor(id)).toEqual(['ann', 'cleo'])
    await clock.advance(0)
    await clock.advance(5_000)
    expect(sent).toEqual([5, 5, 5, 5])
    await again.acknowledged('ann', id)
    await again.acknowledged('ann', id)
    await again.acknowledged('cleo', id)
    expect(again.waitingFor(id)).toEqual([])
  })

  it('does not know a party it was not given', async () => {
    const { outbox } = await opened()
    const topic = createTopic({ outbox, parties: new Map([['ann', box(1)]]) })
    await expect(topic.acknowledged('eve', messageId(body(1)))).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })
})
