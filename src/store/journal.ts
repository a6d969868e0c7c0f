import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { assertKey, assertOps, assertUsable } from './checks.ts'
import { createCommitQueue } from './commit-queue.ts'
import { createCrc32c } from './crc32c.ts'
import type { CompactingStore } from './dual-side.ts'
import type { RandomAccessFile } from './file.ts'
import { applyRecord, loadJournal, sumLive, type ValuePlace } from './journal-files.ts'
import { decodeRecord, encodedOpBytes, encodeRecord, MAX_PAYLOAD_BYTES, type RecordKind } from './journal-record.ts'
import { iterateKeys, selectKeys } from './keys.ts'
import type { StoreOp } from './port.ts'

/** Snapshot records of a compaction hold about this many bytes each. */
const SNAPSHOT_RECORD_BYTES = 1024 * 1024

/** A `BlobStore` over an append-only file. */
export type JournalStore = CompactingStore & {
  /** Bytes of torn tail cut off when it was opened: writes nobody was told had succeeded, or damage at the very end. */
  readonly tornBytes: number
}

export type OpenJournalStoreOptions = AbortOptions & {
  /** The journal and its spare, which compaction writes before switching over. Owned by the store from here on. */
  readonly files: readonly [RandomAccessFile, RandomAccessFile]
  /** Compacts by itself once the file is larger than this and at least half of it is dead. Default 4 MiB. */
  readonly compactAboveBytes?: number | undefined
  /** Runs when the store is closed, after its files: releases the lock of the caller. */
  readonly onClose?: (() => void | Promise<void>) | undefined
}

/**
 * A log-structured store: every batch is one record with length, sequence and
 * CRC-32C, appended and flushed before it is acknowledged; batches that wait
 * together share a record and a flush. All keys are in memory, values are not.
 *
 * - Opening cuts off a torn tail, skips damage in the middle and counts it in
 *   `damagedRecords`, until `compact` has rewritten the file.
 * - After a failed write the file is cut back to its last acknowledged record
 *   before anything else is written.
 * - A value that rots while the store is open is `store/corrupt` when read.
 * - Needs to be the only writer of its files; the openers of files see to that.
 *
 * @throws {LocketError} what the files fail with.
 */
export async function openJournalStore(options: OpenJournalStoreOptions): Promise<JournalStore> {
  const { compactAboveBytes = 4 * 1024 * 1024 } = options
  options.signal?.throwIfAborted()
  const crc = createCrc32c()
  let { active, spare, scan, places } = await loadJournal(options.files, crc)
  let { lastSequence: sequence, endOffset, damagedRecords } = scan
  let generation = Math.max(1, scan.generation)
  let liveBytes = sumLive(places)
  let mustCutBack = false
  // A spare that may hold a whole newer snapshot would outrank what is written after it.
  let mustClearSpare = false
  let isClosed = false
  const reads = new Set<Promise<unknown>>()

  const append = async (file: RandomAccessFile, offset: number, kind: RecordKind, ops: readonly StoreOp[]) => {
    const record = encodeRecord({ kind, generation, sequence: sequence + 1n, ops }, crc)
    await file.write(offset, record)
    sequence += 1n
    return record
  }

  const commit = async (ops: readonly StoreOp[]) => {
    if (mustClearSpare) await clearSpare()
    if (mustCutBack) await active.truncate(endOffset)
    mustCutBack = false
    const before = sequence
    try {
      const bytes = await append(active, endOffset, 'batch', ops)
      await active.flush()
      liveBytes += applyRecord(places, { ops: decodeRecord(bytes, crc).ops, offset: endOffset, bytes }, crc)
      endOffset += bytes.length
    } catch (error) {
      sequence = before
      mustCutBack = true
      throw error
    }
    compactIfWorthwhile()
  }

  const queue = createCommitQueue(commit)

  const compactIfWorthwhile = () => {
    if (endOffset <= compactAboveBytes || isClosed) return
    // A failed compaction has changed nothing; the next write tries again.
    if (liveBytes * 2 < endOffset) queue.exclusive(compactNow).catch(() => {})
  }

  const clearSpare = async () => {
    mustClearSpare = true
    await spare.truncate(0)
    await spare.flush()
    mustClearSpare = false
  }

  /** Nothing is lost wherever this stops: the old file speaks until the new one ends in a flushed `complete` record. */
  const compactNow = async () => {
    const previous = { generation, sequence }
    const moved = new Map<string, ValuePlace>()
    let offset = 0
    let lost = 0
    const write = async (kind: RecordKind, ops: readonly StoreOp[]) => {
      const bytes = await append(spare, offset, kind, ops)
      applyRecord(moved, { ops: decodeRecord(bytes, crc).ops, offset, bytes }, crc)
      offset += bytes.length
    }
    generation += 1
    try {
      await clearSpare()
      let ops: StoreOp[] = []
      let bytes = 0
      for (const [key, place] of places) {
        const value = await readSound(key, place)
        if (value === undefined) lost++
        else ops.push({ type: 'put', key, value })
        bytes += place.lengthBytes
        if (bytes < SNAPSHOT_RECORD_BYTES) continue
        await write('snapshot', ops)
        ops = []
        bytes = 0
      }
      await write('snapshot', ops)
      await spare.flush()
      await write('complete', [])
      await spare.flush()
    } catch (error) {
      generation = previous.generation
      sequence = previous.sequence
      await clearSpare().catch(() => {})
      throw error
    }
    await Promise.allSettled(reads)
    ;[active, spare, places, endOffset, damagedRecords] = [spare, active, moved, offset, lost]
    liveBytes = sumLive(places)
    mustCutBack = false
    // Left undone by a crash or a failure, the next opening does it.
    await spare.truncate(0).catch(() => {})
  }

  const readSound = async (key: string, place: ValuePlace): Promise<Bytes | undefined> => {
    try {
      return await readValue(active, key, place, crc)
    } catch (error) {
      if (isLocketError(error, 'store/corrupt')) return undefined
      throw error
    }
  }

  const get = async (key: string): Promise<Bytes | undefined> => {
    const place = places.get(key)
    if (place === undefined) return undefined
    const reading = readValue(active, key, place, crc)
    reads.add(reading)
    const forget = () => reads.delete(reading)
    reading.then(forget, forget)
    return reading
  }

  const write = async (ops: readonly StoreOp[], operation: string, writeOptions?: AbortOptions) => {
    assertUsable(isClosed, operation, writeOptions)
    assertOps(ops, operation)
    if (ops.reduce((sum, op) => sum + encodedOpBytes(op), 0) > MAX_PAYLOAD_BYTES) {
      throw new LocketError('codec/too-large', { operation, details: { limitBytes: MAX_PAYLOAD_BYTES } })
    }
    if (ops.length > 0) await queue.write(ops, writeOptions)
  }

  return Object.freeze({
    features: Object.freeze({ atomicBatch: true, durable: true, crossTab: false }),
    tornBytes: scan.tornBytes,
    get damagedRecords() {
      return damagedRecords
    },
    async get(key: string, getOptions?: AbortOptions) {
      assertUsable(isClosed, 'store.get', getOptions)
      assertKey(key, 'store.get')
      return queue.read(() => get(key))
    },
    put: (key: string, value: Uint8Array, putOptions?: AbortOptions) => write([{ type: 'put', key, value }], 'store.put', putOptions),
    delete: (key: string, deleteOptions?: AbortOptions) => write([{ type: 'delete', key }], 'store.delete', deleteOptions),
    batch: (ops: readonly StoreOp[], batchOptions?: AbortOptions) => write(ops, 'store.batch', batchOptions),
    list(prefix: string, listOptions?: AbortOptions) {
      const keys = async () => {
        assertUsable(isClosed, 'store.list', listOptions)
        return queue.read(async () => selectKeys(places.keys(), prefix))
      }
      return iterateKeys(keys())
    },
    async compact() {
      assertUsable(isClosed, 'store.compact')
      await queue.exclusive(compactNow)
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await queue.settled()
      await Promise.allSettled(reads)
      await Promise.all([active.close(), spare.close()])
      await options.onClose?.()
    },
  })
}

async function readValue(file: RandomAccessFile, key: string, place: ValuePlace, crc: (bytes: Uint8Array) => number): Promise<Bytes> {
  const value = await file.read(place.offset, place.lengthBytes)
  if (value.length === place.lengthBytes && crc(value) === place.crc) return value
  throw new LocketError('store/corrupt', { operation: 'store.get', details: { key } })
}
