import { concatBytes, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { MAILBOX_BYTES } from './port.ts'

/** What an outbox writes down for one message. */
export type OutboxRecord = { readonly mailbox: Bytes; readonly addedAtMs: number; readonly ttlMs: number; readonly body: Bytes }

const VERSION = 1
const HEADER_BYTES = 1 + MAILBOX_BYTES + 16

/** Version, mailbox, two big-endian float64 of milliseconds, body. */
export function encodeOutboxRecord(
  record: { readonly [K in keyof OutboxRecord]: OutboxRecord[K] extends Bytes ? Uint8Array : number },
): Bytes {
  const header = new Uint8Array(HEADER_BYTES)
  header[0] = VERSION
  header.set(record.mailbox, 1)
  const view = new DataView(header.buffer)
  view.setFloat64(1 + MAILBOX_BYTES, record.addedAtMs)
  view.setFloat64(9 + MAILBOX_BYTES, record.ttlMs)
  return concatBytes(header, record.body)
}

/** @throws {LocketError} `codec/truncated`, `codec/unknown-version` or `codec/invalid`. */
export function decodeOutboxRecord(bytes: Uint8Array): OutboxRecord {
  const operation = 'relay.decodeOutboxRecord'
  if (bytes.length <= HEADER_BYTES) throw new LocketError('codec/truncated', { operation })
  if (bytes[0] !== VERSION) throw new LocketError('codec/unknown-version', { operation })
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const addedAtMs = view.getFloat64(1 + MAILBOX_BYTES)
  const ttlMs = view.getFloat64(9 + MAILBOX_BYTES)
  if (!Number.isFinite(addedAtMs) || !Number.isFinite(ttlMs) || ttlMs <= 0) throw new LocketError('codec/invalid', { operation })
  return {
    mailbox: new Uint8Array(bytes.subarray(1, 1 + MAILBOX_BYTES)),
    addedAtMs,
    ttlMs,
    body: new Uint8Array(bytes.subarray(HEADER_BYTES)),
  }
}
