import { fromUtf8 } from './bytes.ts'
import { LocketError } from './errors.ts'

/**
 * A cursor over untrusted little-endian bytes, as BCS writes them. Every length
 * is checked against what is left before anything is allocated, and nothing is
 * read that has a second spelling.
 *
 * Its methods fail with `codec/truncated` past the end, `codec/trailing-bytes`
 * before it, and `codec/invalid` on a malformed length, flag or text.
 */
export type ByteReader = {
  remaining(): number
  u8(): number
  u16(): number
  u32(): number
  u64(): bigint
  /** One byte, 0 or 1: a boolean, or whether an option holds a value. */
  flag(): boolean
  /** BCS length: ULEB128, canonical, at most five bytes. */
  uleb(): number
  /** A view, not a copy. */
  take(length: number): Uint8Array
  /** A BCS string. */
  text(): string
  /** Nothing may follow. */
  end(): void
}

/** A reader at the start of `bytes`. `operation` is what its errors name. */
export function byteReader(bytes: Uint8Array, operation: string): ByteReader {
  return new Cursor(bytes, operation)
}

/** PERF: a class, because thousands of short-lived readers are made, and a closure for each method of each is felt. */
class Cursor implements ByteReader {
  readonly #bytes: Uint8Array
  readonly #operation: string
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array, operation: string) {
    this.#bytes = bytes
    this.#operation = operation
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  remaining(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true)
  }

  flag(): boolean {
    const byte = this.u8()
    if (byte > 1) throw this.#invalid('a flag is neither 0 nor 1')
    return byte === 1
  }

  uleb(): number {
    let value = 0
    for (let index = 0; index < 5; index++) {
      const byte = this.u8()
      value += (byte & 0x7f) * 2 ** (7 * index)
      if (byte < 0x80) {
        if ((byte === 0 && index > 0) || value > 0xffff_ffff) break
        return value
      }
    }
    throw this.#invalid('a length is not canonical ULEB128')
  }

  take(length: number): Uint8Array {
    const start = this.#advance(length)
    return this.#bytes.subarray(start, start + length)
  }

  text(): string {
    return fromUtf8(this.take(this.uleb()))
  }

  end(): void {
    if (this.remaining() === 0) return
    throw new LocketError('codec/trailing-bytes', { operation: this.#operation, details: { offset: this.#at } })
  }

  #advance(length: number): number {
    const start = this.#at
    const left = this.#bytes.length - start
    if (length > left) {
      throw new LocketError('codec/truncated', { operation: this.#operation, details: { offset: start, needed: length, left } })
    }
    this.#at = start + length
    return start
  }

  #invalid(message: string): LocketError {
    return new LocketError('codec/invalid', { operation: this.#operation, message, details: { offset: this.#at } })
  }
}
