import type { AbortOptions } from '../core/abort.ts'
import type { LocketError } from '../core/errors.ts'

/** Why a hit stands where it stands. */
export type Explanation = {
  /** Cosine of the angle between question and memory, -1 to 1; `undefined` where no vector was compared. */
  readonly similarity: number | undefined
  /** Place among the nearest vectors, from 1; `undefined` for what only the words proposed. */
  readonly vectorRank: number | undefined
  /** 0 to 1; `undefined` where no word of the question occurs. */
  readonly keywordScore: number | undefined
  /** Place in the keyword ranking, from 1; `undefined` for what only the vectors proposed. */
  readonly keywordRank: number | undefined
  /** Words of the question that the memory holds, as stems. */
  readonly matchedTerms: readonly string[]
  /** What age did to the score: 1 is nothing. */
  readonly recencyFactor: number
  /** What importance did to the score: 1 is nothing. */
  readonly importanceFactor: number
}

/** One memory as search needs it. */
export type SearchEntry = {
  readonly id: string
  readonly text: string
  /** A vector of the caller's own, from the embedder the search was created with. Copied in. */
  readonly vector?: Float32Array | undefined
  /** 0 to 1. Default 0.5, which neither lifts nor lowers. */
  readonly importance?: number | undefined
  /** When it happened, milliseconds since the epoch. Without it a memory never counts as old. */
  readonly occurredAtMs?: number | undefined
}

/** `hybrid` weighs words and vectors together; `semantic` uses vectors only, `keyword` words only. */
export type SearchMode = 'hybrid' | 'semantic' | 'keyword'

export type SearchQuery = AbortOptions & {
  readonly query: string
  /** Most hits to return, 1 to 1,000. Default 10. */
  readonly limit?: number | undefined
  /** Default `hybrid`. */
  readonly mode?: SearchMode | undefined
  /** When given, only these ids are considered: it is applied before scoring, in both engines. */
  readonly allow?: readonly string[] | undefined
  /** Drop hits scored below this, 0 to 1. Default 0. */
  readonly minScore?: number | undefined
  /** The present, for recency. Without it every memory counts as new. */
  readonly nowMs?: number | undefined
}

export type SearchHit = {
  readonly id: string
  /** 0 to 1, comparable within one search only. */
  readonly score: number
  readonly explain: Explanation
}

/** What became of a call to `index`. */
export type IndexReport = {
  /** Entries found by words only, because their vector failed. Index them again to retry. */
  readonly withoutVector: readonly { readonly id: string; readonly error: LocketError }[]
}

export type HybridSearchOptions = {
  /** Share of the vectors in a hybrid score, 0 to 1. Default 0.5, or 0.15 with the built-in hashing embedder. */
  readonly vectorShare?: number | undefined
  /** How far importance lifts (at 1) or lowers (at 0) a score, 0 to 1. Default 0.1. */
  readonly importanceWeight?: number | undefined
  /** How far age can lower a score, 0 to 1. Default 0: age does not matter. */
  readonly recencyWeight?: number | undefined
  /** Age at which half of `recencyWeight` applies, in milliseconds. Default 90 days. */
  readonly recencyHalfLifeMs?: number | undefined
}
