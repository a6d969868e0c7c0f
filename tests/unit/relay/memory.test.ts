import { expect, it } from 'vitest'
import { createMemoryHub, createMemoryRelay } from '../../../src/relay/memory.ts'
import { createFakeClock } from '../../../src/testkit/fake-clock.ts'

const mailbox = new Uint8Array(32).fill(1)

it('refuses a message for a full mailbox until there is room', async () => {
  const clock = createFakeClock()
  const relay = createMemoryRelay({ hub: createMemoryHub({ clock }), maxMessagesPerMailbox: 2 })
  await relay.send(mailbox, Uint8Array.of(1), { ttlMs: 1_000 })
  await relay.send(mailbox, Uint8Array.of(2))
  await expect(relay.send(mailbox, Uint8Array.of(3))).rejects.toMatchObject({ code: 'relay/refused', details: { reason: 'mailbox-full' } })
  await relay.send(mailbox.slice().fill(2), Uint8Array.of(3))
  await clock.advance(1_000)
  await relay.send(mailbox, Uint8Array.of(3))
})

it('takes a held message again however full the mailbox is', async () => {
  const relay = createMemoryRelay({ maxMessagesPerMailbox: 1 })
  await relay.send(mailbox, Uint8Array.of(1))
  await relay.send(mailbox, Uint8Array.of(1))
})

it('refuses what is above the limit it was given', async () => {
  const relay = createMemoryRelay({ maxBodyBytes: 3 })
  await expect(relay.send(mailbox, new Uint8Array(4))).rejects.toMatchObject({ code: 'relay/oversize', details: { limitBytes: 3 } })
})

it('shares nothing between two hubs', async () => {
  const [a, b] = [createMemoryRelay(), createMemoryRelay()]
  await a.send(mailbox, Uint8Array.of(1))
  await b.send(mailbox, Uint8Array.of(2))
  for await (const { body } of b.receive(mailbox)) {
    expect(body).toEqual(Uint8Array.of(2))
    break
  }
})

it('drops expired messages of mailboxes nobody looks into', async () => {
  const clock = createFakeClock()
  const hub = createMemoryHub({ clock })
  const relay = createMemoryRelay({ hub })
  await relay.send(mailbox, Uint8Array.of(1), { ttlMs: 1_000 })
  await clock.advance(60_000)
  await relay.send(mailbox.slice().fill(2), Uint8Array.of(1))
  expect(hub.held.addressCount).toBe(1)
})
