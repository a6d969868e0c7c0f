import { type AbortOptions, throwIfAborted } from '../core/abort.ts'
import { equalBytes } from '../core/bytes.ts'
import { sha256 } from './digest.ts'
import type { Manifest } from './manifest.ts'
import { readRecord } from './read-record.ts'
import { corrupt } from './reader.ts'
import { decodeSegment } from './segment.ts'
import type { LoggedSegment, SegmentLog } from './segment-log.ts'
import type { VectorSpace } from './vector-space.ts'
import type { VectorStore } from './vector-store.ts'

/**
 * Reads every segment the manifest names and puts its live vectors.
 *
 * @throws {LocketError} `index/corrupt` if one is missing, altered or does not
 * fit the manifest; `index/full`.
 */
export async function loadSegments(
  manifest: Manifest,
  from: { readonly store: VectorStore; readonly keyOf: (number: number) => string },
  into: { readonly space: VectorSpace; readonly log: SegmentLog },
  options: AbortOptions,
): Promise<void> {
  const { dimensions } = manifest
  const { space, log } = into
  for (const { number, count, sizeBytes, sha256: digest, dead } of manifest.segments) {
    throwIfAborted(options)
    const bytes = await readRecord(from.store, from.keyOf(number), options)
    if (bytes === undefined) throw corrupt('a segment is missing')
    if (bytes.length !== sizeBytes) throw corrupt('a segment has another size')
    if (!equalBytes(await sha256(bytes), digest)) throw corrupt('a segment does not match its digest')
    const { ids, vectors } = decodeSegment(bytes, dimensions)
    if (ids.length !== count) throw corrupt('a segment has another count')
    const segment = withTombstones(number, sizeBytes, digest, ids, dead)
    space.reserve(count - segment.deadCount)
    ids.forEach((id, row) => {
      if (isDead(segment, row)) return
      if (space.has(id)) throw corrupt('an id is live twice')
      space.put(id, vectors.subarray(row * dimensions, (row + 1) * dimensions))
    })
    log.load(segment)
  }
  space.settle()
}

function withTombstones(
  number: number,
  sizeBytes: number,
  digest: LoggedSegment['sha256'],
  ids: readonly string[],
  bitmap: Uint8Array,
): LoggedSegment {
  const dead = new Uint8Array(Math.ceil(ids.length / 8))
  dead.set(bitmap)
  let deadCount = 0
  for (let row = 0; row < ids.length; row++) deadCount += ((dead[row >> 3] as number) >> (row & 7)) & 1
  return { number, sizeBytes, sha256: digest, ids, dead, deadCount }
}

function isDead(segment: LoggedSegment, row: number): boolean {
  return (((segment.dead[row >> 3] as number) >> (row & 7)) & 1) === 1
}
