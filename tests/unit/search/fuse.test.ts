import { describe, expect, it } from 'vitest'
import { type Fusion, fuse } from '../../../src/search/fuse.ts'

const base: Fusion = {
  keywordHits: [],
  vectorHits: [],
  extraKeywordHits: [],
  extraVectorHits: [],
  background: 0,
  vectorShare: 0.5,
  isPresent: () => true,
  recencyFactor: () => 1,
  importanceFactor: () => 1,
}
const word = (id: string, score: number) => ({ id, score, matchedTerms: ['tea'] })

describe('fuse', () => {
  it('adds the shares of both engines and says where each part came from', () => {
    const [hit, other] = fuse({
      ...base,
      keywordHits: [word('a', 0.8)],
      vectorHits: [
        { id: 'b', similarity: 0.6 },
        { id: 'a', similarity: 0.4 },
      ],
    })
    expect(hit?.score).toBeCloseTo(0.6)
    expect(hit).toMatchObject({
      id: 'a',
      explain: { similarity: 0.4, vectorRank: 2, keywordScore: 0.8, keywordRank: 1, matchedTerms: ['tea'], recencyFactor: 1 },
    })
    expect(other).toMatchObject({ id: 'b', explain: { vectorRank: 1, keywordScore: undefined, keywordRank: undefined, matchedTerms: [] } })
  })

  it('scores one engine’s candidates by the other without giving them a rank there', () => {
    const [hit] = fuse({ ...base, keywordHits: [word('a', 0.5)], extraVectorHits: [{ id: 'a', similarity: 0.2 }] })
    expect(hit?.score).toBeCloseTo(0.35)
    expect(hit?.explain).toMatchObject({ similarity: 0.2, vectorRank: undefined, keywordRank: 1 })
  })

  it('counts similarity from the background upwards, so that models with high similarities compare', () => {
    const [hit, ...rest] = fuse({
      ...base,
      background: 0.8,
      vectorHits: [
        { id: 'a', similarity: 0.9 },
        { id: 'b', similarity: 0.8 },
        { id: 'c', similarity: -1 },
      ],
    })
    expect(hit?.score).toBeCloseTo(0.25)
    expect(rest).toEqual([])
  })

  it('applies the factors, never exceeds 1 and keeps the order of what does', () => {
    const hits = fuse({
      ...base,
      vectorShare: 0,
      keywordHits: [word('a', 0.95), word('b', 0.94)],
      importanceFactor: (id) => (id === 'b' ? 1.2 : 1.1),
      recencyFactor: () => 1,
    })
    expect(hits.map((hit) => [hit.id, hit.score])).toEqual([
      ['b', 1],
      ['a', 1],
    ])
  })

  it('leaves out what is gone and what scores nothing, and breaks ties by id', () => {
    const keywordHits = [word('c', 0.5), word('b', 0.5), word('gone', 0.9), word('zero', 0)]
    const hits = fuse({ ...base, keywordHits, isPresent: (id) => id !== 'gone' })
    expect(hits.map((hit) => hit.id)).toEqual(['b', 'c'])
  })
})
