import type { Bytes } from './bytes.ts'

/**
 * Writes little-endian bytes as BCS does, for values that are written too often
 * for a schema: `@mysten/bcs` takes some ten times as long.
 */
export type ByteWriter = {
  readonly u8: (value: number) => void
  readonly u16: (value: number) => void
  readonly u32: (value: number) => void
  readonly u64: (value: bigint) => void
  /** A boolean, or whether an option holds a value. */
  readonly flag: (value: boolean) => void
  /** A BCS length, below 2^32. */
  readonly uleb: (value: number) => void
  /** Bytes of a length the reader knows. */
  readonly put: (bytes: Uint8Array) => void
  readonly zeros: (count: number) => void
  /** A BCS string. */
  readonly text: (text: string) => void
  /** A view of what was written, which the next write or `clear` overwrites. */
  readonly written: () => Uint8Array
  /** What was written, in a buffer of its own. */
  readonly finish: () => Bytes
  /** Begins anew in the same room, or in a smaller one if it had grown large. */
  readonly clear: () => void
}

/** Room that is kept for the next value; more is given back. */
const KEPT_BYTES = 128 * 1024

/** A writer with room for `roomBytes`; it grows when it must. */
export function byteWriter(roomBytes: number = 256): ByteWriter {
  const utf8 = new TextEncoder()
  let bytes: Bytes = new Uint8Array(roomBytes)
  let view = new DataView(bytes.buffer)
  let at = 0
  /** Where the next `length` bytes go. */
  const claim = (length: number): number => {
    const start = at
    at += length
    if (at > bytes.length) {
      const grown = new Uint8Array(Math.max(at, 2 * bytes.length))
      grown.set(bytes)
      bytes = grown
      view = new DataView(bytes.buffer)
    }
    return start
  }
  const u8 = (value: number) => {
    const start = claim(1)
    bytes[start] = value
  }
  const put = (part: Uint8Array) => {
    const start = claim(part.length)
    bytes.set(part, start)
  }
  const uleb = (value: number) => {
    let rest = value
    while (rest >= 128) {
      u8((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    u8(rest)
  }
  return {
    u8,
    u16: (value) => {
      const start = claim(2)
      view.setUint16(start, value, true)
    },
    u32: (value) => {
      const start = claim(4)
      view.setUint32(start, value, true)
    },
    u64: (value) => {
      const start = claim(8)
      view.setBigUint64(start, value, true)
    },
    flag: (value) => u8(value ? 1 : 0),
    uleb,
    put,
    zeros: (count) => {
      const start = claim(count)
      bytes.fill(0, start, start + count)
    },
    text: (text) => {
      // Written where it will stand if all of it is ASCII; moved up if the length then takes more bytes.
      const lengthAt = at
      const guess = ulebBytes(text.length)
      const start = claim(guess + 3 * text.length) + guess
      const length = utf8.encodeInto(text, bytes.subarray(start)).written
      const spent = ulebBytes(length)
      if (spent !== guess) bytes.copyWithin(lengthAt + spent, start, start + length)
      at = lengthAt
      uleb(length)
      at += length
    },
    written: () => bytes.subarray(0, at),
    finish: () => bytes.slice(0, at),
    clear: () => {
      at = 0
      if (bytes.length <= KEPT_BYTES) return
      bytes = new Uint8Array(roomBytes)
      view = new DataView(bytes.buffer)
    },
  }
}

function ulebBytes(length: number): number {
  return length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : length < 268_435_456 ? 4 : 5
}
