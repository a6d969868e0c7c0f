import type { Clock } from '../core/capabilities.ts'
import type { LocketError } from '../core/errors.ts'
import type { Embedder } from '../embed/port.ts'
import type { Search, SearchDocument } from '../memory/ports.ts'
import { createHybridSearch } from '../search/hybrid.ts'
import { createKeywordIndex } from '../search/keyword-index.ts'
import type { VectorIndex } from '../vector-index/port.ts'

/** A vector index that may outlive the page. */
export type KeptVectorIndex = VectorIndex & {
  flush?(): Promise<unknown>
  ids?(): Promise<readonly string[]>
}

/**
 * The memory engine's view of search. Vectors that an earlier run wrote are
 * found in the index and not put again; words are indexed anew at every start.
 */
export async function createSearch(deps: {
  readonly vectorIndex: KeptVectorIndex
  readonly embedder: Embedder
  readonly clock: Clock
  readonly onDegraded: (error: LocketError) => void
}): Promise<Search & { forgetStrangers(isKnown: (id: string) => boolean): Promise<void> }> {
  const { vectorIndex, clock } = deps
  const onDisk = new Set(await vectorIndex.ids?.())
  let isLoading = false
  const index: VectorIndex = {
    ...vectorIndex,
    put: (entries, options) => vectorIndex.put(isLoading ? entries.filter(({ id }) => !onDisk.has(id)) : entries, options),
  }
  const hybrid = createHybridSearch({ ...deps, vectorIndex: index, keywordIndex: createKeywordIndex({ clock }) })

  const put: Search['put'] = async (documents, options) => {
    const report = await hybrid.index(documents, options)
    for (const { error } of report.withoutVector) deps.onDegraded(error)
  }
  return Object.freeze({
    put,
    async load(documents: readonly SearchDocument[], options) {
      isLoading = true
      try {
        await put(documents, options)
      } finally {
        isLoading = false
      }
    },
    remove: (ids) => hybrid.remove(ids),
    search: (query) => hybrid.search(query),
    async flush() {
      await vectorIndex.flush?.()
    },
    /** Drops vectors whose memory is not on this device any more: a crash came between the two. */
    async forgetStrangers(isKnown) {
      await vectorIndex.remove([...onDisk].filter((id) => !isKnown(id)))
    },
  } satisfies Search & { forgetStrangers(isKnown: (id: string) => boolean): Promise<void> })
}
