import { type Bytes, concatBytes, equalBytes, utf8 } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { sha256 } from './digest.ts'
import { MAX_DIMENSIONS, MAX_ID_BYTES } from './limits.ts'
import { corrupt, createReader, type Reader } from './reader.ts'
import { MAX_SEGMENT_BYTES } from './segment.ts'
import { createWriter } from './writer.ts'

export type ManifestSegment = {
  /** Its key ends in this number. Never used twice. */
  readonly number: number
  readonly count: number
  readonly sizeBytes: number
  readonly sha256: Bytes
  /** One bit per row, lowest first: set where the row was removed or replaced. Empty if none was. */
  readonly dead: Bytes
}

/**
 * What an index on disk consists of. Written last: what it does not name does
 * not exist.
 *
 * ```
 * "LKVM"  u32 version = 1  u32 dimensions  u16 length, model in UTF-8
 * u64 version counter  u64 mark  u32 count of segments
 * each: u32 number  u32 count  u32 size in bytes  u8[32] SHA-256  u32 length, tombstone bitmap
 * u8[32] SHA-256 of all before
 * ```
 */
export type Manifest = {
  readonly dimensions: number
  readonly model: string
  /** Grows by one with every flush. */
  readonly version: number
  /** The caller's own position, as of this flush. */
  readonly mark: number
  readonly segments: readonly ManifestSegment[]
}

const MAGIC = 'LKVM'
const VERSION = 1
const DIGEST_BYTES = 32

/** Bytes of a manifest. */
export async function encodeManifest(manifest: Manifest): Promise<Bytes> {
  const writer = createWriter()
  const model = utf8(manifest.model)
  writer.bytes(utf8(MAGIC))
  writer.u32(VERSION)
  writer.u32(manifest.dimensions)
  writer.u16(model.length)
  writer.bytes(model)
  writer.u53(manifest.version)
  writer.u53(manifest.mark)
  writer.u32(manifest.segments.length)
  for (const segment of manifest.segments) {
    writer.u32(segment.number)
    writer.u32(segment.count)
    writer.u32(segment.sizeBytes)
    writer.bytes(segment.sha256)
    writer.u32(segment.dead.length)
    writer.bytes(segment.dead)
  }
  const body = writer.finish()
  return concatBytes(body, await sha256(body))
}

/**
 * The manifest that untrusted `bytes` hold. The digest at its end finds
 * accidents; it authenticates nothing: that is the encrypted store's part.
 *
 * @throws {LocketError} `index/corrupt`; `codec/unknown-version` if a later release wrote it.
 */
export async function decodeManifest(bytes: Bytes): Promise<Manifest> {
  if (bytes.length < DIGEST_BYTES) throw corrupt('the manifest ends too early')
  const body = bytes.slice(0, -DIGEST_BYTES)
  if (!equalBytes(await sha256(body), bytes.subarray(-DIGEST_BYTES))) throw corrupt('the manifest does not match its digest')
  const reader = createReader(body)
  if (reader.text(4) !== MAGIC) throw corrupt('not a manifest')
  const version = reader.u32()
  if (version !== VERSION) throw new LocketError('codec/unknown-version', { operation: 'vectorIndex.open', details: { version } })
  const dimensions = reader.u32()
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS) throw corrupt('impossible dimensions')
  const modelBytes = reader.u16()
  if (modelBytes === 0 || modelBytes > MAX_ID_BYTES) throw corrupt('impossible model')
  const manifest = { dimensions, model: reader.text(modelBytes), version: reader.u53(), mark: reader.u53(), segments: readSegments(reader) }
  reader.end()
  return manifest
}

function readSegments(reader: Reader): ManifestSegment[] {
  const segments: ManifestSegment[] = []
  const numbers = new Set<number>()
  for (let left = reader.u32(); left > 0; left--) {
    const segment = {
      number: reader.u32(),
      count: reader.u32(),
      sizeBytes: reader.u32(),
      sha256: reader.bytes(DIGEST_BYTES),
      dead: reader.bytes(reader.u32()),
    }
    if (segment.sizeBytes > MAX_SEGMENT_BYTES || segment.count > segment.sizeBytes) throw corrupt('an impossible segment')
    if (segment.dead.length !== 0 && !fits(segment.dead, segment.count)) throw corrupt('an impossible tombstone bitmap')
    if (numbers.has(segment.number)) throw corrupt('a segment is named twice')
    numbers.add(segment.number)
    segments.push(segment)
  }
  return segments
}

/** Whether a bitmap has as many bytes as `count` bits take, and no bit set beyond them. */
function fits(bitmap: Bytes, count: number): boolean {
  if (bitmap.length !== Math.ceil(count / 8)) return false
  const spare = bitmap.length * 8 - count
  return spare === 0 || (bitmap.at(-1) as number) >> (8 - spare) === 0
}
