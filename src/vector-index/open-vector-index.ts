import { type AbortOptions, throwIfAborted } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { assertCounter, assertOptions } from './checks.ts'
import { createSpaceIndex, type VectorIndexOptions } from './create-vector-index.ts'
import { loadKernel } from './load-kernel.ts'
import { loadSegments } from './load-segments.ts'
import { decodeManifest, type Manifest } from './manifest.ts'
import type { VectorIndex } from './port.ts'
import { putEntries } from './put-entries.ts'
import { readRecord } from './read-record.ts'
import { createSegmentLog } from './segment-log.ts'
import { createSegmentWriter } from './segment-writer.ts'
import { createVectorSpace } from './vector-space.ts'
import type { VectorStore } from './vector-store.ts'

export type OpenVectorIndexOptions = VectorIndexOptions & {
  /** Where segments are kept. Must encrypt; stays open when the index is closed. */
  readonly store: VectorStore
  /** What every key of this index begins with. Default `v/`. One index per prefix. */
  readonly prefix?: string | undefined
  /** The highest version this caller has seen, from `flush` or `saved`. An older one on disk is refused. */
  readonly expectedVersion?: number | undefined
  /** Start empty whatever is on disk; the next flush replaces it. For rebuilding after damage or a change of model. */
  readonly startEmpty?: boolean | undefined
  /** Flush by itself, in the background, once this many entries wait. Default 256. */
  readonly flushAfter?: number | undefined
  /** Takes the lock that makes this the only writer, and resolves to what gives it back. Default: the caller sees to it. */
  readonly lock?: (() => Promise<() => void>) | undefined
}

/** What is on disk. */
export type SavedIndex = {
  /** Grows with every flush. Keep the highest one elsewhere to notice that the store was rolled back. */
  readonly version: number
  /** The `mark` of the last flush that ended: 0 at first. */
  readonly mark: number
  readonly segments: number
  /** Entries that wait for the next flush. */
  readonly pending: number
}

export type PersistentVectorIndex = VectorIndex & {
  /**
   * Writes what changed since the last flush. Once it resolves, all that was put
   * or removed before the call is on disk. Safe to repeat after a failure.
   *
   * `mark` is a number of the caller's, such as a position in its own log: it is
   * stored with the last write, so that after a crash `saved().mark` says from
   * where to put again. Now and then a flush also writes a few segments anew:
   * when a quarter of all rows are dead, or many segments are small.
   */
  flush(options?: AbortOptions & { readonly mark?: number | undefined }): Promise<SavedIndex>
  saved(): Promise<SavedIndex>
  /** All ids, in no order: to compare with what should be there. */
  ids(): Promise<readonly string[]>
}

/**
 * An index whose vectors outlive the page: append-only segments of at most 4 MB
 * under `<prefix>seg/<n>`, and a manifest, `<prefix>manifest`, that is written
 * last. `put` and `remove` act in memory at once; nothing is durable before a
 * flush. The index is a cache of vectors that can be computed again, so every
 * kind of damage has the same cure: open with `startEmpty` and put them again.
 *
 * It finds damage and roll-back; keeping others from reading or forging the
 * vectors is the encrypted store's part. One writer per store and prefix: see `lock`.
 *
 * @throws {LocketError} `index/corrupt`, `index/rolled-back`,
 * `index/model-mismatch`, `index/dimension-mismatch`, `index/full`,
 * `index/wasm-not-found`, `codec/unknown-version`, `usage/invalid-argument`, and what the store fails with.
 */
export async function openVectorIndex(options: OpenVectorIndexOptions, abort: AbortOptions = {}): Promise<PersistentVectorIndex> {
  assertOptions(options)
  assertCounter('expectedVersion', options.expectedVersion)
  throwIfAborted(abort)
  const release = await options.lock?.()
  try {
    return await openLocked(options, abort, release)
  } catch (error) {
    release?.()
    throw error
  }
}

async function openLocked(
  options: OpenVectorIndexOptions,
  abort: AbortOptions,
  release: (() => void) | undefined,
): Promise<PersistentVectorIndex> {
  const { dimensions, model, store, method = 'auto', capacity = Number.POSITIVE_INFINITY, prefix = 'v/', flushAfter = 256 } = options
  const keyOf = (number: number) => `${prefix}seg/${number}`
  const manifestKey = `${prefix}manifest`

  const found = await readManifest(options, manifestKey, abort)
  const kernel = await loadKernel(options)
  const space = createVectorSpace(kernel, dimensions, method, capacity)
  const log = createSegmentLog(dimensions)
  if (found.manifest !== undefined) await loadSegments(found.manifest, { store, keyOf }, { space, log }, abort)

  const writer = createSegmentWriter({
    store,
    space,
    log,
    dimensions,
    model,
    keyOf,
    manifestKey,
    version: Math.max(found.version, options.expectedVersion ?? 0),
    mark: found.manifest?.mark ?? 0,
    replacesAll: options.startEmpty === true,
    onDisk: await segmentsOnDisk(store, `${prefix}seg/`, abort),
  })
  const memory = createSpaceIndex(model, dimensions, kernel.engine, space)
  let isClosed = false
  let isFlushing = false

  function assertOpen(operation: string): void {
    if (isClosed) throw new LocketError('usage/closed', { operation })
  }

  function saved(): SavedIndex {
    return { ...writer.state(), segments: log.segmentCount(), pending: log.pending().size }
  }

  /** A failure here loses nothing: the entries still wait, and the next flush reports it. */
  function flushSoon(): void {
    if (isFlushing || log.pending().size < flushAfter) return
    isFlushing = true
    void writer
      .flush(undefined, {})
      .catch(() => undefined)
      .finally(() => {
        isFlushing = false
      })
  }

  return Object.freeze({
    async put(entries, putOptions) {
      throwIfAborted(putOptions)
      assertOpen('vectorIndex.put')
      putEntries(space, dimensions, entries)
      for (const { id } of entries) log.put(id)
      writer.touch()
      flushSoon()
    },
    async remove(ids, removeOptions) {
      throwIfAborted(removeOptions)
      assertOpen('vectorIndex.remove')
      for (const id of ids) {
        if (!space.remove(id)) continue
        log.remove(id)
        writer.touch()
      }
    },
    search: (query, searchOptions) => memory.search(query, searchOptions),
    async stats() {
      return { ...(await memory.stats()), tombstones: log.tombstones() }
    },
    async flush(flushOptions = {}) {
      throwIfAborted(flushOptions)
      assertOpen('vectorIndex.flush')
      assertCounter('mark', flushOptions.mark)
      await writer.flush(flushOptions.mark, flushOptions)
      return saved()
    },
    async saved() {
      assertOpen('vectorIndex.saved')
      return saved()
    },
    async ids() {
      assertOpen('vectorIndex.ids')
      return [...space.ids()]
    },
    async close() {
      if (isClosed) return
      isClosed = true
      try {
        await writer.flush(undefined, {})
      } finally {
        await memory.close()
        release?.()
      }
    },
  } satisfies PersistentVectorIndex)
}

/** The manifest to load from, if any, checked against what the caller knows, and the version on disk. */
async function readManifest(
  options: OpenVectorIndexOptions,
  key: string,
  abort: AbortOptions,
): Promise<{ manifest?: Manifest; version: number }> {
  const { store, model, dimensions, expectedVersion = 0, startEmpty = false } = options
  if (startEmpty) {
    // Only the version matters, so that the next one is higher; a damaged manifest has none.
    const bytes = await readRecord(store, key, abort).catch((error: unknown) => {
      if (isLocketError(error, 'index/corrupt')) return undefined
      throw error
    })
    const version =
      bytes === undefined
        ? 0
        : await decodeManifest(bytes).then(
            (old) => old.version,
            () => 0,
          )
    return { version }
  }
  const bytes = await readRecord(store, key, abort)
  const manifest = bytes === undefined ? undefined : await decodeManifest(bytes)
  const version = manifest?.version ?? 0
  const operation = 'vectorIndex.open'
  if (version < expectedVersion) {
    throw new LocketError('index/rolled-back', { operation, details: { expected: expectedVersion, found: version } })
  }
  if (manifest === undefined) return { version }
  if (manifest.model !== model)
    throw new LocketError('index/model-mismatch', { operation, details: { expected: model, found: manifest.model } })
  if (manifest.dimensions !== dimensions) {
    throw new LocketError('index/dimension-mismatch', { operation, details: { expected: dimensions, found: manifest.dimensions } })
  }
  return { manifest, version }
}

/** Numbers of the segments that have keys, whether or not a manifest names them. */
async function segmentsOnDisk(store: VectorStore, prefix: string, abort: AbortOptions): Promise<number[]> {
  const numbers: number[] = []
  for await (const key of store.list(prefix, abort)) {
    const number = Number(key.slice(prefix.length))
    if (Number.isInteger(number) && number >= 0) numbers.push(number)
  }
  return numbers
}
