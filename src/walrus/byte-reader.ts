import type { Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'

/**
 * A cursor over untrusted bytes. Every length is checked against what is left
 * before anything is allocated. Private to the quilt reader.
 */
export type ByteReader = {
  readonly remaining: () => number
  readonly u8: () => number
  readonly u16: () => number
  readonly u32: () => number
  /** BCS length: ULEB128, canonical, at most five bytes. */
  readonly uleb: () => number
  /** A view, not a copy. */
  readonly take: (length: number) => Uint8Array
}

/**
 * @throws {LocketError} from its methods: `codec/truncated` past the end, `codec/invalid` on a malformed length.
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
  const u8 = () => view.getUint8(advance(1))
  return {
    remaining: () => bytes.length - at,
    u8,
    u16: () => view.getUint16(advance(2), true),
    u32: () => view.getUint32(advance(4), true),
    uleb: () => {
      let value = 0
      for (let index = 0; index < 5; index++) {
        const byte = u8()
        value += (byte & 0x7f) * 2 ** (7 * index)
        if (byte < 0x80) {
          if ((byte === 0 && index > 0) || value > 0xffff_ffff) break
          return value
        }
      }
      throw new LocketError('codec/invalid', { operation, message: 'a length is not canonical ULEB128', details: { offset: at } })
    },
    take: (length) => {
      const start = advance(length)
      return bytes.subarray(start, start + length)
    },
  }
}

/** Bytes the caller may keep: a copy that does not pin what it was read from. */
export function owned(view: Uint8Array): Bytes {
  return new Uint8Array(view)
}
