import { copyBytes, type Bytes } from '../core/bytes.ts'
import type { ByteReader } from '../core/byte-reader.ts'

/** A number as the threshold core reads it: four bytes, little-endian (`wasm/SPEC.md` section 7). */
export function u32(value: number): Bytes {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, value, true)
  return out
}

/** Bytes behind their length. Two parts, for `concatBytes`: no copy is made that would have to be overwritten. */
export function sized(bytes: Uint8Array): readonly [Bytes, Uint8Array] {
  return [u32(bytes.length), bytes]
}

/** A copy of bytes behind their length. */
export function readSized(reader: ByteReader): Bytes {
  return copyBytes(reader.take(reader.u32()))
}
