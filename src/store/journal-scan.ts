import { isLocketError } from '../core/errors.ts'
import type { RandomAccessFile } from './file.ts'
import { decodeRecord, decodeRecordHeader, RECORD_HEADER_BYTES, type Crc, type LocatedOp, type RecordHeader } from './journal-record.ts'

const WINDOW_BYTES = 1024 * 1024
const FIRST_MAGIC_BYTE = 0x4c

export type ScannedRecord = RecordHeader & { readonly ops: readonly LocatedOp[]; readonly offset: number; readonly bytes: Uint8Array }

/** What reading a journal file from end to end found. */
export type Scan = {
  /** Everything from here on is a torn tail: a write that was never acknowledged, or damage at the very end. */
  readonly endOffset: number
  readonly tornBytes: number
  /** Stretches of damage with sound records after them. */
  readonly damagedRecords: number
  /** Generation of the first sound record, 0 if there is none. */
  readonly generation: number
  readonly lastSequence: bigint
  /** Whether the snapshot at its start is whole: it has a `complete` or `batch` record. */
  readonly isComplete: boolean
}

/**
 * Reads a journal file record by record and hands each sound one to `onRecord`,
 * whose `bytes` are only valid during the call. Damage in the middle is skipped:
 * the next sound record of the same generation and a later sequence goes on.
 */
export async function scanJournal(file: RandomAccessFile, crc: Crc, onRecord: (record: ScannedRecord) => void): Promise<Scan> {
  const sizeBytes = await file.sizeBytes()
  const reader = createReader(file, sizeBytes)
  let offset = 0
  let endOffset = 0
  let damagedRecords = 0
  let isSkipping = false
  let generation = 0
  let lastSequence = 0n
  let isComplete = false
  while (offset < sizeBytes) {
    const record = await readRecord(reader, offset, crc)
    if (record === undefined || !follows(record, generation, lastSequence)) {
      isSkipping = true
      offset = (await claimedEnd(reader, offset, sizeBytes, crc)) ?? (await nextCandidate(reader, offset + 1, sizeBytes))
      continue
    }
    // A gap in the sequence without damaged bytes is damage too: records were cut out.
    if (isSkipping || (generation !== 0 && record.sequence !== lastSequence + 1n)) damagedRecords++
    isSkipping = false
    generation = record.generation
    lastSequence = record.sequence
    isComplete ||= record.kind !== 'snapshot'
    onRecord({ ...record, offset })
    offset += record.bytes.length
    endOffset = offset
  }
  return { endOffset, tornBytes: sizeBytes - endOffset, damagedRecords, generation, lastSequence, isComplete }
}

function follows(record: RecordHeader, generation: number, lastSequence: bigint): boolean {
  return generation === 0 ? record.generation > 0 : record.generation === generation && record.sequence > lastSequence
}

type Reader = (offset: number, lengthBytes: number) => Promise<Uint8Array>

async function readRecord(
  read: Reader,
  offset: number,
  crc: Crc,
): Promise<(RecordHeader & { ops: readonly LocatedOp[]; bytes: Uint8Array }) | undefined> {
  const header = decodeRecordHeader(await read(offset, RECORD_HEADER_BYTES))
  if (header === undefined) return undefined
  const bytes = await read(offset, RECORD_HEADER_BYTES + header.payloadBytes)
  try {
    return { ...decodeRecord(bytes, crc), bytes }
  } catch (error) {
    if (isLocketError(error, 'store/corrupt')) return undefined
    throw error
  }
}

/**
 * Where a damaged record says it ends, if a sound record or the end of the file
 * is there. Believed first, so that bytes inside a value are not taken for records.
 */
async function claimedEnd(read: Reader, offset: number, sizeBytes: number, crc: Crc): Promise<number | undefined> {
  const header = decodeRecordHeader(await read(offset, RECORD_HEADER_BYTES))
  if (header === undefined) return undefined
  const end = offset + RECORD_HEADER_BYTES + header.payloadBytes
  if (end === sizeBytes) return end
  return end < sizeBytes && (await readRecord(read, end, crc)) !== undefined ? end : undefined
}

/** The next offset that could start a record, or the size of the file. */
async function nextCandidate(read: Reader, from: number, sizeBytes: number): Promise<number> {
  let offset = from
  while (offset + RECORD_HEADER_BYTES <= sizeBytes) {
    const window = await read(offset, Math.min(WINDOW_BYTES, sizeBytes - offset))
    const last = window.length - RECORD_HEADER_BYTES
    for (let i = window.indexOf(FIRST_MAGIC_BYTE); i !== -1 && i <= last; i = window.indexOf(FIRST_MAGIC_BYTE, i + 1)) {
      if (decodeRecordHeader(window.subarray(i)) !== undefined) return offset + i
    }
    offset += last + 1
  }
  return sizeBytes
}

/** Reads through a window, so that small records do not cost a call each. */
function createReader(file: RandomAccessFile, sizeBytes: number): Reader {
  let start = 0
  let window: Uint8Array = new Uint8Array()
  return async (offset, lengthBytes) => {
    const wanted = Math.min(lengthBytes, sizeBytes - offset)
    if (offset < start || offset + wanted > start + window.length) {
      start = offset
      window = await file.read(offset, Math.min(Math.max(wanted, WINDOW_BYTES), sizeBytes - offset))
    }
    return window.subarray(offset - start, offset - start + wanted)
  }
}
