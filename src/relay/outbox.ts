import type { AbortOptions } from '../core/abort.ts'
import { toHex } from '../core/bytes.ts'
import { systemClock, type Clock } from '../core/capabilities.ts'
import { createEmitter } from '../core/emitter.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { BlobStore, StoreOp } from '../store/port.ts'
import { mailboxAddress } from './address.ts'
import { createAlarm } from './alarm.ts'
import { assertBody, assertMailbox, ttlOf } from './checks.ts'
import { messageId } from './message-id.ts'
import { decodeOutboxRecord, encodeOutboxRecord } from './outbox-record.ts'
import { DEFAULT_TTL_MS, type Mailbox, type Relay } from './port.ts'

export type OutboxMessage = {
  readonly mailbox: Mailbox
  readonly body: Uint8Array
  /** How long a relay is asked to hold it after each send, in milliseconds. The outbox itself keeps it until it is settled. */
  readonly ttlMs?: number | undefined
}

/** One message that is not settled. */
export type PendingMessage = { readonly id: string; readonly addedAtMs: number; readonly attempts: number }

export type OutboxEvents = {
  /** A relay took the message over. No proof that anybody has it. */
  readonly sent: { readonly id: string }
  /** A send failed; it is tried again. */
  readonly failed: { readonly id: string; readonly error: unknown }
}

/** What a sender keeps until the reader itself has said that it has it. */
export type Outbox = {
  /** Keys of records found damaged at opening. They are left in the store and never sent. */
  readonly damaged: readonly string[]
  /**
   * Keeps messages, all or none, and then sends them for as long as it takes. Resolves when they are
   * as durable as the store makes them, before any is sent.
   *
   * @returns their ids, in order.
   */
  add(messages: readonly OutboxMessage[], options?: AbortOptions): Promise<readonly string[]>
  /**
   * Forgets a message: the reader's own authenticated acknowledgement of `id` was seen, or it is given up.
   * One that is not there is ignored.
   */
  settled(mailbox: Mailbox, id: string, options?: AbortOptions): Promise<void>
  /** What is not settled, for one mailbox or all, oldest first. */
  pending(mailbox?: Mailbox): readonly PendingMessage[]
  /** Sends everything that waits now; for when a connection is back. */
  resendNow(): void
  on<Name extends keyof OutboxEvents>(name: Name, listener: (event: OutboxEvents[Name]) => void): () => void
  /** Stops sending; what is pending stays in the store. Closes neither store nor relay. */
  close(): Promise<void>
}

export type OpenOutboxOptions = AbortOptions & {
  /** Records lie under `prefix`. They hold the mailbox and the body: give one that encrypts. */
  readonly store: BlobStore
  readonly relay: Relay
  readonly clock?: Clock | undefined
  /** Time to the second send in milliseconds; each further one waits twice as long. Default 5,000. */
  readonly resendAfterMs?: number | undefined
  /** Longest wait between two sends, in milliseconds. Default 300,000. */
  readonly maxResendAfterMs?: number | undefined
  /** Sends under way at once. Default 8. */
  readonly concurrency?: number | undefined
  /** Default `outbox/`. Two outboxes of one store have prefixes of their own. */
  readonly prefix?: string | undefined
}

type Entry = {
  readonly key: string
  readonly address: string
  readonly id: string
  readonly addedAtMs: number
  attempts: number
  dueAtMs: number
  isSending: boolean
}

/**
 * Opens the outbox that lies in `store` and goes on sending what it holds.
 *
 * A broker's acknowledgement is not durable knowledge: a relay may say that it took a message over,
 * or that a reader acknowledged it, and lose both. So every message is sent again, at growing intervals,
 * until {@link Outbox.settled} is called for it.
 *
 * @throws {LocketError} what the store's `list` and `get` fail with, except for single damaged records.
 */
export async function openOutbox(options: OpenOutboxOptions): Promise<Outbox> {
  const { store, relay, clock = systemClock(), prefix = 'outbox/' } = options
  const { resendAfterMs = 5_000, maxResendAfterMs = 300_000, concurrency = 8 } = options
  const entries = new Map<string, Entry>()
  const events = createEmitter<OutboxEvents>()
  const stop = new AbortController()
  let sendingCount = 0

  const addressOf = (mailbox: Mailbox) => toHex(mailboxAddress(mailbox, 'outbox'))
  const keyOf = (address: string, id: string) => `${prefix}${address}/${id}`
  const assertOpen = (operation: string) => {
    if (stop.signal.aborted) throw new LocketError('usage/closed', { operation })
  }
  const damaged = await load()

  /** Starts what is due and sleeps until the next is. */
  const run = () => {
    if (stop.signal.aborted) return
    let nextAtMs = Number.POSITIVE_INFINITY
    for (const entry of entries.values()) {
      if (entry.isSending) continue
      if (entry.dueAtMs > clock.nowMs()) nextAtMs = Math.min(nextAtMs, entry.dueAtMs)
      else if (sendingCount < concurrency) void send(entry)
    }
    alarm.ringBy(nextAtMs)
  }
  const alarm = createAlarm(clock, run)

  const send = async (entry: Entry) => {
    entry.isSending = true
    sendingCount += 1
    entry.attempts += 1
    let waitMs = Math.min(resendAfterMs * 2 ** (entry.attempts - 1), maxResendAfterMs)
    try {
      const bytes = await store.get(entry.key, { signal: stop.signal })
      // Settled meanwhile.
      if (bytes !== undefined && entries.has(entry.key)) {
        const { mailbox, body, ttlMs } = decodeOutboxRecord(bytes)
        await relay.send(mailbox, body, { ttlMs, signal: stop.signal })
        events.emit('sent', { id: entry.id })
      }
    } catch (error) {
      if (isLocketError(error)) waitMs = Math.max(waitMs, Number(error.details['afterMs'] ?? 0))
      if (!stop.signal.aborted) events.emit('failed', { id: entry.id, error })
    }
    entry.dueAtMs = clock.nowMs() + waitMs
    entry.isSending = false
    sendingCount -= 1
    run()
  }

  async function load(): Promise<readonly string[]> {
    const bad: string[] = []
    for await (const key of store.list(prefix, { signal: options.signal })) {
      try {
        const bytes = await store.get(key, { signal: options.signal })
        if (bytes === undefined) continue
        const { mailbox, addedAtMs, body } = decodeOutboxRecord(bytes)
        const [address, id] = [addressOf(mailbox), messageId(body)]
        if (key !== keyOf(address, id)) throw new LocketError('codec/invalid', { operation: 'relay.openOutbox' })
        entries.set(key, { key, address, id, addedAtMs, attempts: 0, dueAtMs: 0, isSending: false })
      } catch (error) {
        if (!isLocketError(error) || !(error.code === 'store/corrupt' || error.code.startsWith('codec/'))) throw error
        bad.push(key)
      }
    }
    return Object.freeze(bad)
  }

  // In the order they were added, which the store does not keep.
  const byAge = () => Array.from(entries.values()).sort((a, b) => a.addedAtMs - b.addedAtMs)
  const loaded = byAge()
  entries.clear()
  for (const entry of loaded) entries.set(entry.key, entry)
  run()

  return Object.freeze({
    damaged,
    async add(messages: readonly OutboxMessage[], addOptions?: AbortOptions) {
      assertOpen('relay.outbox.add')
      const addedAtMs = clock.nowMs()
      const added: Entry[] = []
      const ops: StoreOp[] = []
      for (const { mailbox, body, ttlMs = DEFAULT_TTL_MS } of messages) {
        assertMailbox(mailbox, 'relay.outbox.add')
        assertBody(body, relay.features.maxBodyBytes, 'relay.outbox.add')
        ttlOf({ ttlMs }, 'relay.outbox.add')
        const [address, id] = [addressOf(mailbox), messageId(body)]
        const key = keyOf(address, id)
        added.push({ key, address, id, addedAtMs, attempts: 0, dueAtMs: 0, isSending: false })
        ops.push({ type: 'put', key, value: encodeOutboxRecord({ mailbox, addedAtMs, ttlMs, body }) })
      }
      await store.batch(ops, addOptions)
      for (const entry of added) if (!entries.has(entry.key)) entries.set(entry.key, entry)
      run()
      return added.map(({ id }) => id)
    },
    async settled(mailbox: Mailbox, id: string, settleOptions?: AbortOptions) {
      assertOpen('relay.outbox.settled')
      assertMailbox(mailbox, 'relay.outbox.settled')
      const key = keyOf(addressOf(mailbox), id)
      if (!entries.has(key)) return
      await store.delete(key, settleOptions)
      entries.delete(key)
    },
    pending(mailbox?: Mailbox) {
      const address = mailbox === undefined ? undefined : addressOf(mailbox)
      const wanted = Array.from(entries.values()).filter((entry) => address === undefined || entry.address === address)
      return wanted.map(({ id, addedAtMs, attempts }) => Object.freeze({ id, addedAtMs, attempts }))
    },
    resendNow() {
      for (const entry of entries.values()) entry.dueAtMs = 0
      run()
    },
    on: events.on,
    async close() {
      stop.abort()
      alarm.stop()
    },
  })
}
