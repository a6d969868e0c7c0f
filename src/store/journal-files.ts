import type { RandomAccessFile } from './file.ts'
import type { Crc } from './journal-record.ts'
import { scanJournal, type Scan, type ScannedRecord } from './journal-scan.ts'

/** Where a value lies in the journal file, and what its bytes must add up to. */
export type ValuePlace = { readonly offset: number; readonly lengthBytes: number; readonly crc: number }

/** The journal as its two files tell it. */
export type JournalState = {
  readonly active: RandomAccessFile
  readonly spare: RandomAccessFile
  readonly scan: Scan
  readonly places: Map<string, ValuePlace>
}

type Read = { readonly file: RandomAccessFile; readonly scan: Scan; readonly places: Map<string, ValuePlace> }

/**
 * Reads both files and decides which one speaks: the newer generation whose
 * snapshot is whole. Cuts off its torn tail and empties the other, so that what
 * an interrupted compaction left behind is gone.
 */
export async function loadJournal(files: readonly [RandomAccessFile, RandomAccessFile], crc: Crc): Promise<JournalState> {
  const [first, second] = [await readFile(files[0], crc), await readFile(files[1], crc)]
  const [chosen, other] = isBetter(second.scan, first.scan) ? [second, first] : [first, second]
  if (chosen.scan.tornBytes > 0) {
    await chosen.file.truncate(chosen.scan.endOffset)
    await chosen.file.flush()
  }
  if ((await other.file.sizeBytes()) > 0) {
    await other.file.truncate(0)
    await other.file.flush()
  }
  return { active: chosen.file, spare: other.file, scan: chosen.scan, places: chosen.places }
}

async function readFile(file: RandomAccessFile, crc: Crc): Promise<Read> {
  const places = new Map<string, ValuePlace>()
  const scan = await scanJournal(file, crc, (record) => applyRecord(places, record, crc))
  // Without its last record a snapshot may lack others too. It speaks only if the other file cannot.
  const damagedRecords = scan.generation > 0 && !scan.isComplete ? scan.damagedRecords + 1 : scan.damagedRecords
  return { file, places, scan: { ...scan, damagedRecords } }
}

/**
 * Notes where the record's values lie and forgets what it deletes.
 *
 * @returns by how many bytes the live contents have grown, less than 0 if they have shrunk.
 */
export function applyRecord(places: Map<string, ValuePlace>, record: Pick<ScannedRecord, 'ops' | 'offset' | 'bytes'>, crc: Crc): number {
  let growth = 0
  for (const op of record.ops) {
    growth -= liveBytesOf(op.key, places.get(op.key))
    if (op.type === 'delete') {
      places.delete(op.key)
      continue
    }
    const value = record.bytes.subarray(op.valueOffset, op.valueOffset + op.valueBytes)
    const place = { offset: record.offset + op.valueOffset, lengthBytes: op.valueBytes, crc: crc(value) }
    places.set(op.key, place)
    growth += liveBytesOf(op.key, place)
  }
  return growth
}

/** Bytes of keys and values a compaction would keep. */
export function sumLive(places: ReadonlyMap<string, ValuePlace>): number {
  let sum = 0
  for (const [key, place] of places) sum += liveBytesOf(key, place)
  return sum
}

function liveBytesOf(key: string, place: ValuePlace | undefined): number {
  return place === undefined ? 0 : key.length + place.lengthBytes
}

function isBetter(a: Scan, b: Scan): boolean {
  if (a.isComplete !== b.isComplete) return a.isComplete
  return a.generation > b.generation
}
