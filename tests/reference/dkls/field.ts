import { secp256k1 } from '@noble/curves/secp256k1.js'
import { concatBytes, fromHex, type Bytes } from '../../../src/core/bytes.ts'

/** A point of secp256k1; the identity is one. */
export type Point = InstanceType<typeof secp256k1.Point>

export const G: Point = secp256k1.Point.BASE
export const IDENTITY: Point = secp256k1.Point.ZERO

/** The order of the group. */
export const q = 0xffffffff_ffffffff_ffffffff_fffffffe_baaedce6_af48a03b_bfd25e8c_d0364141n

export function mod(a: bigint): bigint {
  const rest = a % q
  return rest < 0n ? rest + q : rest
}

export const sum = (scalars: readonly bigint[]): bigint => mod(scalars.reduce((a, b) => a + b, 0n))

export const addAll = (points: readonly Point[]): Point => points.reduce((a, b) => a.add(b), IDENTITY)

/** `1 / a`, by Fermat. Of 0 there is none; this gives 0. */
export function inverse(a: bigint): bigint {
  let result = 1n
  let square = mod(a)
  for (let exponent = q - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * square) % q
    square = (square * square) % q
  }
  return result
}

/** `k P`, for any `k` and `P`. Not constant time, as nothing here is. */
export function times(k: bigint, point: Point): Point {
  const scalar = mod(k)
  if (scalar === 0n) return IDENTITY
  return point === G ? G.multiply(scalar) : point.multiplyUnsafe(scalar)
}

/** Most significant byte first, as all scalars are written. */
export function toInteger(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** Least significant byte first, as everything else is. */
export function toLittleInteger(bytes: Uint8Array): bigint {
  return toInteger(bytes.toReversed())
}

export const scalarBytes = (a: bigint): Bytes => fromHex(a.toString(16).padStart(64, '0'))

export const littleBytes = (a: bigint, length: number): Bytes => Uint8Array.from({ length }, (_, i) => Number((a >> BigInt(8 * i)) & 255n))

export const pointBytes = (point: Point): Bytes => concatBytes(point.toBytes(true))

/** Lagrange's coefficient of `party` among `parties`, at 0. */
export function lagrange(parties: readonly number[], party: number): bigint {
  let [above, below] = [1n, 1n]
  for (const other of parties) {
    if (other === party) continue
    above *= BigInt(other)
    below *= BigInt(other - party)
  }
  return mod(above * inverse(below))
}

/** The value at `x` of the polynomial with these coefficients, the constant first. */
export function evaluate(coefficients: readonly bigint[], x: number): bigint {
  return coefficients.reduceRight((value, coefficient) => mod(value * BigInt(x) + coefficient), 0n)
}

/** The same in the exponent. */
export function evaluateCommitted(commitments: readonly Point[], x: number): Point {
  return addAll(commitments.map((commitment, k) => times(BigInt(x) ** BigInt(k), commitment)))
}
