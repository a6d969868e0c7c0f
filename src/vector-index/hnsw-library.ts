import { LocketError } from '../core/errors.ts'

/** The part of hnswlib-wasm 0.8.2 that is used. Persistence is left out on purpose. */
export type HnswGraph = {
  initIndex(maxElements: number, m: number, efConstruction: number, randomSeed: number): void
  resizeIndex(maxElements: number): void
  setEfSearch(ef: number): void
  addPoint(point: Float32Array, label: number, replaceDeleted: boolean): void
  markDelete(label: number): void
  getPoint(label: number): ArrayLike<number>
  searchKnn(
    query: Float32Array,
    k: number,
    filter: ((label: number) => boolean) | undefined,
  ): { readonly neighbors: readonly number[]; readonly distances: readonly number[] }
  /** Frees the graph's memory, which dropping the object does not. */
  delete(): void
}

export type HnswLibrary = {
  /** The last argument is `autoSaveFilename`: empty, or every change rewrites a plaintext file. */
  readonly HierarchicalNSW: new (
    space: 'ip',
    dimensions: number,
    autoSaveFilename: '',
  ) => HnswGraph
  /** Its exceptions are `WebAssembly.Exception`s without a message; this finds one. */
  getExceptionMessage?(error: unknown): unknown
}

/**
 * The loaded library, from a function that imports the package.
 *
 * @throws {LocketError} `usage/missing-peer` if it cannot be imported;
 * `usage/unsupported` if it is there but does not start, as under a Content
 * Security Policy without `'unsafe-eval'`.
 */
export async function loadHnswLibrary(lib: () => Promise<unknown>): Promise<HnswLibrary> {
  const operation = 'vectorIndex.loadHnsw'
  const details = { package: 'hnswlib-wasm' }
  const imported = await lib().catch((cause: unknown) => {
    throw new LocketError('usage/missing-peer', { operation, details, cause })
  })
  const { loadHnswlib } = imported as { loadHnswlib?: () => Promise<HnswLibrary> }
  if (typeof loadHnswlib !== 'function') throw new LocketError('usage/missing-peer', { operation, details })
  try {
    return await loadHnswlib()
  } catch (cause) {
    const message = "hnswlib-wasm needs a browser and 'unsafe-eval'; createVectorIndex needs neither"
    throw new LocketError('usage/unsupported', { operation, message, details, cause })
  }
}

/** What an exception of the library says, for an error's details. */
export function hnswReason(library: HnswLibrary, error: unknown): string {
  try {
    return String(library.getExceptionMessage?.(error) ?? error)
  } catch {
    return String(error)
  }
}
