import { copyBytes, type Bytes } from '../core/bytes.ts'
import type { Clock } from '../core/capabilities.ts'
import { createEmitter } from '../core/emitter.ts'
import { messageId } from './message-id.ts'

/** A message that waits for its reader. */
export type HeldMessage = { readonly id: string; readonly body: Bytes; readonly expiresAtMs: number; readonly order: number }

/** Messages in memory, by address, until they are removed or their time is over. */
export type HeldMessages = {
  /** Keeps a copy of `body` and returns it as a message, or nothing if it is held already. */
  add(address: string, body: Uint8Array, ttlMs: number): HeldMessage | undefined
  /** The first message of an address that was added after `order`. */
  after(address: string, order: number): HeldMessage | undefined
  /** The messages of an address, oldest first. */
  list(address: string): readonly HeldMessage[]
  /** Whether it was there. */
  remove(address: string, id: string): boolean
  /** How many addresses have messages, expired ones that were not swept yet included. */
  readonly addressCount: number
  /** Calls `listener` after each `add` to an address, until the returned function is called. */
  onAdd(address: string, listener: () => void): () => void
}

/** How often messages of mailboxes that nobody looks into are looked through for expired ones. */
const SWEEP_MS = 60_000

/** Holds nothing at first. Expired messages are never returned; they leave memory within {@link SWEEP_MS} of the next `add`. */
export function createHeldMessages(clock: Clock): HeldMessages {
  const mailboxes = new Map<string, Map<string, HeldMessage>>()
  const added = createEmitter<{ [address: string]: undefined }>()
  let nextOrder = 0
  let sweptAtMs = clock.nowMs()

  const prune = (address: string) => {
    const held = mailboxes.get(address)
    if (held === undefined) return
    for (const { id, expiresAtMs } of held.values()) if (expiresAtMs <= clock.nowMs()) held.delete(id)
    if (held.size === 0) mailboxes.delete(address)
  }

  const list = (address: string): HeldMessage[] => {
    prune(address)
    return Array.from(mailboxes.get(address)?.values() ?? [])
  }

  return Object.freeze({
    add(address: string, body: Uint8Array, ttlMs: number) {
      const nowMs = clock.nowMs()
      if (nowMs - sweptAtMs >= SWEEP_MS) {
        sweptAtMs = nowMs
        for (const each of Array.from(mailboxes.keys())) prune(each)
      }
      prune(address)
      const held = mailboxes.get(address) ?? new Map<string, HeldMessage>()
      const id = messageId(body)
      if (held.has(id)) return undefined
      const message = Object.freeze({ id, body: copyBytes(body), expiresAtMs: nowMs + ttlMs, order: nextOrder++ })
      held.set(id, message)
      mailboxes.set(address, held)
      added.emit(address, undefined)
      return message
    },
    after: (address: string, order: number) => list(address).find((message) => message.order > order),
    list,
    remove(address: string, id: string) {
      const held = mailboxes.get(address)
      const isRemoved = held?.delete(id) ?? false
      if (held?.size === 0) mailboxes.delete(address)
      return isRemoved
    },
    get addressCount() {
      return mailboxes.size
    },
    onAdd: added.on,
  })
}
