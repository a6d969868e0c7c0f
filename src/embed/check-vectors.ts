import { LocketError } from '../core/errors.ts'

/**
 * Checks what an embedder returned: one vector per text, all of the stated
 * length, finite and not all zero. Returns them as they are.
 *
 * @throws {LocketError} `embed/failed`, with the reason and the position in `details`, never any text.
 */
export function checkVectors(
  vectors: readonly Float32Array<ArrayBuffer>[],
  expected: { readonly count: number; readonly dimensions: number; readonly embedderId: string },
): readonly Float32Array<ArrayBuffer>[] {
  const { count, dimensions, embedderId } = expected
  const fail = (reason: string, details: { readonly [name: string]: number }): LocketError =>
    new LocketError('embed/failed', {
      operation: 'embed.checkVectors',
      message: `the embedder ${embedderId} returned ${reason}`,
      details: { embedderId, ...details },
    })
  if (vectors.length !== count) throw fail('the wrong number of vectors', { expected: count, received: vectors.length })
  for (const [position, vector] of vectors.entries()) {
    if (vector.length !== dimensions) {
      throw fail('a vector of the wrong length', { position, expected: dimensions, received: vector.length })
    }
    let isZero = true
    for (const value of vector) {
      if (!Number.isFinite(value)) throw fail('a value that is not finite', { position })
      if (value !== 0) isZero = false
    }
    if (isZero) throw fail('a vector of zeros', { position })
  }
  return vectors
}
