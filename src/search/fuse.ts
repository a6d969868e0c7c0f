import type { VectorHit } from '../vector-index/port.ts'
import type { KeywordHit } from './keyword-index.ts'
import type { SearchHit } from './types.ts'

export type Fusion = {
  /** Each engine's own candidates, best first. */
  readonly keywordHits: readonly KeywordHit[]
  readonly vectorHits: readonly VectorHit[]
  /** The same engine's scores for the other engine's candidates. */
  readonly extraKeywordHits: readonly KeywordHit[]
  readonly extraVectorHits: readonly VectorHit[]
  /** Similarity that means nothing with this model; nearness counts from here to 1. */
  readonly background: number
  readonly vectorShare: number
  readonly isPresent: (id: string) => boolean
  readonly recencyFactor: (id: string) => number
  readonly importanceFactor: (id: string) => number
}

type Parts = { similarity?: number; vectorRank?: number; keywordScore?: number; keywordRank?: number; matchedTerms?: readonly string[] }

/**
 * Joins the two engines' lists into one, best first; equal scores in order of id.
 * What scores nothing is left out.
 */
export function fuse(fusion: Fusion): SearchHit[] {
  const { keywordHits, vectorHits, extraKeywordHits, extraVectorHits, vectorShare } = fusion
  const all = new Map<string, Parts>()
  const partsOf = (id: string): Parts => {
    const known = all.get(id)
    if (known !== undefined) return known
    const parts: Parts = {}
    all.set(id, parts)
    return parts
  }
  const addKeyword = (hit: KeywordHit, keywordRank?: number) =>
    Object.assign(
      partsOf(hit.id),
      { keywordScore: hit.score, matchedTerms: hit.matchedTerms },
      keywordRank === undefined ? {} : { keywordRank },
    )
  const addVector = (hit: VectorHit, vectorRank?: number) =>
    Object.assign(partsOf(hit.id), { similarity: hit.similarity }, vectorRank === undefined ? {} : { vectorRank })
  for (const hit of extraKeywordHits) addKeyword(hit)
  for (const [at, hit] of keywordHits.entries()) addKeyword(hit, at + 1)
  for (const hit of extraVectorHits) addVector(hit)
  for (const [at, hit] of vectorHits.entries()) addVector(hit, at + 1)

  const floor = Math.min(0.99, fusion.background)
  const ranked: { readonly hit: SearchHit; readonly exact: number }[] = []
  for (const [id, parts] of all) {
    if (!fusion.isPresent(id)) continue
    const { similarity, vectorRank, keywordScore, keywordRank, matchedTerms = [] } = parts
    const nearness = similarity === undefined ? 0 : Math.max(0, (similarity - floor) / (1 - floor))
    const recencyFactor = fusion.recencyFactor(id)
    const importanceFactor = fusion.importanceFactor(id)
    const exact = ((1 - vectorShare) * (keywordScore ?? 0) + vectorShare * nearness) * recencyFactor * importanceFactor
    if (exact <= 0) continue
    const explain = { similarity, vectorRank, keywordScore, keywordRank, matchedTerms, recencyFactor, importanceFactor }
    ranked.push({ hit: { id, score: Math.min(1, exact), explain }, exact })
  }
  ranked.sort((a, b) => b.exact - a.exact || (a.hit.id < b.hit.id ? -1 : 1))
  return ranked.map(({ hit }) => hit)
}
