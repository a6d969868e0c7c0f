import type { Clock } from '../core/capabilities.ts'
import type { LocketError } from '../core/errors.ts'
import type { Embedder } from '../embed/port.ts'
import type { Search, SearchDocument } from '../memory/ports.ts'
import { createHybridSearch } from '../search/hybrid.ts'
import { createKeywordIndex } from '../search/keyword-index.ts'
import type { VectorIndex } from '../vector-index/port.ts'
import { postponable } from './later-keywords.ts'

/** A vector index that may outlive the page. */
export type KeptVectorIndex = VectorIndex & {
  flush?(): Promise<unknown>
  ids?(): Promise<readonly string[]>
}

/** The memory engine's search, and what only its owner needs. */
export type OwnedSearch = Search & {
  /** Drops vectors that no memory on this device claims: a crash came between the two. */
  forgetStrangers(): Promise<void>
  /** Reads in the background what a bulk of memories left to be read. */
  catchUpSoon(): void
  /** Stops reading. */
  stop(): void
}

/**
 * The memory engine's view of search. Vectors are kept under id and version, so
 * that one written for an older version is never taken for the present one;
 * those an earlier run wrote are found and not put again. Words are indexed
 * anew at every start: in the background, or before the first search if that
 * comes earlier.
 */
export async function createSearch(deps: {
  readonly vectorIndex: KeptVectorIndex
  readonly embedder: Embedder
  readonly clock: Clock
  readonly onDegraded: (error: LocketError) => void
}): Promise<OwnedSearch> {
  const { vectorIndex, clock } = deps
  const strangers = new Set(await vectorIndex.ids?.())
  /** The key under which each memory's present vector lies, or is about to. */
  const keys = new Map<string, string>()
  let isLoading = false

  const index: VectorIndex = {
    ...vectorIndex,
    async put(entries, options) {
      const keyed = entries.map(({ id, vector }) => ({ id: keys.get(id) as string, vector }))
      await vectorIndex.put(isLoading ? keyed.filter(({ id }) => !strangers.has(id)) : keyed, options)
      for (const { id } of keyed) strangers.delete(id)
    },
    remove: (ids, options) => vectorIndex.remove(known(ids), options),
    async search(query, { allow, ...options }) {
      const hits = await vectorIndex.search(query, { ...options, allow: allow && known(allow) })
      return hits.map(({ id, similarity }) => ({ id: id.slice(0, id.lastIndexOf('/')), similarity }))
    },
  }
  const known = (ids: readonly string[]) => ids.map((id) => keys.get(id)).filter((key) => key !== undefined)
  const keywordIndex = postponable(createKeywordIndex({ clock }))
  const hybrid = createHybridSearch({ ...deps, vectorIndex: index, keywordIndex })
  const stopped = new AbortController()
  const catchUpSoon = () => {
    const { signal } = stopped
    // Whatever fails here is met again, and reported, by the search that needs it.
    clock
      .sleep(0, { signal })
      .then(() => keywordIndex.catchUp({ signal }))
      .catch(() => undefined)
  }

  const put: Search['put'] = async (documents, options) => {
    const outdated = documents.map(({ id }) => keys.get(id)).filter((key) => key !== undefined)
    for (const { id, version } of documents) keys.set(id, `${id}/${version}`)
    const report = await hybrid.index(documents, options)
    const present = new Set(documents.map(({ id }) => keys.get(id)))
    await vectorIndex.remove(
      outdated.filter((key) => !present.has(key)),
      options,
    )
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
    async remove(ids) {
      await hybrid.remove(ids)
      for (const id of ids) keys.delete(id)
    },
    async search(query) {
      if (query.mode !== 'semantic') await keywordIndex.catchUp(query)
      return hybrid.search(query)
    },
    async flush() {
      await vectorIndex.flush?.()
      catchUpSoon()
    },
    async forgetStrangers() {
      await vectorIndex.remove([...strangers])
      strangers.clear()
    },
    catchUpSoon,
    stop() {
      stopped.abort()
      keywordIndex.drop()
    },
  } satisfies OwnedSearch)
}
