import { LocketError } from '../core/errors.ts'

/**
 * Writes `vector`, scaled to length 1, to the start of `out`.
 *
 * The length is taken in 64-bit floats, so neither huge nor tiny values overflow.
 *
 * @throws {LocketError} `index/dimension-mismatch` if its length is not
 * `dimensions`; `index/invalid-vector` if it holds NaN or infinity or is all zero.
 */
export function writeUnitVector(vector: Float32Array, dimensions: number, out: Float32Array, operation: string): void {
  const length = vectorLength(vector, dimensions, operation)
  for (let i = 0; i < dimensions; i++) out[i] = (vector[i] as number) / length
}

/** The Euclidean length of a usable vector. Fails as {@link writeUnitVector} does. */
export function vectorLength(vector: Float32Array, dimensions: number, operation: string): number {
  if (vector.length !== dimensions) {
    throw new LocketError('index/dimension-mismatch', { operation, details: { expected: dimensions, found: vector.length } })
  }
  let squares = 0
  for (let i = 0; i < dimensions; i++) squares += (vector[i] as number) * (vector[i] as number)
  // NaN and infinity survive the sum; 32-bit values squared cannot overflow 64 bits by themselves.
  if (!Number.isFinite(squares) || squares === 0) throw new LocketError('index/invalid-vector', { operation })
  return Math.sqrt(squares)
}
