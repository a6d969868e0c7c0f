/** Untrusted carriers of sealed messages, and what makes them dependable together. */

export { combineRelays, type CombineRelaysOptions, type NamedRelay, type RelayFailure } from './combine.ts'
export { createMemoryHub, createMemoryRelay, type MemoryHub, type MemoryRelayOptions } from './memory.ts'
export { messageId } from './message-id.ts'
export { openOutbox, type OpenOutboxOptions, type Outbox, type OutboxEvents, type OutboxMessage, type PendingMessage } from './outbox.ts'
export { DEFAULT_TTL_MS, type Delivery, type Mailbox, MAILBOX_BYTES, type Relay, type RelayFeatures, type SendOptions } from './port.ts'
export { createTopic, type CreateTopicOptions, type Topic } from './topic.ts'
