import { type AbortOptions, throwIfAborted } from '../core/abort.ts'
import { LocketError } from '../core/errors.ts'
import { assertNeighbours, assertOptions } from './checks.ts'
import { type KernelOptions, loadKernel } from './load-kernel.ts'
import type { VectorIndex } from './port.ts'
import { putEntries } from './put-entries.ts'
import { createVectorSpace, type VectorMethod, type VectorSpace } from './vector-space.ts'

export type VectorIndexOptions = KernelOptions & {
  /** Length of every vector, 1 to 8,192. */
  readonly dimensions: number
  /** Which embedder made the vectors. Vectors of two models must not meet in one index. */
  readonly model: string
  /** The most vectors the index will hold; more is `index/full`. Default: what memory allows (at 768 dimensions, about a million). */
  readonly capacity?: number | undefined
  /**
   * `exact` scores every vector. `prefilter` first keeps the 2 % (at least 1,000,
   * and 50 for each result) nearest by one bit per dimension: faster on large
   * indexes, with a recall of about 0.999 instead of 1, and less below 384
   * dimensions. `auto` (the default) does so from 20,000 vectors of 768
   * dimensions on, or as many numbers in another shape, but never below 384.
   */
  readonly method?: VectorMethod | undefined
}

/**
 * An in-memory index: a scan of int8 codes by WebAssembly SIMD, the best
 * candidates (128, or twice `k` and 64) scored again in 32-bit floats. Nothing is
 * approximate but the choice of candidates: where more vectors than that differ
 * by less than the codes can tell, about 0.001 in similarity, not all are weighed.
 * Equal similarities are ordered as their slots are.
 *
 * Needs about 5.2 bytes of memory per dimension and vector, never given back
 * before `close`. A removed vector is overwritten with zeros at once. `close`
 * drops the memory; it does not promise to wipe it.
 *
 * @throws {LocketError} `usage/invalid-argument`, `index/wasm-not-found`.
 */
export async function createVectorIndex(options: VectorIndexOptions): Promise<VectorIndex> {
  const { dimensions, method = 'auto', capacity = Number.POSITIVE_INFINITY } = options
  assertOptions(options)
  const kernel = await loadKernel(options)
  return createSpaceIndex(options.model, dimensions, kernel.engine, createVectorSpace(kernel, dimensions, method, capacity))
}

/** The port around a space. */
export function createSpaceIndex(model: string, dimensions: number, engine: 'wasm-simd' | 'javascript', opened: VectorSpace): VectorIndex {
  let space: VectorSpace | undefined = opened

  function use(operation: string, options?: AbortOptions): VectorSpace {
    throwIfAborted(options)
    if (space === undefined) throw new LocketError('usage/closed', { operation })
    return space
  }

  return Object.freeze({
    async put(entries, options) {
      putEntries(use('vectorIndex.put', options), dimensions, entries)
    },
    async remove(ids, options) {
      const from = use('vectorIndex.remove', options)
      for (const id of ids) from.remove(id)
    },
    async search(query, options) {
      const within = use('vectorIndex.search', options)
      assertNeighbours(options.k)
      return within.search(query, options.k, options.allow)
    },
    async stats() {
      const of = use('vectorIndex.stats')
      return {
        count: of.count(),
        tombstones: 0,
        dimensions,
        model,
        memoryBytes: of.memoryBytes(),
        method: of.isPrefiltered() ? 'prefilter' : 'exact',
        engine,
      }
    },
    async close() {
      space = undefined
    },
  } satisfies VectorIndex)
}
