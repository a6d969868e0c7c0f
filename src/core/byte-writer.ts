import type { Bytes } from './bytes.ts'

/**
 * Writes little-endian bytes as BCS does, for values that are written too often
 * for a schema: `@mysten/bcs` takes some ten times as long.
 */
export type ByteWriter = {
  u8(value: number): void
  u16(value: number): void
  u32(value: number): void
  u64(value: bigint): void
  /** A boolean, or whether an option holds a value. */
  flag(value: boolean): void
  /** A BCS length, below 2^32. */
  uleb(value: number): void
  /** Bytes of a length the reader knows. */
  put(bytes: Uint8Array): void
  zeros(count: number): void
  /** A BCS string. */
  text(text: string): void
  /** A view of what was written, which the next write or `clear` overwrites. */
  written(): Uint8Array
  /** What was written, in a buffer of its own. */
  finish(): Bytes
  /** Begins anew in the same room, or in a smaller one if it had grown large. */
  clear(): void
}

/** Room that is kept for the next value; more is given back. */
const KEPT_BYTES = 128 * 1024

/** A writer with room for `roomBytes`; it grows when it must. */
export function byteWriter(roomBytes: number = 256): ByteWriter {
  return new Pen(roomBytes)
}

/** PERF: a class for the same reason as the reader is one. */
class Pen implements ByteWriter {
  readonly #roomBytes: number
  #encoder: TextEncoder | undefined
  #bytes: Bytes
  #view: DataView
  #at = 0

  constructor(roomBytes: number) {
    this.#roomBytes = roomBytes
    this.#bytes = new Uint8Array(roomBytes)
    this.#view = new DataView(this.#bytes.buffer)
  }

  u8(value: number): void {
    const start = this.#claim(1)
    this.#bytes[start] = value
  }

  u16(value: number): void {
    const start = this.#claim(2)
    this.#view.setUint16(start, value, true)
  }

  u32(value: number): void {
    const start = this.#claim(4)
    this.#view.setUint32(start, value, true)
  }

  u64(value: bigint): void {
    const start = this.#claim(8)
    this.#view.setBigUint64(start, value, true)
  }

  flag(value: boolean): void {
    this.u8(value ? 1 : 0)
  }

  uleb(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.u8((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    this.u8(rest)
  }

  put(bytes: Uint8Array): void {
    const start = this.#claim(bytes.length)
    this.#bytes.set(bytes, start)
  }

  zeros(count: number): void {
    const start = this.#claim(count)
    this.#bytes.fill(0, start, start + count)
  }

  text(text: string): void {
    this.#encoder ??= new TextEncoder()
    // Written where it will stand if all of it is ASCII; moved up if the length then takes more bytes.
    const lengthAt = this.#at
    const guess = ulebBytes(text.length)
    const start = this.#claim(guess + 3 * text.length) + guess
    const length = this.#encoder.encodeInto(text, this.#bytes.subarray(start)).written
    const spent = ulebBytes(length)
    if (spent !== guess) this.#bytes.copyWithin(lengthAt + spent, start, start + length)
    this.#at = lengthAt
    this.uleb(length)
    this.#at += length
  }

  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  finish(): Bytes {
    return this.#bytes.slice(0, this.#at)
  }

  clear(): void {
    this.#at = 0
    if (this.#bytes.length > KEPT_BYTES) this.#makeRoom(this.#roomBytes)
  }

  /** Where the next `length` bytes go. */
  #claim(length: number): number {
    const start = this.#at
    this.#at += length
    if (this.#at > this.#bytes.length) {
      const before = this.#bytes
      this.#makeRoom(Math.max(this.#at, 2 * before.length))
      this.#bytes.set(before)
    }
    return start
  }

  #makeRoom(roomBytes: number): void {
    this.#bytes = new Uint8Array(roomBytes)
    this.#view = new DataView(this.#bytes.buffer)
  }
}

function ulebBytes(length: number): number {
  return length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : length < 268_435_456 ? 4 : 5
}
