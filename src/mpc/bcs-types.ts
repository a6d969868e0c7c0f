import { bcs, type BcsType } from '@mysten/bcs'
import { copyBytes, fromHex, toHex, type Bytes } from '../core/bytes.ts'

/** Bytes of any length, or of exactly `length`. What is read is a copy. */
export function bytesType(length?: number): BcsType<Bytes, Iterable<number>> {
  const type: BcsType<Uint8Array, Iterable<number>> = length === undefined ? bcs.byteVector() : bcs.bytes(length)
  return type.transform<Bytes, Iterable<number>>({ output: copyBytes })
}

/** `length` bytes, as lower-case hexadecimal here. */
export function hexType(length: number): BcsType<string> {
  return bcs.bytes(length).transform<string, string>({ input: fromHex, output: toHex })
}

/** A u64, as a bigint here. */
export function u64Type(): BcsType<bigint> {
  return bcs.u64().transform<bigint, bigint>({ output: BigInt })
}

/** A value that may be missing. */
export function optionalType<T, Input>(type: BcsType<T, Input>): BcsType<T | undefined, Input | undefined> {
  return bcs.option(type).transform<T | undefined, Input | undefined>({ output: (value) => value ?? undefined })
}
