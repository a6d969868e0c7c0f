import { concatBytes, equalBytes, type Bytes } from '../../core/bytes.ts'
import { randomBytes, type Clock, type Entropy } from '../../core/capabilities.ts'
import { createEmitter } from '../../core/emitter.ts'
import { LocketError } from '../../core/errors.ts'
import type { BlobStore } from '../../store/port.ts'
import { messageId } from '../message-id.ts'
import { HANDLE_BYTES, type Refusal } from '../wire.ts'
import type { RelayLimits } from './limits.ts'

/** A message on disk, as it is known in memory. */
export type StoredMessage = { readonly sequence: number; readonly handle: Bytes }

/** The messages a server holds, by address in hex. */
export type Mailboxes = {
  /** Resolves when the message is in the store; with why not, if a limit forbids it. */
  add(address: string, body: Uint8Array, ttlMs: number): Promise<Refusal | undefined>
  /** The first message after `sequence`. */
  after(address: string, sequence: number): StoredMessage | undefined
  /** `undefined` if it was acknowledged or expired meanwhile. */
  read(address: string, message: StoredMessage): Promise<Bytes | undefined>
  /** Removes a message. One that is not there is ignored. */
  remove(address: string, id: string): Promise<void>
  /** The sequence of a handle of this run, or -1 for one of another. */
  sequenceOf(handle: Uint8Array): number
  /** Whether there is a message. */
  has(address: string): boolean
  /** Calls `listener` after each `add` to an address, until the returned function is called. */
  onAdd(address: string, listener: () => void): () => void
  /** Removes expired messages from the store. */
  sweep(): Promise<void>
  readonly totalBytes: number
}

type Entry = StoredMessage & {
  readonly id: string
  readonly sizeBytes: number
  readonly expiresAtMs: number
  written: Promise<void> | undefined
}

const MESSAGES = 'message/'
const STAMP_BYTES = 8

/** Opens what `store` holds: under `message/<address>/<sequence>` a time of expiry (float64) and a body. */
export async function openMailboxes(options: {
  readonly store: BlobStore
  readonly clock: Clock
  readonly entropy: Entropy
  readonly limits: RelayLimits
}): Promise<Mailboxes> {
  const { store, clock, entropy, limits } = options
  const mailboxes = new Map<string, Map<string, Entry>>()
  const added = createEmitter<{ [address: string]: undefined }>()
  // Of this run only: numbers may begin again after a restart, and then a reader must not be believed about where it stopped.
  const runName = randomBytes(entropy, HANDLE_BYTES - 8)
  let nextSequence = 1
  let totalBytes = 0

  const handleOf = (sequence: number): Bytes => {
    const handle = concatBytes(runName, new Uint8Array(8))
    new DataView(handle.buffer).setBigUint64(HANDLE_BYTES - 8, BigInt(sequence))
    return handle
  }
  const sequenceOf = (handle: Uint8Array): number => {
    if (!equalBytes(handle.subarray(0, HANDLE_BYTES - 8), runName)) return -1
    return Number(new DataView(handle.buffer, handle.byteOffset).getBigUint64(HANDLE_BYTES - 8))
  }
  const keyOf = (address: string, sequence: number) => `${MESSAGES}${address}/${sequence.toString(16).padStart(14, '0')}`
  const isLive = (entry: Entry) => entry.expiresAtMs > clock.nowMs()

  const enter = (address: string, entry: Entry) => {
    const mailbox = mailboxes.get(address) ?? new Map<string, Entry>()
    mailboxes.set(address, mailbox)
    mailbox.set(entry.id, entry)
    totalBytes += entry.sizeBytes
  }
  const forget = (address: string, entry: Entry) => {
    const mailbox = mailboxes.get(address)
    if (mailbox?.get(entry.id) !== entry) return
    mailbox.delete(entry.id)
    if (mailbox.size === 0) mailboxes.delete(address)
    totalBytes -= entry.sizeBytes
  }
  const drop = async (address: string, entry: Entry) => {
    await entry.written
    await store.delete(keyOf(address, entry.sequence))
    forget(address, entry)
  }

  const load = async () => {
    const found: [address: string, entry: Entry][] = []
    for await (const key of store.list(MESSAGES)) {
      const [address, digits] = key.slice(MESSAGES.length).split('/') as [string, string]
      const value = await store.get(key)
      const sequence = Number.parseInt(digits, 16)
      if (value === undefined || value.length <= STAMP_BYTES || !Number.isSafeInteger(sequence)) {
        throw new LocketError('store/corrupt', { operation: 'relay.openMailboxes', details: { key } })
      }
      const body = value.subarray(STAMP_BYTES)
      const expiresAtMs = new DataView(value.buffer).getFloat64(0)
      found.push([
        address,
        { sequence, handle: handleOf(sequence), id: messageId(body), sizeBytes: body.length, expiresAtMs, written: undefined },
      ])
      nextSequence = Math.max(nextSequence, sequence + 1)
    }
    for (const [address, entry] of found.sort(([, a], [, b]) => a.sequence - b.sequence)) enter(address, entry)
  }
  await load()

  return Object.freeze({
    async add(address: string, body: Uint8Array, ttlMs: number) {
      const id = messageId(body)
      const held = mailboxes.get(address)?.get(id)
      if (held !== undefined && isLive(held)) return void (await held.written)
      if (held !== undefined) await drop(address, held)
      const live = Array.from(mailboxes.get(address)?.values() ?? []).filter(isLive)
      if (live.length >= limits.messagesPerMailbox) return 'mailbox-full'
      if (totalBytes + body.length > limits.totalBytes) return 'relay-full'
      const sequence = nextSequence++
      const expiresAtMs = clock.nowMs() + Math.min(ttlMs, limits.maxTtlMs)
      const value = concatBytes(new Uint8Array(STAMP_BYTES), body)
      new DataView(value.buffer).setFloat64(0, expiresAtMs)
      const written = store.put(keyOf(address, sequence), value)
      const entry: Entry = { sequence, handle: handleOf(sequence), id, sizeBytes: body.length, expiresAtMs, written }
      enter(address, entry)
      try {
        await written
      } catch (error) {
        forget(address, entry)
        throw error
      } finally {
        entry.written = undefined
        added.emit(address, undefined)
      }
      return undefined
    },
    after(address: string, sequence: number) {
      for (const entry of mailboxes.get(address)?.values() ?? []) {
        if (entry.sequence <= sequence || !isLive(entry)) continue
        // A reader must not pass one that is still being written.
        return entry.written === undefined ? entry : undefined
      }
      return undefined
    },
    async read(address: string, message: StoredMessage) {
      const value = await store.get(keyOf(address, message.sequence))
      return value?.slice(STAMP_BYTES)
    },
    async remove(address: string, id: string) {
      const entry = mailboxes.get(address)?.get(id)
      if (entry !== undefined) await drop(address, entry)
    },
    sequenceOf,
    has: (address: string) => Array.from(mailboxes.get(address)?.values() ?? []).some(isLive),
    onAdd: added.on,
    async sweep() {
      for (const [address, mailbox] of Array.from(mailboxes)) {
        for (const entry of Array.from(mailbox.values())) if (!isLive(entry)) await drop(address, entry)
      }
    },
    get totalBytes() {
      return totalBytes
    },
  })
}
