import { secp256k1_hasher } from '@noble/curves/secp256k1.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8, type Bytes } from '../../../src/core/bytes.ts'
import { littleBytes, mod, toInteger, type Point } from './field.ts'

export const u8 = (value: number): Bytes => Uint8Array.of(value)
export const u16 = (value: number): Bytes => littleBytes(BigInt(value), 2)
export const u32 = (value: number): Bytes => littleBytes(BigInt(value), 4)

/** `H(domain; parts)`: part 2 of `wasm/SPEC.md`. */
export function H(domain: string, ...parts: readonly Uint8Array[]): Bytes {
  return concatBytes(sha256(concatBytes(...[utf8(domain), ...parts].flatMap((part) => [u32(part.length), part]))))
}

/** `Hq(domain; parts)`. */
export function Hq(domain: string, ...parts: readonly Uint8Array[]): bigint {
  return mod(toInteger(H(domain, ...parts)))
}

/** `Hc(domain; parts)`: uniform on the curve. */
export function Hc(domain: string, ...parts: readonly Uint8Array[]): Point {
  return secp256k1_hasher.hashToCurve(concatBytes(...parts), { DST: domain })
}

/** `He(domain; parts)`: on the curve, not uniform. */
export function He(domain: string, ...parts: readonly Uint8Array[]): Point {
  return secp256k1_hasher.encodeToCurve(concatBytes(...parts), { DST: domain })
}

/** A commitment of `party` to `value`. */
export function commit(context: Uint8Array, party: number, blind: Uint8Array, value: Uint8Array): Bytes {
  return H('locket/commit', context, u8(party), blind, value)
}
