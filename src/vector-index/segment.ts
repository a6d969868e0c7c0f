import { type Bytes, utf8 } from '../core/bytes.ts'
import { MAX_ID_BYTES } from './limits.ts'
import { corrupt, createReader } from './reader.ts'
import { createWriter } from './writer.ts'

/**
 * A segment: some vectors and their ids, written once and never changed.
 *
 * ```
 * "LKVS"  u8 version = 1  u8[3] zero  u32 dimensions  u32 count
 * count times: u16 length, id in UTF-8
 * zeros up to a multiple of 4
 * count times: f32[dimensions], a vector of length 1
 * ```
 *
 * All little-endian, as every platform with WebAssembly is.
 */
export type Segment = {
  readonly ids: readonly string[]
  /** The vectors one after another, in the order of the ids. */
  readonly vectors: Float32Array<ArrayBuffer>
}

/** Largest segment, in bytes. */
export const MAX_SEGMENT_BYTES = 4_000_000

const MAGIC = 'LKVS'
const VERSION = 1

/** How far the square of a stored vector's length may be from 1: far above rounding, far below damage. */
const LENGTH_TOLERANCE = 1e-4

/** What one row adds to a segment, in bytes. */
export function rowBytes(id: string, dimensions: number): number {
  return 2 + utf8(id).length + 4 * dimensions
}

/** How much of a segment the rows may fill: the whole but for a header of 16 bytes and padding of at most 3. */
export const SEGMENT_ROOM_BYTES = 3_999_981

/** Bytes of a segment. */
export function encodeSegment(segment: Segment, dimensions: number): Bytes {
  const writer = createWriter()
  writer.bytes(utf8(MAGIC))
  writer.u32(VERSION)
  writer.u32(dimensions)
  writer.u32(segment.ids.length)
  for (const id of segment.ids) {
    const name = utf8(id)
    writer.u16(name.length)
    writer.bytes(name)
  }
  writer.bytes(new Uint8Array(padding(writer.length())))
  const { buffer, byteOffset, byteLength } = segment.vectors
  writer.bytes(new Uint8Array(buffer, byteOffset, byteLength))
  return writer.finish()
}

/**
 * The segment that untrusted `bytes` hold.
 *
 * @throws {LocketError} `index/corrupt` if they are not exactly a segment of
 * usable ids and vectors of length 1 with these `dimensions`.
 */
export function decodeSegment(bytes: Bytes, dimensions: number): Segment {
  if (bytes.length > MAX_SEGMENT_BYTES) throw corrupt('a segment is too large')
  const reader = createReader(bytes)
  if (reader.text(4) !== MAGIC || reader.u32() !== VERSION) throw corrupt('not a segment')
  if (reader.u32() !== dimensions) throw corrupt('a segment has other dimensions')
  const count = reader.u32()
  if (count > bytes.length / (4 * dimensions)) throw corrupt('a segment is shorter than its count')
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    const length = reader.u16()
    if (length === 0 || length > MAX_ID_BYTES) throw corrupt('an id has an impossible length')
    ids.push(reader.text(length))
  }
  reader.zeros(padding(reader.position()))
  const vectors = new Float32Array(reader.bytes(4 * dimensions * count).buffer)
  reader.end()
  for (let row = 0; row < count; row++) assertUnit(vectors.subarray(row * dimensions, (row + 1) * dimensions))
  return { ids, vectors }
}

function assertUnit(vector: Float32Array): void {
  let squares = 0
  for (const value of vector) squares += value * value
  // Written so that NaN fails too.
  if (!(Math.abs(squares - 1) <= LENGTH_TOLERANCE)) throw corrupt('a vector is not of length 1')
}

function padding(length: number): number {
  return -length & 3
}
