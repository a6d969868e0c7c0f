import type { Bytes } from '../core/bytes.ts'
import type { ByteWriter } from '../core/byte-writer.ts'
import { LocketError } from '../core/errors.ts'

/** Bytes of the length in front of padded content. */
export const PAD_HEADER_BYTES = 4

/** Longest content {@link pad} takes. */
export const MAX_PAD_BYTES: number = 2 ** 31

/**
 * The Padmé length for `lengthBytes` (Nikitin et al., "Reducing Metadata
 * Leakage from Encrypted Files and Communication with PURBs", PETS 2019,
 * section 4): at most 12 % more, and only O(log log n) bits of the length left
 * visible. Lengths 0 and 1 stand for themselves. Lengths are below 2^32.
 */
export function padmeLength(lengthBytes: number): number {
  if (lengthBytes < 2) return lengthBytes
  const exponent = floorLog2(lengthBytes)
  const bitsKept = floorLog2(exponent) + 1
  const unit = 2 ** Math.max(0, exponent - bitsKept)
  return Math.ceil(lengthBytes / unit) * unit
}

/** Exact where `Math.log2` rounds. `value` is from 1 to 2^32 - 1. */
function floorLog2(value: number): number {
  return 31 - Math.clz32(value)
}

/**
 * Content behind its length (`u32`, little endian), filled with zeros up to a
 * Padmé length. Pad before sealing: padding hides nothing by itself.
 *
 * @param minBytes - Pads up to at least this many bytes, so that short contents all look the same. Default 0.
 * @throws {LocketError} `codec/too-large` above {@link MAX_PAD_BYTES}.
 */
export function pad(content: Uint8Array, minBytes: number = 0): Bytes {
  if (content.length > MAX_PAD_BYTES) throw tooLarge()
  const out = new Uint8Array(padmeLength(Math.max(PAD_HEADER_BYTES + content.length, minBytes)))
  new DataView(out.buffer).setUint32(0, content.length, true)
  out.set(content, PAD_HEADER_BYTES)
  return out
}

/**
 * {@link pad} without another array: `write` writes the content. The result is
 * a view of the writer's room, good until it is written to again.
 */
export function padInPlace(writer: ByteWriter, write: (writer: ByteWriter) => void, minBytes: number = 0): Uint8Array {
  writer.clear()
  writer.u32(0)
  write(writer)
  const lengthBytes = writer.written().length
  if (lengthBytes - PAD_HEADER_BYTES > MAX_PAD_BYTES) throw tooLarge()
  writer.zeros(padmeLength(Math.max(lengthBytes, minBytes)) - lengthBytes)
  const out = writer.written()
  new DataView(out.buffer, out.byteOffset).setUint32(0, lengthBytes - PAD_HEADER_BYTES, true)
  return out
}

/**
 * The content {@link pad} was given, as a view of `padded`. Strict: the padding is all zeros and ends
 * at a Padmé length.
 *
 * @throws {LocketError} `codec/truncated` if it is shorter than its length says, `codec/invalid` if the padding is not ours.
 */
export function unpad(padded: Uint8Array): Uint8Array {
  if (padded.length < PAD_HEADER_BYTES) throw unpadError('codec/truncated')
  const length = new DataView(padded.buffer, padded.byteOffset, padded.length).getUint32(0, true)
  const end = PAD_HEADER_BYTES + length
  if (end > padded.length) throw unpadError('codec/truncated')
  if (padmeLength(padded.length) !== padded.length) throw unpadError('codec/invalid')
  let stray = 0
  for (let i = end; i < padded.length; i++) stray |= padded[i] as number
  if (stray !== 0) throw unpadError('codec/invalid')
  return padded.subarray(PAD_HEADER_BYTES, end)
}

function tooLarge(): LocketError {
  return new LocketError('codec/too-large', { operation: 'crypto.pad', details: { limitBytes: MAX_PAD_BYTES } })
}

function unpadError(code: 'codec/truncated' | 'codec/invalid'): LocketError {
  return new LocketError(code, { operation: 'crypto.unpad' })
}
