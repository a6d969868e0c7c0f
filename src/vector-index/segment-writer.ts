import { type AbortOptions, throwIfAborted } from '../core/abort.ts'
import { sha256 } from './digest.ts'
import { encodeManifest } from './manifest.ts'
import { encodeSegment } from './segment.ts'
import type { Chosen, LoggedSegment, SegmentLog } from './segment-log.ts'
import type { VectorSpace } from './vector-space.ts'
import type { VectorStore } from './vector-store.ts'

/** Segments written in one batch: at most 16 MB are held twice in memory. */
const SEGMENTS_PER_BATCH = 4

export type SegmentWriterOptions = {
  readonly store: VectorStore
  readonly space: VectorSpace
  readonly log: SegmentLog
  readonly dimensions: number
  readonly model: string
  readonly keyOf: (number: number) => string
  readonly manifestKey: string
  /** Version and mark that are on disk, or that the next must exceed. */
  readonly version: number
  readonly mark: number
  /** Whether what is on disk is to be replaced even if nothing is put. */
  readonly replacesAll: boolean
  /** Numbers of all segments that have keys. */
  readonly onDisk: readonly number[]
}

/**
 * Writes what the log says is not on disk. One flush at a time; the index may
 * change while one runs.
 */
export function createSegmentWriter(options: SegmentWriterOptions) {
  const { store, space, log, dimensions, model, keyOf, manifestKey } = options
  let { version, mark } = options
  let nextNumber = options.onDisk.reduce((next, number) => Math.max(next, number + 1), 0)
  // Segments that the next manifest will not name: dropped, left by a torn flush, or replaced altogether.
  const orphans = new Set(options.onDisk)
  for (const { number } of log.segments()) orphans.delete(number)
  // Whether the manifest on disk is out of date: tombstones, or a write that failed half-way.
  let isTouched = options.replacesAll
  let tail: Promise<unknown> = Promise.resolve()

  async function build(chosen: Chosen): Promise<{ bytes: Uint8Array; segment: LoggedSegment; chosen: Chosen }> {
    const { ids } = chosen
    const vectors = new Float32Array(ids.length * dimensions)
    ids.forEach((id, row) => space.read(id, vectors.subarray(row * dimensions)))
    const bytes = encodeSegment({ ids, vectors }, dimensions)
    const number = nextNumber++
    const digest = await sha256(bytes)
    const dead = new Uint8Array(Math.ceil(ids.length / 8))
    return { bytes, chosen, segment: { number, sizeBytes: bytes.length, sha256: digest, ids, dead, deadCount: 0 } }
  }

  /**
   * One batch: new segments, then the manifest. What it no longer names is deleted
   * afterwards, by `sweep`: a store that keeps half a batch must never be left
   * with a manifest that names what is gone.
   */
  async function write(groups: readonly Chosen[], dropped: readonly LoggedSegment[], newMark: number, abort: AbortOptions): Promise<void> {
    const built = await Promise.all(groups.map(build))
    const kept = [...log.segments()].filter((segment) => !dropped.includes(segment))
    isTouched = false
    try {
      // Taken now: tombstones that come while the store writes belong to the next manifest.
      const manifest = await encodeManifest({
        dimensions,
        model,
        version: version + 1,
        mark: newMark,
        segments: [...kept, ...built.map(({ segment }) => segment)].map((segment) => ({
          number: segment.number,
          count: segment.ids.length,
          sizeBytes: segment.sizeBytes,
          sha256: segment.sha256,
          dead: segment.deadCount === 0 ? new Uint8Array(0) : segment.dead.slice(),
        })),
      })
      throwIfAborted(abort)
      await store.batch(
        [
          ...built.map(({ segment, bytes }) => ({ type: 'put' as const, key: keyOf(segment.number), value: bytes })),
          { type: 'put' as const, key: manifestKey, value: manifest },
        ],
        abort,
      )
    } catch (error) {
      // The batch may have been kept in part: its segments are nobody's now.
      for (const { segment } of built) orphans.add(segment.number)
      isTouched = true
      throw error
    }
    version++
    mark = newMark
    for (const { number } of dropped) orphans.add(number)
    log.commit(built, dropped)
    if (built.some(({ segment }) => segment.deadCount > 0)) isTouched = true
  }

  /** Deletes what no manifest names. Only after the manifest on disk is the present one. */
  async function sweep(abort: AbortOptions): Promise<void> {
    const gone = [...orphans]
    if (gone.length === 0) return
    await store.batch(
      gone.map((number) => ({ type: 'delete' as const, key: keyOf(number) })),
      abort,
    )
    for (const number of gone) orphans.delete(number)
  }

  async function flush(newMark: number | undefined, abort: AbortOptions): Promise<void> {
    const waiting = new Set(log.pending())
    let isWritten = false
    // Entries that are put while this runs wait for the next flush, so that it ends.
    const left = () => [...waiting].filter((id) => log.pending().has(id))
    for (let ids = left(); ids.length > 0; ids = left()) {
      throwIfAborted(abort)
      const groups = log.choose(ids, SEGMENTS_PER_BATCH)
      const chosen = groups.flatMap((group) => group.ids)
      for (const id of chosen) waiting.delete(id)
      await write(groups, [], waiting.size === 0 ? (newMark ?? mark) : mark, abort)
      isWritten = true
    }
    // Tombstones alone, or a mark. Those that came while segments were written wait as well.
    if ((!isWritten && isTouched) || (newMark !== undefined && newMark !== mark)) await write([], [], newMark ?? mark, abort)
    const victims = log.victims()
    if (victims.length > 0) {
      const groups = log.choose(
        victims.flatMap((segment) => log.liveIds(segment)),
        Number.POSITIVE_INFINITY,
      )
      await write(groups, victims, mark, abort)
    }
    await sweep(abort)
  }

  return Object.freeze({
    /** Version and mark on disk. */
    state: () => ({ version, mark }),
    /** Says that something was replaced or removed. */
    touch(): void {
      isTouched = true
    },
    /** Brings the disk up to date with the log as it is when this flush's turn comes. */
    flush(newMark: number | undefined, abort: AbortOptions): Promise<void> {
      const done = tail.then(() => flush(newMark, abort))
      tail = done.catch(() => undefined)
      return done
    },
  })
}
