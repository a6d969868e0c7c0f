import { secp256k1 } from '@noble/curves/secp256k1.js'
import type { Bytes } from '../../../src/core/bytes.ts'
import { Refusal } from './ceremony.ts'
import { q, toInteger, type Point } from './field.ts'

const MALFORMED = 20

/** Reads one message of `from`. Whatever is not as it must be is `retry`, code 20. */
export type Reader = {
  bytes(length: number): Bytes
  u8(): number
  u32(): number
  scalar(): bigint
  point(): Point
  rest(): Bytes
  /** Nothing may follow. */
  end(): void
}

export function createReader(message: Uint8Array, from: number): Reader {
  let at = 0
  const refuse = () => new Refusal('retry', MALFORMED, from)
  const reader: Reader = {
    bytes(length) {
      if (length > message.length - at) throw refuse()
      return Uint8Array.from(message.subarray(at, (at += length)))
    },
    u8: () => reader.bytes(1)[0] as number,
    u32: () => Number(toInteger(reader.bytes(4).reverse())),
    scalar() {
      const scalar = toInteger(reader.bytes(32))
      if (scalar >= q) throw refuse()
      return scalar
    },
    point() {
      const bytes = reader.bytes(33)
      if (bytes[0] !== 2 && bytes[0] !== 3) throw refuse()
      try {
        return secp256k1.Point.fromBytes(bytes)
      } catch {
        throw refuse()
      }
    },
    rest: () => reader.bytes(message.length - at),
    end() {
      if (at !== message.length) throw refuse()
    },
  }
  return reader
}
