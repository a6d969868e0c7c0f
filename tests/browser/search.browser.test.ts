import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { createHashingEmbedder } from '../../src/embed/hashing.ts'
import { createHybridSearch } from '../../src/search/hybrid.ts'
import { createKeywordIndex } from '../../src/search/keyword-index.ts'
import { createVectorIndex } from '../../src/vector-index/create-vector-index.ts'
import excerpt from '../helpers/diary-excerpt.json' with { type: 'json' }
import { HASHING_DIGEST, HASHING_TEXTS } from '../helpers/hashing-snapshot.ts'

describe('the hashing embedder in a browser', () => {
  it('gives the vectors that it gives in Node, bit for bit', async () => {
    const vectors = await createHashingEmbedder().embed(HASHING_TEXTS)
    const bytes = await new Blob([...vectors]).arrayBuffer()
    expect(toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))).toBe(HASHING_DIGEST)
  })
})

describe('hybrid search in a browser', () => {
  it('finds the right days of a diary', async () => {
    const embedder = createHashingEmbedder()
    const vectorIndex = await createVectorIndex({ dimensions: embedder.dimensions, model: embedder.id })
    const search = createHybridSearch({ vectorIndex, embedder, keywordIndex: createKeywordIndex() })
    await search.index(excerpt.entries)
    for (const { query, dates } of excerpt.questions) {
      const hits = await search.search({ query, limit: 5 })
      expect(hits.some((hit) => dates.some((date) => hit.id.includes(date)))).toBe(true)
    }
  })
})
