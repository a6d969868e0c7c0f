import type { AbortOptions } from '../core/abort.ts'

/** One neighbour: the caller's id and the cosine similarity, from -1 to 1. */
export type VectorHit = { readonly id: string; readonly similarity: number }

export type VectorIndexStats = {
  readonly count: number
  readonly tombstones: number
  readonly dimensions: number
  readonly model: string
  readonly memoryBytes: number
  /** `exact` int8 scan, `prefilter` (one-bit, then int8), or `hnsw`. */
  readonly method: 'exact' | 'prefilter' | 'hnsw'
  /** What does the arithmetic: `javascript` where WebAssembly SIMD cannot be had. */
  readonly engine: 'wasm-simd' | 'javascript' | 'hnswlib'
}

/**
 * Nearest neighbours over one model's vectors, by cosine similarity.
 *
 * Added, updated and removed ids are searchable, or gone, at once. `put` of an
 * id that is present replaces its vector. Vectors are copied in. Ids have 1 to
 * 512 bytes of UTF-8. A batch is taken whole or not at all; unknown ids are
 * removed without complaint.
 *
 * Failures: `index/dimension-mismatch`, `index/invalid-vector` (NaN, infinite,
 * all zero), `index/full`, `usage/invalid-argument`, `usage/closed`.
 */
export type VectorIndex = {
  put(entries: readonly { readonly id: string; readonly vector: Float32Array }[], options?: AbortOptions): Promise<void>
  remove(ids: readonly string[], options?: AbortOptions): Promise<void>
  /**
   * The `k` nearest (1 to 4,096; fewer if there are not as many), best first.
   * `allow`, when given, is applied before scoring: only these ids are considered.
   */
  search(
    query: Float32Array,
    options: AbortOptions & { readonly k: number; readonly allow?: readonly string[] | undefined },
  ): Promise<readonly VectorHit[]>
  stats(): Promise<VectorIndexStats>
  close(): Promise<void>
}
