import { expect, it } from 'vitest'
import { utf8 } from '../../../src/core/bytes.ts'
import { createMemoryHub, createMemoryRelay } from '../../../src/relay/memory.ts'
import { openOutbox } from '../../../src/relay/outbox.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { createFakeClock, createPrivacyRecorder, withRelayFaults, type RelayFaultPlan } from '../../../src/testkit/index.ts'

const mailbox = new Uint8Array(32).fill(1)

/** What 100 messages look like to a reader behind `plan`, in the order they come. */
async function through(plan: Omit<RelayFaultPlan, 'clock'>): Promise<string[]> {
  const clock = createFakeClock()
  const relay = withRelayFaults(createMemoryRelay({ hub: createMemoryHub({ clock }) }), { clock, ...plan })
  const seen: string[] = []
  const abort = new AbortController()
  const reading = (async () => {
    for await (const { body } of relay.receive(mailbox, { signal: abort.signal })) seen.push(body.join(','))
  })()
  for (let n = 0; n < 100; n++) await relay.send(mailbox, Uint8Array.of(n, 7))
  await clock.advance(60_000)
  abort.abort('enough')
  await reading.catch(() => {})
  return seen
}

const all = Array.from({ length: 100 }, (_, n) => `${n},7`)

it('changes nothing without a plan', async () => {
  expect(await through({ seed: 1 })).toEqual(all)
})

it('drops, duplicates, reorders and alters about as often as told, each alone', async () => {
  const dropped = await through({ seed: 1, drop: 0.2 })
  expect(dropped.length).toBeGreaterThan(65)
  expect(dropped.length).toBeLessThan(95)
  expect(dropped).toEqual(all.filter((each) => dropped.includes(each)))

  const duplicated = await through({ seed: 1, duplicate: 0.2 })
  expect(duplicated.length).toBeGreaterThan(105)
  expect(new Set(duplicated).size).toBe(100)

  for (const plan of [{ reorder: 0.5 }, { delayMs: 30_000 }]) {
    const reordered = await through({ seed: 1, ...plan })
    expect(reordered).not.toEqual(all)
    expect(reordered.toSorted()).toEqual(all.toSorted())
  }

  const altered = await through({ seed: 1, tamper: 0.2 })
  expect(altered).toHaveLength(100)
  const strange = altered.filter((each) => !all.includes(each))
  expect(strange.length).toBeGreaterThan(2)
})

it('does the same again for the same seed, and something else for another', async () => {
  const plan = { drop: 0.2, duplicate: 0.2, reorder: 0.5, delayMs: 30_000, tamper: 0.05 }
  const first = await through({ seed: 1, ...plan })
  expect(await through({ seed: 1, ...plan })).toEqual(first)
  expect(await through({ seed: 2, ...plan })).not.toEqual(first)
})

it.each([1, 2, 3, 4, 5, 6, 7, 8])('loses nothing that an outbox holds, seed %i', async (seed) => {
  const clock = createFakeClock()
  const relay = withRelayFaults(createMemoryRelay({ hub: createMemoryHub({ clock }) }), {
    clock,
    seed,
    drop: 0.2,
    duplicate: 0.2,
    reorder: 0.5,
    delayMs: 30_000,
    tamper: 0.05,
  })
  const outbox = await openOutbox({ store: createMemoryStore(), relay, clock })
  const abort = new AbortController()
  const received = new Set<number>()
  const reading = (async () => {
    for await (const { id, body, acknowledge } of relay.receive(mailbox, { signal: abort.signal })) {
      await acknowledge()
      // Stands for what the layer above authenticates: an altered body is none of ours.
      if (body[1] !== 7 || (body[0] as number) >= 50) continue
      received.add(body[0] as number)
      await outbox.settled(mailbox, id)
    }
  })()
  await outbox.add(Array.from({ length: 50 }, (_, n) => ({ mailbox, body: Uint8Array.of(n, 7) })))
  for (let i = 0; i < 1_000 && outbox.pending().length > 0; i++) await clock.advance(10_000)
  abort.abort('enough')
  await reading.catch(() => {})
  expect(outbox.pending(), `seed ${seed}`).toEqual([])
  expect(received.size).toBe(50)
})

it('records what a relay carried, both ways', async () => {
  const recorder = createPrivacyRecorder()
  const relay = recorder.watchRelay(createMemoryRelay(), 'test')
  await relay.send(mailbox, utf8('sealed bytes'))
  for await (const { acknowledge } of relay.receive(mailbox)) {
    await acknowledge()
    break
  }
  expect(recorder.crossings.map(({ channel }) => channel)).toEqual(['test send', 'test receive'])
  recorder.expectNoPlaintext(['Allergic to peanuts'])
  expect(recorder.findPlaintext(['sealed bytes'])).toHaveLength(2)
})
