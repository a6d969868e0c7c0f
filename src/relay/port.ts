import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'

/**
 * 32 random or derived bytes that name a mailbox and give access to it: whoever
 * holds them may send, receive and acknowledge there, and nobody else can find it.
 * The layer above derives one for each session and direction, and never uses the
 * same bytes for anything else.
 *
 * A secret of the two ends, but not one that protects content. An adapter never shows
 * it to its relay: it shows an address derived from it and from the relay's own name,
 * so that two relays see unrelated addresses and neither can act at the other.
 */
export type Mailbox = Uint8Array

/** What an adapter promises of an honest relay. Declared, never probed. */
export type RelayFeatures = {
  /** A message whose `send` resolved survives the end of every process involved, by kill -9 too. */
  readonly durable: boolean
  /** The two ends may be in different processes. */
  readonly crossProcess: boolean
  /** What was acknowledged is not delivered again to a `receive` that begins later, in this process or another. Otherwise it may be. */
  readonly forgetsAcknowledged: boolean
  /** Largest body, in bytes. */
  readonly maxBodyBytes: number
}

export type SendOptions = AbortOptions & {
  /** How long the relay is asked to hold the message, in milliseconds. Default {@link DEFAULT_TTL_MS}; a relay may hold it for less. */
  readonly ttlMs?: number | undefined
}

/** One message as it arrived. */
export type Delivery = {
  /** `messageId(body)`, computed here from the bytes that arrived: never the relay's word. */
  readonly id: string
  readonly body: Bytes
  /**
   * Tells the relay that the message was processed and need not be held or delivered
   * again. Call it after what the message caused is durable, and for junk too. May be repeated.
   * That it resolved is no durable knowledge: the message may come again.
   */
  acknowledge(options?: AbortOptions): Promise<void>
}

/**
 * Carries opaque bytes to mailboxes. Untrusted: it may drop, duplicate, delay, reorder,
 * replay or alter messages, invent some, and lie about all of it. It learns addresses,
 * sizes and times. Whoever uses it seals and authenticates bodies, numbers them, and
 * drops what it has seen.
 *
 * - A mailbox has one reader. It needs no creation: it exists when first used. For N readers
 *   use N mailboxes (`createTopic`).
 * - Delivery is at least once, in no order. An honest relay holds a message until its
 *   reader acknowledged it or its time to live has passed, whether a reader is there or not.
 * - `send` resolves when the relay has taken the message over (where `durable`: written to
 *   its disk). The relay's word is no proof: a sender keeps its own copy until the reader's
 *   own authenticated answer is seen (`openOutbox`).
 * - Sending a body to a mailbox again is the same message: `id` is the body's hash. While it is held
 *   it is not held twice. After it was acknowledged it is a new message: so a reader hears that its answer was lost.
 * - `receive` yields what is held and then what arrives, for as long as it is iterated. It begins when
 *   the first value is asked for. A delivery that was not acknowledged is not repeated within the same
 *   iteration unless the connection broke, and comes again in the next one. Leaving the loop stops it.
 *   Two at a time on one mailbox are allowed; each message reaches at least one of them.
 * - A reader that asks for no more values stops the flow: adapters buffer a bounded number of messages.
 * - A connection that breaks is made again within the call, for as long as the adapter's `timeoutMs`
 *   allows; then the call rejects, and may be made again.
 * - Bodies are 1 to `maxBodyBytes` bytes, copied before the first wait on the way in; what comes out belongs to the caller.
 * - `mailbox` is copied likewise.
 * - An abort rejects with the reason. A message already handed over may still be delivered.
 * - `close` ends every `receive` as if its loop were over, and rejects other calls under way and later
 *   ones with `usage/closed`. It may be repeated. It does not withdraw messages.
 *
 * Failures: `relay/unreachable` (no connection), `relay/timeout` (no answer), `relay/closed` (the connection broke before
 * the answer), `relay/refused` (limits or access; `details.reason`, and `details.afterMs` where waiting helps),
 * `relay/oversize`, `relay/corrupt` (the relay does not speak the protocol), `usage/invalid-argument`, `usage/closed`.
 */
export type Relay = {
  readonly features: RelayFeatures
  send(mailbox: Mailbox, body: Uint8Array, options?: SendOptions): Promise<void>
  receive(mailbox: Mailbox, options?: AbortOptions): AsyncIterable<Delivery>
  close(): Promise<void>
}

/** Size of a {@link Mailbox}, in bytes. */
export const MAILBOX_BYTES = 32

/** How long a message is held unless its sender says otherwise: one hour, in milliseconds. */
export const DEFAULT_TTL_MS = 3_600_000
