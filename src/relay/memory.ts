import { systemClock, type Clock } from '../core/capabilities.ts'
import { createHeldRelay } from './held-relay.ts'
import { createHeldMessages, type HeldMessages } from './held.ts'
import type { Relay } from './port.ts'

/** What several memory relays share: the messages they hold for each other. */
export type MemoryHub = { readonly held: HeldMessages }

/** A hub of its own. */
export function createMemoryHub(options: { readonly clock?: Clock | undefined } = {}): MemoryHub {
  return Object.freeze({ held: createHeldMessages(options.clock ?? systemClock()) })
}

export type MemoryRelayOptions = {
  /** Default: a hub of its own. Outlives the relay. */
  readonly hub?: MemoryHub | undefined
  /** Default 1 MiB. */
  readonly maxBodyBytes?: number | undefined
  /** Default 1,000; then `send` is refused. */
  readonly maxMessagesPerMailbox?: number | undefined
}

/** A relay in memory: the reference for every other adapter. Its two ends are in one process, and it forgets everything when that ends. */
export function createMemoryRelay(options: MemoryRelayOptions = {}): Relay {
  const { hub = createMemoryHub(), maxBodyBytes = 1024 * 1024, maxMessagesPerMailbox = 1_000 } = options
  const features = { durable: false, crossProcess: false, forgetsAcknowledged: true, maxBodyBytes }
  return createHeldRelay({ held: hub.held, scope: 'memory', features, maxMessagesPerMailbox })
}
