import { type Bytes, fromUtf8 } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'

/** What a damaged record fails with. `reason` names the check, never the content. */
export function corrupt(reason: string, cause?: unknown): LocketError {
  return new LocketError('index/corrupt', { operation: 'vectorIndex.open', message: reason, details: { reason }, cause })
}

/** Reads untrusted little-endian bytes front to back. Every read is checked against the end before anything is allocated. */
export type Reader = {
  u8(): number
  u16(): number
  u32(): number
  /** An unsigned 64-bit integer that a number holds exactly. */
  u53(): number
  bytes(length: number): Bytes
  text(length: number): string
  zeros(length: number): void
  position(): number
  end(): void
}

/**
 * A reader of `bytes`.
 *
 * @throws {LocketError} `index/corrupt`, from any of its methods.
 */
export function createReader(bytes: Bytes): Reader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let next = 0

  function take(length: number): number {
    if (length > bytes.length - next) throw corrupt('the record ends too early')
    const at = next
    next += length
    return at
  }

  return Object.freeze({
    u8: () => view.getUint8(take(1)),
    u16: () => view.getUint16(take(2), true),
    u32: () => view.getUint32(take(4), true),
    u53() {
      const value = view.getBigUint64(take(8), true)
      if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt('a counter is too large')
      return Number(value)
    },
    bytes(length: number) {
      const at = take(length)
      return bytes.slice(at, at + length)
    },
    text(length: number) {
      const at = take(length)
      try {
        return fromUtf8(bytes.subarray(at, at + length))
      } catch (cause) {
        throw corrupt('a name is not text', cause)
      }
    },
    zeros(length: number) {
      const at = take(length)
      for (let i = 0; i < length; i++) if (bytes[at + i] !== 0) throw corrupt('padding is not zero')
    },
    position: () => next,
    end() {
      if (next !== bytes.length) throw corrupt('bytes follow the end of the record')
    },
  })
}
