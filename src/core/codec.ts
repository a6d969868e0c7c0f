import { equalBytes, type Bytes } from './bytes.ts'
import { LocketError } from './errors.ts'

/** The part of a `@mysten/bcs` type that a codec needs. */
export type Schema<T, Input = T> = {
  parse(bytes: Uint8Array): T
  serialize(value: Input): { toBytes(): Uint8Array }
}

/** Canonical BCS bytes of `value`. */
export function encode<T, Input>(schema: Schema<T, Input>, value: Input): Bytes {
  // A buffer of its own: every schema makes one for each value.
  return schema.serialize(value).toBytes() as Bytes
}

/**
 * The value canonical BCS `bytes` spell: nothing missing, nothing after the
 * end, and no second spelling of the same value (BCS is canonical, its parsers
 * are lenient; so what was read is written again and compared).
 *
 * @throws {LocketError} `codec/truncated`, `codec/trailing-bytes` or `codec/invalid`.
 */
export function decodeStrict<T extends Input, Input>(schema: Schema<T, Input>, bytes: Uint8Array, operation: string): T {
  let value: T
  let again: Uint8Array
  try {
    value = schema.parse(bytes)
    again = schema.serialize(value).toBytes()
  } catch (cause) {
    throw new LocketError(cause instanceof RangeError ? 'codec/truncated' : 'codec/invalid', { operation, cause })
  }
  if (again.length < bytes.length && equalBytes(again, bytes.subarray(0, again.length))) {
    throw new LocketError('codec/trailing-bytes', { operation, details: { offset: again.length } })
  }
  if (!equalBytes(again, bytes)) throw new LocketError('codec/invalid', { operation, message: 'bytes are not in canonical form' })
  return value
}

/**
 * The number a u64 spells.
 *
 * @throws {LocketError} `codec/invalid` if no number holds it exactly: read rounded, it could not be written again.
 */
export function toExactNumber(u64: string, operation: string): number {
  const value = Number(u64)
  if (Number.isSafeInteger(value)) return value
  throw new LocketError('codec/invalid', { operation, message: 'a number is out of range' })
}
