import { systemClock, type Clock } from '../core/capabilities.ts'
import { createHeldRelay } from './held-relay.ts'
import { createHeldMessages, type HeldMessage } from './held.ts'
import type { Relay } from './port.ts'

/** What is used of a `BroadcastChannel`. */
export type BroadcastChannelLike = {
  postMessage(message: unknown): void
  close(): void
  addEventListener(type: 'message', listener: (event: { readonly data?: unknown }) => void): void
}

export type BroadcastChannelRelayOptions = {
  /** Relays of one name find each other. Default `locket-relay`. */
  readonly name?: string | undefined
  /** Default `new BroadcastChannel(name)`. */
  readonly connect?: ((name: string) => BroadcastChannelLike) | undefined
  /** Default 1 MiB. */
  readonly maxBodyBytes?: number | undefined
  /** Default 1,000. */
  readonly maxMessagesPerMailbox?: number | undefined
  readonly clock?: Clock | undefined
}

/** What tabs tell each other. The browser delivers it to every other tab of the origin. */
type Note =
  | { readonly type: 'message'; readonly address: string; readonly body: Uint8Array; readonly expiresAtMs: number }
  /** A reading began: whoever holds something, say so. */
  | { readonly type: 'wanted'; readonly address: string }
  | { readonly type: 'acknowledged'; readonly address: string; readonly id: string }

/**
 * A relay between the tabs, frames and workers of one origin in one browser, without any server.
 *
 * The sender's tab holds a message, and so does each tab that reads the mailbox; when the
 * last of them is closed the message is gone. An acknowledgement reaches the other tabs a moment after it
 * resolved, so that a reading that begins just then may get the message again. Every script of the origin can listen.
 */
export function createBroadcastChannelRelay(options: BroadcastChannelRelayOptions = {}): Relay {
  const { name = 'locket-relay', maxBodyBytes = 1024 * 1024, maxMessagesPerMailbox = 1_000, clock = systemClock() } = options
  const channel = (options.connect ?? platformChannel)(name)
  const held = createHeldMessages(clock)
  const readings = new Map<string, number>()
  const tell = (note: Note) => channel.postMessage(note)
  const offer = (address: string, { body, expiresAtMs }: HeldMessage) => tell({ type: 'message', address, body, expiresAtMs })

  channel.addEventListener('message', ({ data }) => {
    if (!isNote(data)) return
    const { address } = data
    if (data.type === 'wanted') for (const message of held.list(address)) offer(address, message)
    else if (data.type === 'acknowledged') held.remove(address, data.id)
    else if (readings.has(address) && data.body.length <= maxBodyBytes && held.list(address).length < maxMessagesPerMailbox) {
      const ttlMs = data.expiresAtMs - clock.nowMs()
      if (ttlMs > 0) held.add(address, data.body, ttlMs)
    }
  })

  return createHeldRelay({
    held,
    scope: 'broadcast-channel',
    features: { durable: false, crossProcess: true, forgetsAcknowledged: false, maxBodyBytes },
    maxMessagesPerMailbox,
    onSend: offer,
    onRead(address) {
      readings.set(address, (readings.get(address) ?? 0) + 1)
      tell({ type: 'wanted', address })
      return () => {
        const left = (readings.get(address) ?? 1) - 1
        if (left > 0) readings.set(address, left)
        else readings.delete(address)
      }
    },
    onAcknowledge: (address, id) => tell({ type: 'acknowledged', address, id }),
    onClose: () => channel.close(),
  })
}

/** Any script of the origin may post anything. */
function isNote(data: unknown): data is Note {
  if (typeof data !== 'object' || data === null) return false
  const { type, address, id, body, expiresAtMs } = data as { [name: string]: unknown }
  if (typeof address !== 'string' || !/^[0-9a-f]{64}$/.test(address)) return false
  if (type === 'wanted') return true
  if (type === 'acknowledged') return typeof id === 'string'
  return type === 'message' && body instanceof Uint8Array && body.length > 0 && typeof expiresAtMs === 'number'
}

function platformChannel(name: string): BroadcastChannelLike {
  return new BroadcastChannel(name)
}
