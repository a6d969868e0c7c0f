import { byteReader } from '../core/byte-reader.ts'
import { byteWriter, type ByteWriter } from '../core/byte-writer.ts'
import { copyBytes, fromBase64Url, toBase64Url, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import type { MemoryId } from './types.ts'
import { fromWireInstant, isInstant, toWireInstant } from './time.ts'

/** A vector as it travels: one byte per dimension, `value = code * scale`. */
export type PackedVector = { readonly model: string; readonly scale: number; readonly codes: Int8Array<ArrayBuffer> }

/** Everything one version of a memory is, apart from where it is kept. Encrypted as a whole. */
export type Item = {
  readonly id: MemoryId
  readonly version: number
  readonly createdAtMs: number
  readonly updatedAtMs: number
  readonly occurredAtMs: number
  readonly validFromMs: number | undefined
  readonly validUntilMs: number | undefined
  readonly importance: number
  readonly category: string
  readonly tags: readonly string[]
  readonly source: string | undefined
  readonly links: readonly MemoryId[]
  readonly contentType: string
  readonly text: string
  readonly bytes: Bytes | undefined
  readonly vector: PackedVector | undefined
}

/** Bytes of a memory id. */
export const MEMORY_ID_BYTES = 16

const FORMAT = 1
const IMPORTANCE_STEPS = 10_000

/**
 * Canonical bytes of an item. Format 1: BCS of the fields in the order below,
 * times shifted to be unsigned, the vector's scale as the bits of a float32.
 */
export function encodeItem(item: Item): Bytes {
  const writer = byteWriter()
  writeItem(writer, item)
  return writer.finish()
}

/** Writes the bytes of {@link encodeItem}. */
export function writeItem(writer: ByteWriter, item: Item): void {
  const { validFromMs, validUntilMs, source, bytes, vector } = item
  writer.u8(FORMAT)
  writer.put(fromBase64Url(item.id))
  writer.u32(item.version)
  writer.u64(toWireInstant(item.createdAtMs))
  writer.u64(toWireInstant(item.updatedAtMs))
  writer.u64(toWireInstant(item.occurredAtMs))
  writer.flag(validFromMs !== undefined)
  if (validFromMs !== undefined) writer.u64(toWireInstant(validFromMs))
  writer.flag(validUntilMs !== undefined)
  if (validUntilMs !== undefined) writer.u64(toWireInstant(validUntilMs))
  writer.u16(Math.round(item.importance * IMPORTANCE_STEPS))
  writer.text(item.category)
  writer.uleb(item.tags.length)
  for (const tag of item.tags) writer.text(tag)
  writer.flag(source !== undefined)
  if (source !== undefined) writer.text(source)
  writer.uleb(item.links.length)
  for (const link of item.links) writer.put(fromBase64Url(link))
  writer.text(item.contentType)
  writer.text(item.text)
  writer.flag(bytes !== undefined)
  if (bytes !== undefined) {
    writer.uleb(bytes.length)
    writer.put(bytes)
  }
  writer.flag(vector !== undefined)
  if (vector !== undefined) {
    writer.text(vector.model)
    writer.u32(floatToBits(vector.scale))
    writer.uleb(vector.codes.length)
    writer.put(new Uint8Array(vector.codes.buffer, vector.codes.byteOffset, vector.codes.length))
  }
}

/**
 * The item that authenticated bytes spell. Every accepted input has exactly one
 * spelling, which {@link encodeItem} gives back. The vector is a view of the bytes, which must not change.
 *
 * @throws {LocketError} `codec/unknown-version`, `codec/truncated`, `codec/trailing-bytes`, `codec/invalid`.
 */
export function decodeItem(encoded: Uint8Array): Item {
  const operation = 'memory.decodeItem'
  const reader = byteReader(encoded, operation)
  const text = () => reader.text()
  const option = <T>(read: () => T): T | undefined => (reader.flag() ? read() : undefined)
  const list = <T>(read: () => T): T[] => {
    const items: T[] = []
    for (let left = reader.uleb(); left > 0; left--) items.push(read())
    return items
  }
  const id = () => toBase64Url(reader.take(MEMORY_ID_BYTES))
  const instant = () => {
    const ms = fromWireInstant(reader.u64())
    if (!isInstant(ms)) throw outOfRange(operation)
    return ms
  }
  if (reader.u8() !== FORMAT) throw new LocketError('codec/unknown-version', { operation })
  // Read in the order they are written down.
  const item: Item = {
    id: id(),
    version: reader.u32(),
    createdAtMs: instant(),
    updatedAtMs: instant(),
    occurredAtMs: instant(),
    validFromMs: option(instant),
    validUntilMs: option(instant),
    importance: reader.u16() / IMPORTANCE_STEPS,
    category: text(),
    tags: list(text),
    source: option(text),
    links: list(id),
    contentType: text(),
    text: text(),
    bytes: option(() => copyBytes(reader.take(reader.uleb()))),
    vector: option(() => ({
      model: text(),
      scale: bitsToFloat(reader.u32()),
      codes: asSigned(reader.take(reader.uleb()) as Bytes),
    })),
  }
  reader.end()
  const { scale } = item.vector ?? { scale: 1 }
  if (item.importance > 1 || !(Number.isFinite(scale) && scale > 0)) throw outOfRange(operation)
  return item
}

/** A view of the same bytes: the item is read, and let go, as a whole. */
function asSigned(bytes: Bytes): Int8Array<ArrayBuffer> {
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

function outOfRange(operation: string): LocketError {
  return new LocketError('codec/invalid', { operation, message: 'a field is out of range' })
}

/**
 * One byte per dimension, scaled to the largest: about 0.4 % error per
 * dimension. `undefined` for a vector without a direction (all zero, or holding
 * something that is not a number), which could not be read back.
 */
export function packVector(model: string, vector: Float32Array): PackedVector | undefined {
  let largest = 0
  for (const value of vector) largest = Math.max(largest, Math.abs(value))
  const scale = Math.fround(largest / 127)
  if (!(scale > 0 && Number.isFinite(scale)) || vector.some(Number.isNaN)) return undefined
  const codes = new Int8Array(vector.length)
  for (let i = 0; i < vector.length; i++) codes[i] = Math.round((vector[i] as number) / scale)
  return { model, scale, codes }
}

/** The vector that {@link packVector} packed, to within its error. Written to `room` if that is given. */
export function unpackVector(
  { codes, scale }: PackedVector,
  room: Float32Array<ArrayBuffer> = new Float32Array(codes.length),
): Float32Array<ArrayBuffer> {
  for (let i = 0; i < codes.length; i++) room[i] = (codes[i] as number) * scale
  return room
}

function floatToBits(value: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value)
  return view.getUint32(0)
}

function bitsToFloat(bits: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, bits)
  return view.getFloat32(0)
}
