/** Untrusted carriers of sealed messages. */

export { createMemoryHub, createMemoryRelay, type MemoryHub, type MemoryRelayOptions } from './memory.ts'
export { messageId } from './message-id.ts'
export { DEFAULT_TTL_MS, type Delivery, type Mailbox, MAILBOX_BYTES, type Relay, type RelayFeatures, type SendOptions } from './port.ts'
