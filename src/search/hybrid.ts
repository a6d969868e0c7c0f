import { isAbort, throwIfAborted } from '../core/abort.ts'
import { type Clock, systemClock } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { MAX_RECALL } from '../core/limits.ts'
import { checkVectors } from '../embed/check-vectors.ts'
import { isHashingEmbedder } from '../embed/hashing.ts'
import type { Embedder } from '../embed/port.ts'
import { words } from '../embed/words.ts'
import type { VectorHit, VectorIndex } from '../vector-index/port.ts'
import { fuse } from './fuse.ts'
import type { KeywordHit, KeywordIndex } from './keyword-index.ts'
import type { HybridSearchOptions, IndexReport, SearchEntry, SearchHit, SearchQuery } from './types.ts'

export type HybridSearchDeps = {
  readonly vectorIndex: VectorIndex
  readonly embedder: Embedder
  readonly keywordIndex: KeywordIndex
  /** Only for turns of the event loop between chunks of a bulk build. */
  readonly clock?: Clock | undefined
  /** Told when a hybrid search had to do without vectors. The error never holds text. */
  readonly onDegraded?: ((error: LocketError) => void) | undefined
}

/** Ranking over a vector index and a keyword index that it keeps in step. */
export type HybridSearch = {
  /**
   * Adds memories, replacing those whose id is present. When it resolves they
   * are found; by words alone already when it has been called. A failure of the
   * embedder or the vector index is reported, not thrown.
   */
  index(entries: readonly SearchEntry[], options?: { readonly signal?: AbortSignal | undefined }): Promise<IndexReport>
  /** Removes memories. When it resolves no search returns them, not even one whose embedding was under way. */
  remove(ids: readonly string[], options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /**
   * The best hits, best first. A question without a word gives none.
   *
   * In `hybrid` mode a failing embedder or vector index leaves the keyword
   * ranking, and `onDegraded` is told; in `semantic` mode it rejects.
   *
   * @throws {LocketError} `usage/invalid-argument` for a `limit` or `minScore` out of range; `embed/failed` and `index/*` in `semantic` mode.
   */
  search(query: SearchQuery): Promise<readonly SearchHit[]>
}

/** Texts embedded in one call. */
const EMBED_BATCH = 64
/** Fewest candidates taken from each engine. */
const CANDIDATES = 40
/** Two texts that share nothing reach this similarity by collisions alone, with hashed vectors. */
const HASHING_BACKGROUND = 0.1

/**
 * Creates hybrid search.
 *
 * Both engines propose candidates; each then scores the other's, so a hit's
 * score never depends on which engine found it. The hybrid score is a weighted
 * sum (S. Bruch and others, "An analysis of fusion functions for hybrid
 * retrieval", TOIS 2023) of the keyword score and the similarity above the
 * level of the surrounding candidates, times the factors for importance and age.
 */
export function createHybridSearch(deps: HybridSearchDeps, options: HybridSearchOptions = {}): HybridSearch {
  const { vectorIndex, embedder, keywordIndex, onDegraded } = deps
  const clock = deps.clock ?? systemClock()
  const vectorShare = share('vectorShare', options.vectorShare ?? (isHashingEmbedder(embedder) ? 0.15 : 0.5))
  const background = isHashingEmbedder(embedder) ? HASHING_BACKGROUND : 0
  const importanceWeight = share('importanceWeight', options.importanceWeight ?? 0.1)
  const recencyWeight = share('recencyWeight', options.recencyWeight ?? 0)
  const recencyHalfLifeMs = options.recencyHalfLifeMs ?? 90 * 24 * 60 * 60 * 1000
  if (!(recencyHalfLifeMs > 0)) throw invalid('recencyHalfLifeMs', 'more than 0')
  const facts = new Map<string, { readonly importance: number; readonly occurredAtMs: number | undefined; readonly turn: object }>()

  const embedChecked = async (texts: readonly string[], purpose: 'document' | 'query', signal: AbortSignal | undefined) => {
    const vectors = await embedder.embed(texts, { purpose, signal })
    return checkVectors(vectors, { count: texts.length, dimensions: embedder.dimensions, embedderId: embedder.id })
  }

  const recencyFactor = (id: string, nowMs: number | undefined): number => {
    const occurredAtMs = facts.get(id)?.occurredAtMs
    if (nowMs === undefined || occurredAtMs === undefined || recencyWeight === 0) return 1
    return 1 - recencyWeight * (1 - 2 ** (-Math.max(0, nowMs - occurredAtMs) / recencyHalfLifeMs))
  }
  const importanceFactor = (id: string): number => 1 + importanceWeight * (2 * (facts.get(id)?.importance ?? 0.5) - 1)

  const search = async (query: SearchQuery): Promise<readonly SearchHit[]> => {
    const { limit = 10, mode = 'hybrid', allow, minScore = 0, nowMs, signal } = query
    throwIfAborted(query)
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_RECALL) throw invalid('limit', `a whole number from 1 to ${MAX_RECALL}`)
    share('minScore', minScore)
    if (allow?.length === 0 || words(query.query).length === 0) return []
    const k = Math.max(CANDIDATES, limit)
    const keywordHits = mode === 'semantic' ? [] : keywordIndex.search({ query: query.query, k, allow })
    let vectorHits: readonly VectorHit[] = []
    let extraVectorHits: readonly VectorHit[] = []
    if (mode !== 'keyword') {
      try {
        const [vector] = (await embedChecked([query.query], 'query', signal)) as [Float32Array<ArrayBuffer>]
        vectorHits = await vectorIndex.search(vector, { k, allow, signal })
        const found = new Set(vectorHits.map((hit) => hit.id))
        const missing = keywordHits.filter((hit) => !found.has(hit.id)).map((hit) => hit.id)
        if (missing.length > 0 && vectorHits.length === k) {
          extraVectorHits = await vectorIndex.search(vector, { k: missing.length, allow: missing, signal })
        }
      } catch (error) {
        if (isAbort(error, query)) throw error
        const failure = asFailure(error)
        if (mode === 'semantic') throw failure
        vectorHits = []
        extraVectorHits = []
        onDegraded?.(failure)
      }
    }
    let extraKeywordHits: readonly KeywordHit[] = []
    if (mode === 'hybrid') {
      const found = new Set(keywordHits.map((hit) => hit.id))
      const missing = vectorHits.filter((hit) => !found.has(hit.id)).map((hit) => hit.id)
      if (missing.length > 0) extraKeywordHits = keywordIndex.search({ query: query.query, k: missing.length, allow: missing })
    }
    const hits = fuse({
      keywordHits,
      extraKeywordHits,
      vectorHits,
      extraVectorHits,
      // Models differ in how similar unrelated texts look (some never go below 0.7): the last of a full list tells.
      background: mode === 'semantic' ? 0 : vectorHits.length === k ? Math.max(background, vectorHits.at(-1)?.similarity ?? 0) : background,
      vectorShare: mode === 'semantic' ? 1 : vectorHits.length === 0 ? 0 : vectorShare,
      // A memory may have been removed while the question was being embedded.
      isPresent: (id) => facts.has(id),
      recencyFactor: (id) => recencyFactor(id, nowMs),
      importanceFactor,
    })
    return hits.filter((hit) => hit.score >= minScore).slice(0, limit)
  }

  return Object.freeze({
    async index(given, indexOptions = {}) {
      const { signal } = indexOptions
      signal?.throwIfAborted()
      const entries = [...new Map(given.map((entry) => [entry.id, entry])).values()]
      const turn = {}
      for (const { id, importance = 0.5, occurredAtMs } of entries) facts.set(id, { importance: clamp(importance), occurredAtMs, turn })
      await keywordIndex.put(entries, { signal })
      const withoutVector: { id: string; error: LocketError }[] = []
      for (let start = 0; start < entries.length; start += EMBED_BATCH) {
        if (start > 0) await clock.sleep(0, { signal })
        const batch = entries.slice(start, start + EMBED_BATCH)
        const ready: { id: string; vector: Float32Array }[] = []
        const failed: { id: string; error: LocketError }[] = []
        for (const { id, vector } of batch) {
          if (vector === undefined) continue
          const error = vectorError(vector, embedder.dimensions)
          if (error === undefined) ready.push({ id, vector })
          else failed.push({ id, error })
        }
        const toEmbed = batch.filter((entry) => entry.vector === undefined)
        try {
          const vectors =
            toEmbed.length === 0
              ? []
              : await embedChecked(
                  toEmbed.map((entry) => entry.text),
                  'document',
                  signal,
                )
          for (const [at, { id }] of toEmbed.entries()) ready.push({ id, vector: vectors[at] as Float32Array })
        } catch (error) {
          if (isAbort(error, indexOptions)) throw error
          for (const { id } of toEmbed) failed.push({ id, error: asFailure(error) })
        }
        // Only what is still the newest: a later call may have replaced or removed an id meanwhile.
        const isCurrent = ({ id }: { readonly id: string }) => facts.get(id)?.turn === turn
        try {
          await vectorIndex.put(ready.filter(isCurrent), { signal })
        } catch (error) {
          if (isAbort(error, indexOptions)) throw error
          for (const { id } of ready) failed.push({ id, error: asFailure(error) })
        }
        // An older vector of a replaced text must not stay behind.
        const stale = failed.filter(isCurrent).map(({ id }) => id)
        if (stale.length > 0) await vectorIndex.remove(stale, { signal })
        withoutVector.push(...failed.filter(isCurrent))
      }
      return { withoutVector }
    },
    async remove(ids, removeOptions = {}) {
      removeOptions.signal?.throwIfAborted()
      for (const id of ids) facts.delete(id)
      keywordIndex.remove(ids)
      await vectorIndex.remove(ids, removeOptions)
    },
    search,
  } satisfies HybridSearch)
}

function vectorError(vector: Float32Array, dimensions: number): LocketError | undefined {
  const operation = 'search.index'
  if (vector.length !== dimensions) {
    return new LocketError('index/dimension-mismatch', { operation, details: { expected: dimensions, received: vector.length } })
  }
  // Neither NaN nor infinity gets lost in the sum, and squares of 32-bit floats cannot overflow it.
  let squares = 0
  for (let i = 0; i < dimensions; i++) squares += (vector[i] as number) ** 2
  return squares > 0 && squares < Infinity ? undefined : new LocketError('index/invalid-vector', { operation })
}

function asFailure(error: unknown): LocketError {
  return isLocketError(error) ? error : new LocketError('embed/failed', { operation: 'search.embed', cause: error })
}

function clamp(value: number): number {
  return Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0.5
}

function share(parameter: string, value: number): number {
  if (!(value >= 0 && value <= 1)) throw invalid(parameter, 'a number from 0 to 1')
  return value
}

function invalid(parameter: string, wanted: string): LocketError {
  return new LocketError('usage/invalid-argument', {
    operation: 'search',
    message: `${parameter} must be ${wanted}`,
    details: { parameter },
  })
}
