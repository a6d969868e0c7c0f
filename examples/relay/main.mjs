// A message that reaches its reader although one relay fails and the sender restarts. What is sent is sealed before.
import { combineRelays, createMemoryHub, createMemoryRelay, openOutbox } from '@locket/sdk/relay'
import { createMemoryStore } from '@locket/sdk/store'

// Two relays that have nothing to do with each other. For real ones: createWebSocketRelay, createNatsRelay, createNostrRelay.
const hubs = { lisbon: createMemoryHub(), oslo: createMemoryHub() }
const connect = () =>
  combineRelays({
    relays: Object.entries(hubs).map(([name, hub]) => ({
      name,
      relay: createMemoryRelay({ hub, maxMessagesPerMailbox: name === 'lisbon' ? 1 : 1_000 }),
    })),
    onFailure: ({ name, operation, error }) => console.log(`${name} failed to ${operation}: ${error.code}`),
  })

const mailbox = crypto.getRandomValues(new Uint8Array(32))
const store = createMemoryStore()
const sealed = (text) => new TextEncoder().encode(`sealed: ${text}`)

const before = await openOutbox({ store, relay: connect() })
await before.add([
  { mailbox, body: sealed('one') },
  { mailbox, body: sealed('two') },
])
await before.close()

const outbox = await openOutbox({ store, relay: connect() })
console.log(`pending after a restart: ${outbox.pending().length}`)

const seen = new Set()
for await (const { id, body, acknowledge } of connect().receive(mailbox)) {
  if (!seen.has(id)) console.log(new TextDecoder().decode(body))
  seen.add(id)
  await acknowledge()
  // Stands for the reader's own authenticated answer: a relay's word would not do.
  await outbox.settled(mailbox, id)
  if (seen.size === 2) break
}
console.log(`pending: ${outbox.pending().length}`)
await outbox.close()
