import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHashingEmbedder } from '../../src/embed/hashing.ts'
import { words } from '../../src/embed/words.ts'
import { createHybridSearch } from '../../src/search/hybrid.ts'
import { createKeywordIndex } from '../../src/search/keyword-index.ts'
import { exactIndex } from '../helpers/exact-index.ts'

const word = fc.constantFrom(
  'tea',
  'wife',
  'dogs',
  'the',
  'of',
  'King',
  'coffee',
  'house',
  'doctor',
  'pills',
  'été',
  '茶',
  '東京',
  '🎂',
  'jupiter',
  'x9',
)
const phrase = fc.array(word, { maxLength: 12 }).map((list) => list.join(' '))
const text = fc.oneof({ weight: 4, arbitrary: phrase }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) })
const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g')
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ put: fc.array(fc.record({ id, text }), { maxLength: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ remove: fc.array(id, { maxLength: 3 }) }) },
)
const mode = fc.constantFrom('hybrid', 'semantic', 'keyword')

function open() {
  const embedder = createHashingEmbedder({ dimensions: 64 })
  const keywordIndex = createKeywordIndex()
  return { keywordIndex, search: createHybridSearch({ vectorIndex: exactIndex(64), embedder, keywordIndex }) }
}

describe('hybrid search', () => {
  it('returns only what is present and allowed, sorted, scored and explained consistently', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 8 }),
        text,
        mode,
        fc.option(fc.array(id, { maxLength: 4 }), { nil: undefined }),
        fc.integer({ min: 1, max: 6 }),
        async (changes, query, searchMode, allow, limit) => {
          const { search, keywordIndex } = open()
          const present = new Set<string>()
          for (const one of changes) {
            if ('put' in one) {
              expect(await search.index(one.put)).toEqual({ withoutVector: [] })
              for (const entry of one.put) present.add(entry.id)
            } else {
              await search.remove(one.remove)
              for (const gone of one.remove) present.delete(gone)
            }
          }
          expect(keywordIndex.size).toBe(present.size)
          const hits = await search.search({ query, mode: searchMode, allow, limit })
          expect(hits.length).toBeLessThanOrEqual(limit)
          expect(new Set(hits.map((hit) => hit.id)).size).toBe(hits.length)
          for (const [at, { id: found, score, explain }] of hits.entries()) {
            expect(present.has(found)).toBe(true)
            expect(allow === undefined || new Set<string>(allow).has(found)).toBe(true)
            expect(score).toBeGreaterThan(0)
            expect(score).toBeLessThanOrEqual(1)
            expect(score).toBeLessThanOrEqual(hits[at - 1]?.score ?? 1)
            expect(explain.keywordScore === undefined).toBe(explain.matchedTerms.length === 0)
            if (explain.keywordRank !== undefined) expect(explain.keywordScore).toBeDefined()
            if (explain.vectorRank !== undefined) expect(explain.similarity).toBeDefined()
            if (searchMode === 'keyword') expect(explain.similarity).toBeUndefined()
            if (searchMode === 'semantic') expect(explain.keywordScore).toBeUndefined()
          }
          const byKeyword = hits.filter((hit) => hit.explain.keywordRank !== undefined)
          for (const a of byKeyword) {
            for (const b of byKeyword) {
              if ((a.explain.keywordRank ?? 0) < (b.explain.keywordRank ?? 0)) {
                expect(a.explain.keywordScore).toBeGreaterThanOrEqual(b.explain.keywordScore ?? 0)
              }
            }
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  it('gives the same answer whatever the history that led to the same memories', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.record({ id, text: phrase }), { selector: (entry) => entry.id }),
        phrase,
        phrase,
        async (entries, detour, query) => {
          const straight = open()
          await straight.search.index(entries)
          const winding = open()
          await winding.search.index(entries.map((entry) => ({ ...entry, text: detour })))
          await winding.search.index([{ id: 'gone', text: detour }])
          await winding.search.index(entries.toReversed())
          await winding.search.remove(['gone'])
          const a = await straight.search.search({ query })
          const b = await winding.search.search({ query })
          expect(b.map((hit) => hit.id)).toEqual(a.map((hit) => hit.id))
          for (const [at, hit] of a.entries()) expect(b[at]?.score).toBeCloseTo(hit.score, 9)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('finds every text by its own words', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 7 }), async (texts) => {
        const { search } = open()
        await search.index(texts.map((one, at) => ({ id: `m${at}`, text: one })))
        for (const [at, one] of texts.entries()) {
          if (words(one).length === 0) continue
          const hits = await search.search({ query: one, limit: 10 })
          const best = hits[0]?.score ?? 0
          const own = hits.find((hit) => hit.id === `m${at}`)
          expect(own).toBeDefined()
          expect(own?.score).toBeGreaterThan(best * 0.5)
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('words', () => {
  it('accepts any string and gives words it finds again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (any) => {
        for (const one of words(any)) {
          expect(one.length).toBeGreaterThan(0)
          expect(one.length).toBeLessThanOrEqual(40)
          expect(words(one)).toContain(one)
        }
      }),
      { numRuns: 500 },
    )
  })
})
