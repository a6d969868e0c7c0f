import { bcs } from '@mysten/bcs'
import { aroundBulk, lengthPrefix } from './bulk.ts'
import { concatBytes, copyBytes, fromBase64Url, fromUtf8, toBase64Url, utf8, type Bytes } from '../core/bytes.ts'
import { decodeStrict } from '../core/codec.ts'
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

const HeadBcs = bcs.struct('Item', {
  format: bcs.u8(),
  id: bcs.bytes(MEMORY_ID_BYTES),
  version: bcs.u32(),
  createdAt: bcs.u64(),
  updatedAt: bcs.u64(),
  occurredAt: bcs.u64(),
  validFrom: bcs.option(bcs.u64()),
  validUntil: bcs.option(bcs.u64()),
  importance: bcs.u16(),
  category: bcs.string(),
  tags: bcs.vector(bcs.string()),
  source: bcs.option(bcs.string()),
  links: bcs.vector(bcs.bytes(MEMORY_ID_BYTES)),
  contentType: bcs.string(),
})
/** After the text, which is the large field. */
const TailBcs = bcs.struct('ItemTail', {
  bytes: bcs.option(bcs.byteVector()),
  vector: bcs.option(bcs.struct('Vector', { model: bcs.string(), scale: bcs.u32(), codes: bcs.byteVector() })),
})
const ItemSchema = aroundBulk(HeadBcs, TailBcs)

/** Canonical bytes of an item. Format 1: BCS, times shifted to be unsigned, the vector's scale as the bits of a float32. */
export function encodeItem(item: Item): Bytes {
  return concatBytes(...encodeItemParts(item))
}

/** The bytes of {@link encodeItem} in parts, for whoever puts them into a larger array. */
export function encodeItemParts(item: Item): readonly Uint8Array[] {
  const text = utf8(item.text)
  return [HeadBcs.serialize(headOf(item)).toBytes(), lengthPrefix(text.length), text, TailBcs.serialize(tailOf(item)).toBytes()]
}

function headOf(item: Item) {
  return {
    format: FORMAT,
    id: fromBase64Url(item.id),
    version: item.version,
    createdAt: toWireInstant(item.createdAtMs),
    updatedAt: toWireInstant(item.updatedAtMs),
    occurredAt: toWireInstant(item.occurredAtMs),
    validFrom: item.validFromMs === undefined ? null : toWireInstant(item.validFromMs),
    validUntil: item.validUntilMs === undefined ? null : toWireInstant(item.validUntilMs),
    importance: Math.round(item.importance * IMPORTANCE_STEPS),
    category: item.category,
    tags: [...item.tags],
    source: item.source ?? null,
    links: item.links.map((link) => fromBase64Url(link)),
    contentType: item.contentType,
  }
}

function tailOf({ bytes, vector }: Item) {
  return {
    bytes: bytes ?? null,
    vector:
      vector === undefined ? null : { model: vector.model, scale: floatToBits(vector.scale), codes: new Uint8Array(vector.codes.buffer) },
  }
}

/**
 * The item that authenticated bytes spell.
 *
 * @throws {LocketError} `codec/unknown-version`, `codec/truncated`, `codec/trailing-bytes`, `codec/invalid`.
 */
export function decodeItem(encoded: Uint8Array): Item {
  const operation = 'memory.decodeItem'
  if (encoded.length > 0 && encoded[0] !== FORMAT) throw new LocketError('codec/unknown-version', { operation })
  const { head, bulk, tail } = decodeStrict(ItemSchema, encoded, operation)
  const wire = { ...head, ...tail }
  const instants = [wire.createdAt, wire.updatedAt, wire.occurredAt, wire.validFrom ?? '0', wire.validUntil ?? '0'].map(fromWireInstant)
  const scale = wire.vector === null ? 1 : bitsToFloat(wire.vector.scale)
  if (!instants.every(isInstant) || wire.importance > IMPORTANCE_STEPS || !(Number.isFinite(scale) && scale > 0)) {
    throw new LocketError('codec/invalid', { operation, message: 'a field is out of range' })
  }
  return {
    id: toBase64Url(wire.id),
    version: wire.version,
    createdAtMs: fromWireInstant(wire.createdAt),
    updatedAtMs: fromWireInstant(wire.updatedAt),
    occurredAtMs: fromWireInstant(wire.occurredAt),
    validFromMs: wire.validFrom === null ? undefined : fromWireInstant(wire.validFrom),
    validUntilMs: wire.validUntil === null ? undefined : fromWireInstant(wire.validUntil),
    importance: wire.importance / IMPORTANCE_STEPS,
    category: wire.category,
    tags: wire.tags,
    source: wire.source ?? undefined,
    links: wire.links.map((link) => toBase64Url(link)),
    contentType: wire.contentType,
    text: fromUtf8(bulk),
    bytes: wire.bytes === null ? undefined : copyBytes(wire.bytes),
    vector:
      wire.vector === null ? undefined : { model: wire.vector.model, scale, codes: new Int8Array(copyBytes(wire.vector.codes).buffer) },
  }
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

/** The vector that {@link packVector} packed, to within its error. */
export function unpackVector(packed: PackedVector): Float32Array<ArrayBuffer> {
  const vector = new Float32Array(packed.codes.length)
  for (let i = 0; i < vector.length; i++) vector[i] = (packed.codes[i] as number) * packed.scale
  return vector
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
