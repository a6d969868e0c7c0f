import { copyBytes, type Bytes } from '../../../src/core/bytes.ts'
import { LocketError } from '../../../src/core/errors.ts'

/**
 * Writes what the threshold core reads: little-endian numbers, and `bytes` as
 * a `u32` length and that many bytes (`wasm/SPEC.md` section 7).
 */
export type WireWriter = {
  u8(value: number): WireWriter
  u16(value: number): WireWriter
  u32(value: number): WireWriter
  /** As they are, without a length. */
  raw(bytes: Uint8Array): WireWriter
  bytes(bytes: Uint8Array): WireWriter
  /** What was written. The writer's own buffers are overwritten: it cannot be used again. */
  finish(): Bytes
}

/** An empty writer. It copies what it is given and wipes the copies in `finish`. */
export function createWireWriter(): WireWriter {
  const parts: Bytes[] = []
  const number = (value: number, width: number) => {
    const part = new Uint8Array(width)
    for (let i = 0; i < width; i++) part[i] = Math.floor(value / 2 ** (8 * i)) & 255
    parts.push(part)
    return writer
  }
  const writer: WireWriter = {
    u8: (value) => number(value, 1),
    u16: (value) => number(value, 2),
    u32: (value) => number(value, 4),
    raw(bytes) {
      parts.push(copyBytes(bytes))
      return writer
    },
    bytes: (bytes) => number(bytes.length, 4).raw(bytes),
    finish() {
      const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
      let offset = 0
      for (const part of parts) {
        out.set(part, offset)
        offset += part.length
        part.fill(0)
      }
      parts.length = 0
      return out
    },
  }
  return writer
}

/** Reads what {@link createWireWriter} writes. Every method fails with `codec/truncated` past the end. */
export type WireReader = {
  u8(): number
  u16(): number
  u32(): number
  raw(length: number): Bytes
  bytes(): Bytes
  /** Fails with `codec/trailing-bytes` unless everything was read. */
  end(): void
}

/** A reader over `bytes`, which must not change while it is used. What it returns are copies. */
export function createWireReader(bytes: Uint8Array, operation: string): WireReader {
  let offset = 0
  const raw = (length: number): Bytes => {
    if (length > bytes.length - offset) throw new LocketError('codec/truncated', { operation, details: { offset } })
    offset += length
    return copyBytes(bytes.subarray(offset - length, offset))
  }
  const number = (width: number): number => raw(width).reduceRight((value, byte) => value * 256 + byte, 0)
  return {
    u8: () => number(1),
    u16: () => number(2),
    u32: () => number(4),
    raw,
    bytes: () => raw(number(4)),
    end() {
      if (offset !== bytes.length) throw new LocketError('codec/trailing-bytes', { operation, details: { offset } })
    },
  }
}
