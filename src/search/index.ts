/** Hybrid search on the device: words and vectors, weighed together and explained. */

export { createHybridSearch, type HybridSearch, type HybridSearchDeps } from './hybrid.ts'
export { createKeywordIndex, type KeywordHit, type KeywordIndex } from './keyword-index.ts'
export type { Explanation, HybridSearchOptions, IndexReport, SearchEntry, SearchHit, SearchMode, SearchQuery } from './types.ts'
