import { fromUtf8 } from './bytes.ts'
import { LocketError } from './errors.ts'

/**
 * A cursor over untrusted little-endian bytes, as BCS writes them. Every length
 * is checked against what is left before anything is allocated, and nothing is
 * read that has a second spelling.
 */
export type ByteReader = {
  readonly remaining: () => number
  readonly u8: () => number
  readonly u16: () => number
  readonly u32: () => number
  readonly u64: () => bigint
  /** One byte, 0 or 1: a boolean, or whether an option holds a value. */
  readonly flag: () => boolean
  /** BCS length: ULEB128, canonical, at most five bytes. */
  readonly uleb: () => number
  /** A view, not a copy. */
  readonly take: (length: number) => Uint8Array
  /** A BCS string. */
  readonly text: () => string
  /** Nothing may follow. */
  readonly end: () => void
}

/**
 * @throws {LocketError} from its methods: `codec/truncated` past the end, `codec/trailing-bytes` before it, `codec/invalid`
 *   on a malformed length, flag or text.
 */
export function byteReader(bytes: Uint8Array, operation: string): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const advance = (length: number): number => {
    if (length > bytes.length - at) {
      throw new LocketError('codec/truncated', { operation, details: { offset: at, needed: length, left: bytes.length - at } })
    }
    const start = at
    at += length
    return start
  }
  const invalid = (message: string) => new LocketError('codec/invalid', { operation, message, details: { offset: at } })
  const u8 = () => view.getUint8(advance(1))
  const take = (length: number) => {
    const start = advance(length)
    return bytes.subarray(start, start + length)
  }
  const uleb = () => {
    let value = 0
    for (let index = 0; index < 5; index++) {
      const byte = u8()
      value += (byte & 0x7f) * 2 ** (7 * index)
      if (byte < 0x80) {
        if ((byte === 0 && index > 0) || value > 0xffff_ffff) break
        return value
      }
    }
    throw invalid('a length is not canonical ULEB128')
  }
  return {
    remaining: () => bytes.length - at,
    u8,
    u16: () => view.getUint16(advance(2), true),
    u32: () => view.getUint32(advance(4), true),
    u64: () => view.getBigUint64(advance(8), true),
    flag: () => {
      const byte = u8()
      if (byte > 1) throw invalid('a flag is neither 0 nor 1')
      return byte === 1
    },
    uleb,
    take,
    text: () => fromUtf8(take(uleb())),
    end: () => {
      if (at < bytes.length) throw new LocketError('codec/trailing-bytes', { operation, details: { offset: at } })
    },
  }
}
