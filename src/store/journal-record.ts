import { LocketError } from '../core/errors.ts'
import { MAX_RECORD_BYTES } from '../core/limits.ts'
import { copyBytes, type Bytes } from '../core/bytes.ts'
import { MAX_KEY_CHARS } from './checks.ts'
import type { StoreOp } from './port.ts'

/** `LKJ1`, little endian. */
const MAGIC = 0x314a4b4c
/** Bytes before a record's payload. */
export const RECORD_HEADER_BYTES = 28
/** Largest payload: one group commit around one largest value, with room for its keys. */
export const MAX_PAYLOAD_BYTES: number = MAX_RECORD_BYTES + 16 * 1024 * 1024

/**
 * `snapshot`: live records copied by a compaction. `complete`: the last of them;
 * from here on the file speaks for itself. `batch`: an acknowledged write.
 */
export type RecordKind = 'snapshot' | 'complete' | 'batch'
const KINDS: readonly RecordKind[] = ['snapshot', 'complete', 'batch']

export type RecordHeader = {
  readonly kind: RecordKind
  /** Which writing of the file this is; compaction adds one. */
  readonly generation: number
  /** Counts up by one from record to record over the journal's whole life. */
  readonly sequence: bigint
  readonly payloadBytes: number
}

export type Crc = (bytes: Uint8Array, seed?: number) => number

/** An operation of a decoded record. A put knows where its value lies, relative to the start of the record. */
export type LocatedOp =
  | { readonly type: 'put'; readonly key: string; readonly valueOffset: number; readonly valueBytes: number }
  | { readonly type: 'delete'; readonly key: string }

export type JournalRecord = Omit<RecordHeader, 'payloadBytes'> & { readonly ops: readonly StoreOp[] }

/**
 * One record: a batch that is kept whole or not at all.
 *
 * Header, little endian: magic u32, kind u8, three zeros, generation u32,
 * sequence u64, payload length u32, CRC-32C u32 over header and payload.
 * Payload: per operation type u8 (0 delete, 1 put), key length u16, key, and for
 * a put value length u32, value.
 */
export function encodeRecord(record: JournalRecord, crc: Crc): Bytes {
  const payloadBytes = record.ops.reduce((sum, op) => sum + encodedOpBytes(op), 0)
  const out = new Uint8Array(RECORD_HEADER_BYTES + payloadBytes)
  const view = new DataView(out.buffer)
  view.setUint32(0, MAGIC, true)
  out[4] = KINDS.indexOf(record.kind)
  view.setUint32(8, record.generation, true)
  view.setBigUint64(12, record.sequence, true)
  view.setUint32(20, payloadBytes, true)
  let offset = RECORD_HEADER_BYTES
  for (const op of record.ops) {
    out[offset] = op.type === 'put' ? 1 : 0
    view.setUint16(offset + 1, op.key.length, true)
    offset += 3
    for (let i = 0; i < op.key.length; i++) out[offset++] = op.key.charCodeAt(i)
    if (op.type === 'delete') continue
    view.setUint32(offset, op.value.length, true)
    out.set(op.value, offset + 4)
    offset += 4 + op.value.length
  }
  view.setUint32(24, checksum(out, crc), true)
  return out
}

/** Bytes `op` takes in a record's payload. */
export function encodedOpBytes(op: StoreOp): number {
  return 3 + op.key.length + (op.type === 'put' ? 4 + op.value.length : 0)
}

/** The header at the start of `bytes`, or `undefined` if there is none. Its CRC is not checked: that takes the payload. */
export function decodeRecordHeader(bytes: Uint8Array): RecordHeader | undefined {
  if (bytes.length < RECORD_HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, RECORD_HEADER_BYTES)
  const kind = KINDS[bytes[4] as number]
  const payloadBytes = view.getUint32(20, true)
  if (view.getUint32(0, true) !== MAGIC || kind === undefined || payloadBytes > MAX_PAYLOAD_BYTES) return undefined
  if ((bytes[5] as number) | (bytes[6] as number) | (bytes[7] as number)) return undefined
  return { kind, generation: view.getUint32(8, true), sequence: view.getBigUint64(12, true), payloadBytes }
}

/**
 * The operations of exactly one record.
 *
 * @throws {LocketError} `store/corrupt` if `bytes` are not one whole, undamaged record.
 */
export function decodeRecord(bytes: Uint8Array, crc: Crc): RecordHeader & { readonly ops: readonly LocatedOp[] } {
  const header = decodeRecordHeader(bytes)
  if (header === undefined || bytes.length !== RECORD_HEADER_BYTES + header.payloadBytes) throw damaged()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(24, true) !== checksum(bytes, crc)) throw damaged()
  const ops: LocatedOp[] = []
  let offset = RECORD_HEADER_BYTES
  while (offset < bytes.length) {
    if (offset + 3 > bytes.length) throw damaged()
    const type = bytes[offset] as number
    const keyEnd = offset + 3 + view.getUint16(offset + 1, true)
    const key = decodeKey(bytes, offset + 3, keyEnd)
    offset = keyEnd
    if (type === 0) {
      ops.push({ type: 'delete', key })
      continue
    }
    if (type !== 1 || offset + 4 > bytes.length) throw damaged()
    const valueBytes = view.getUint32(offset, true)
    offset += 4
    if (valueBytes > bytes.length - offset) throw damaged()
    ops.push({ type: 'put', key, valueOffset: offset, valueBytes })
    offset += valueBytes
  }
  return { ...header, ops }
}

/** The record's operations with their values, copied out of `bytes`. */
export function withValues(ops: readonly LocatedOp[], bytes: Uint8Array): readonly StoreOp[] {
  return ops.map((op) =>
    op.type === 'delete'
      ? op
      : { type: 'put', key: op.key, value: copyBytes(bytes.subarray(op.valueOffset, op.valueOffset + op.valueBytes)) },
  )
}

function decodeKey(bytes: Uint8Array, start: number, end: number): string {
  if (end > bytes.length || end === start || end - start > MAX_KEY_CHARS) throw damaged()
  let key = ''
  for (let i = start; i < end; i++) {
    const code = bytes[i] as number
    if (code > 0x7f) throw damaged()
    key += String.fromCharCode(code)
  }
  return key
}

/** Over everything but the checksum's own four bytes. */
function checksum(record: Uint8Array, crc: Crc): number {
  return crc(record.subarray(RECORD_HEADER_BYTES), crc(record.subarray(0, 24)))
}

function damaged(): LocketError {
  return new LocketError('store/corrupt', { operation: 'store.decodeRecord', message: 'a journal record is damaged' })
}
