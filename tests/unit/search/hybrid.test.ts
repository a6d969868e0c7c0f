import { describe, expect, it } from 'vitest'
import { LocketError } from '../../../src/core/errors.ts'
import { createHashingEmbedder } from '../../../src/embed/hashing.ts'
import type { Embedder } from '../../../src/embed/port.ts'
import { createHybridSearch } from '../../../src/search/hybrid.ts'
import { createKeywordIndex } from '../../../src/search/keyword-index.ts'
import type { HybridSearchOptions } from '../../../src/search/types.ts'
import { exactIndex } from '../../helpers/exact-index.ts'

const DAY_MS = 24 * 60 * 60 * 1000

function open(given: { readonly embedder?: Embedder; readonly options?: HybridSearchOptions } = {}) {
  const embedder = given.embedder ?? createHashingEmbedder()
  const vectorIndex = exactIndex(embedder.dimensions)
  const degraded: LocketError[] = []
  const keywordIndex = createKeywordIndex()
  const search = createHybridSearch({ vectorIndex, embedder, keywordIndex, onDegraded: (error) => degraded.push(error) }, given.options)
  return { search, vectorIndex, keywordIndex, degraded }
}

/** An embedder that a test can break, hold and watch. */
function brittle() {
  const inner = createHashingEmbedder()
  const state = { fail: undefined as unknown, hold: undefined as Promise<void> | undefined, batches: [] as string[][] }
  const embedder: Embedder = {
    ...inner,
    async embed(texts, options) {
      state.batches.push([...texts])
      await state.hold
      if (state.fail !== undefined) throw state.fail
      return inner.embed(texts, options)
    },
  }
  return { embedder, state }
}

const memories = [
  { id: 'nuts', text: 'Allergic to peanuts since 2019' },
  { id: 'tea', text: 'Green tea with Ann in Kyoto' },
  { id: 'bike', text: 'The bicycle shop closes at six' },
]
const ids = (hits: readonly { readonly id: string }[]) => hits.map((hit) => hit.id)

describe('createHybridSearch', () => {
  it('finds what was indexed, in every mode, and explains each hit', async () => {
    const { search } = open()
    expect(await search.index(memories)).toEqual({ withoutVector: [] })
    for (const mode of ['hybrid', 'semantic', 'keyword'] as const) {
      const [hit] = await search.search({ query: 'peanut allergy', mode })
      expect(hit?.id).toBe('nuts')
      expect(hit?.explain.vectorRank).toBe(mode === 'keyword' ? undefined : 1)
      expect(hit?.explain.keywordRank).toBe(mode === 'semantic' ? undefined : 1)
    }
  })

  it('answers an everyday question that shares no word with the memory', async () => {
    const { search } = open()
    await search.index(memories)
    expect((await search.search({ query: 'which food is dangerous for me?' }))[0]?.id).toBe('nuts')
  })

  it('does not fill up with what has nothing to do with the question', async () => {
    const { search } = open()
    await search.index(memories)
    expect(ids(await search.search({ query: 'bicycle' }))).toEqual(['bike'])
    expect(await search.search({ query: 'zzyzx qwfp' })).toEqual([])
  })

  it.each(['', '  ', '?!'])('finds nothing for the wordless question %j', async (query) => {
    const { search } = open()
    await search.index(memories)
    expect(await search.search({ query })).toEqual([])
  })

  it('replaces text and vector at once', async () => {
    const { search } = open()
    await search.index(memories)
    await search.index([{ id: 'nuts', text: 'Moved to Lisbon' }])
    for (const mode of ['hybrid', 'semantic', 'keyword'] as const) {
      expect((await search.search({ query: 'moving to Lisbon', mode }))[0]?.id).toBe('nuts')
      expect((await search.search({ query: 'peanuts', mode, minScore: 0.2 })).length).toBe(0)
    }
  })

  it('removes at once', async () => {
    const { search, vectorIndex } = open()
    await search.index(memories)
    await search.remove(['nuts', 'unknown'])
    for (const mode of ['hybrid', 'semantic', 'keyword'] as const) {
      expect(ids(await search.search({ query: 'peanuts', mode }))).not.toContain('nuts')
    }
    expect((await vectorIndex.stats()).count).toBe(2)
  })

  it('looks only at allowed ids', async () => {
    const { search } = open()
    await search.index(memories)
    expect(ids(await search.search({ query: 'tea and peanuts', allow: ['tea', 'unknown'] }))).toEqual(['tea'])
    expect(await search.search({ query: 'tea', allow: [] })).toEqual([])
  })

  it('drops hits below minScore and returns no more than limit', async () => {
    const { search } = open()
    await search.index(memories)
    const all = await search.search({ query: 'peanuts tea bicycle' })
    expect(all).toHaveLength(3)
    expect(await search.search({ query: 'peanuts tea bicycle', limit: 2 })).toEqual(all.slice(0, 2))
    const middle = all[1]?.score ?? 0
    expect(ids(await search.search({ query: 'peanuts tea bicycle', minScore: middle }))).toEqual(
      ids(all.filter((hit) => hit.score >= middle)),
    )
  })

  it('uses a vector of the caller’s own instead of the embedder', async () => {
    const { embedder, state } = brittle()
    const { search } = open({ embedder })
    const [vector] = await createHashingEmbedder().embed(['jupiter'])
    await search.index([{ id: 'own', text: 'something else entirely', vector }])
    expect(state.batches).toEqual([])
    expect((await search.search({ query: 'jupiter', mode: 'semantic' }))[0]?.explain.similarity).toBeCloseTo(1)
  })

  it('reports a bad vector of the caller’s own and keeps the memory findable by its words', async () => {
    const { search } = open()
    const report = await search.index([
      { id: 'short', text: 'apples', vector: new Float32Array(3).fill(1) },
      { id: 'nan', text: 'pears', vector: new Float32Array(384).fill(Number.NaN) },
      { id: 'zero', text: 'plums', vector: new Float32Array(384) },
      { id: 'good', text: 'cherries' },
    ])
    expect(report.withoutVector.map(({ id, error }) => [id, error.code])).toEqual([
      ['short', 'index/dimension-mismatch'],
      ['nan', 'index/invalid-vector'],
      ['zero', 'index/invalid-vector'],
    ])
    for (const [query, id] of [
      ['apples', 'short'],
      ['pears', 'nan'],
      ['plums', 'zero'],
      ['cherries', 'good'],
    ] as const) {
      expect((await search.search({ query }))[0]?.id).toBe(id)
    }
  })

  describe('when the embedder fails', () => {
    it('reports the memories, finds them by words, and embeds them when asked again', async () => {
      const { embedder, state } = brittle()
      const { search } = open({ embedder })
      state.fail = new Error('model crashed')
      const { withoutVector } = await search.index(memories)
      expect(withoutVector.map(({ id, error }) => [id, error.code])).toEqual(memories.map(({ id }) => [id, 'embed/failed']))
      state.fail = undefined
      expect((await search.search({ query: 'peanuts' }))[0]).toMatchObject({ id: 'nuts', explain: { similarity: undefined } })
      expect(await search.index(memories)).toEqual({ withoutVector: [] })
      expect((await search.search({ query: 'peanuts' }))[0]?.explain.similarity).toBeGreaterThan(0)
    })

    it('leaves no vector of a text that was replaced', async () => {
      const { embedder, state } = brittle()
      const { search, vectorIndex } = open({ embedder })
      await search.index(memories)
      state.fail = new Error('model crashed')
      await search.index([{ id: 'nuts', text: 'Moved to Lisbon' }])
      expect((await vectorIndex.stats()).count).toBe(2)
    })

    it('goes on with words for a question, says so, and refuses where only vectors were asked for', async () => {
      const { embedder, state } = brittle()
      const { search, degraded } = open({ embedder })
      await search.index(memories)
      state.fail = new LocketError('embed/failed', { operation: 'test' })
      expect((await search.search({ query: 'peanuts' }))[0]).toMatchObject({ id: 'nuts', explain: { vectorRank: undefined } })
      expect(degraded).toEqual([state.fail])
      await expect(search.search({ query: 'peanuts', mode: 'semantic' })).rejects.toBe(state.fail)
      expect((await search.search({ query: 'peanuts', mode: 'keyword' }))[0]?.id).toBe('nuts')
      expect(degraded).toHaveLength(1)
    })

    it('treats vectors of the wrong shape as a failure', async () => {
      const { embedder } = brittle()
      const { search } = open({ embedder: { ...embedder, embed: async (texts) => texts.map(() => new Float32Array(384)) } })
      const { withoutVector } = await search.index(memories)
      expect(withoutVector.map(({ error }) => error.code)).toEqual(['embed/failed', 'embed/failed', 'embed/failed'])
    })
  })

  describe('while an embedding is under way', () => {
    it('finds by words already, and lets a removal win', async () => {
      const { embedder, state } = brittle()
      const { search, vectorIndex, keywordIndex } = open({ embedder })
      let release = () => {}
      state.hold = new Promise((resolve) => (release = resolve))
      const indexing = search.index(memories)
      await Promise.resolve()
      expect(ids(await search.search({ query: 'peanuts', mode: 'keyword' }))).toEqual(['nuts'])
      await search.remove(['nuts'])
      release()
      await indexing
      expect((await vectorIndex.stats()).count).toBe(2)
      expect(keywordIndex.size).toBe(2)
    })

    it('lets the later of two texts win', async () => {
      const { embedder, state } = brittle()
      const { search } = open({ embedder })
      let release = () => {}
      state.hold = new Promise((resolve) => (release = resolve))
      const first = search.index([{ id: 'one', text: 'peanuts' }])
      await Promise.resolve()
      state.hold = undefined
      await search.index([{ id: 'one', text: 'jupiter' }])
      release()
      await first
      const [hit] = await search.search({ query: 'jupiter', mode: 'semantic' })
      expect(hit?.explain.similarity).toBeCloseTo(1)
    })

    it('does not return what is removed while the question is embedded', async () => {
      const { embedder, state } = brittle()
      const { search } = open({ embedder })
      await search.index(memories)
      let release = () => {}
      state.hold = new Promise((resolve) => (release = resolve))
      const searching = search.search({ query: 'peanuts' })
      await search.remove(['nuts'])
      release()
      expect(ids(await searching)).not.toContain('nuts')
    })

    it('rejects with the reason of an aborted signal', async () => {
      const { search } = open()
      const reason = new Error('enough')
      const signal = AbortSignal.abort(reason)
      await expect(search.index(memories, { signal })).rejects.toBe(reason)
      await expect(search.search({ query: 'tea', signal })).rejects.toBe(reason)
      await expect(search.remove(['tea'], { signal })).rejects.toBe(reason)
    })
  })

  it('embeds in batches and takes the last of two entries with one id', async () => {
    const { embedder, state } = brittle()
    const { search, keywordIndex } = open({ embedder })
    await search.index([...Array.from({ length: 150 }, (_, i) => ({ id: `m${i}`, text: `note ${i}` })), { id: 'm0', text: 'the last one' }])
    expect(state.batches.map((batch) => batch.length)).toEqual([64, 64, 22])
    expect(keywordIndex.size).toBe(150)
    expect((await search.search({ query: 'the last one', limit: 1 }))[0]?.id).toBe('m0')
  })

  it('lets importance break a tie, mildly, and nothing else by default', async () => {
    const { search } = open()
    await search.index([
      { id: 'a', text: 'tea with Ann', occurredAtMs: 0, importance: 0.5 },
      { id: 'b', text: 'tea with Ann', occurredAtMs: 0, importance: 1 },
      { id: 'c', text: 'tea with Ann', occurredAtMs: 900 * DAY_MS },
    ])
    const hits = await search.search({ query: 'tea with Ann', nowMs: 900 * DAY_MS })
    expect(hits.map((hit) => [hit.id, hit.explain.importanceFactor, hit.explain.recencyFactor])).toEqual([
      ['b', 1.1, 1],
      ['a', 1, 1],
      ['c', 1, 1],
    ])
  })

  it('lowers what is old when asked to', async () => {
    const { search } = open({ options: { recencyWeight: 0.5, recencyHalfLifeMs: 10 * DAY_MS } })
    await search.index([
      { id: 'old', text: 'tea with Ann', occurredAtMs: 0 },
      { id: 'new', text: 'tea with Ann', occurredAtMs: 10 * DAY_MS },
      { id: 'timeless', text: 'tea with Ann' },
    ])
    const hits = await search.search({ query: 'tea with Ann', nowMs: 10 * DAY_MS })
    expect(hits.map((hit) => [hit.id, hit.explain.recencyFactor])).toEqual([
      ['new', 1],
      ['timeless', 1],
      ['old', 0.75],
    ])
  })

  it('trusts a model’s vectors more than hashed ones', async () => {
    const inner = createHashingEmbedder()
    const asModel: Embedder = { ...inner, id: 'a-model' }
    const scoreWith = async (embedder: Embedder) => {
      const { search } = open({ embedder })
      const [vector] = await inner.embed(['jupiter'])
      await search.index([{ id: 'own', text: 'no such word', vector }])
      return (await search.search({ query: 'jupiter' }))[0]?.score
    }
    expect(await scoreWith(asModel)).toBeCloseTo(0.5)
    expect(await scoreWith(inner)).toBeCloseTo(0.15)
  })

  it.each([{ limit: 0 }, { limit: 1.5 }, { limit: 1001 }, { minScore: -0.1 }, { minScore: Number.NaN }])('refuses %j', async (wrong) => {
    await expect(open().search.search({ query: 'tea', ...wrong })).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })

  it.each([{ vectorShare: 2 }, { importanceWeight: -1 }, { recencyWeight: Number.NaN }, { recencyHalfLifeMs: 0 }])(
    'refuses %j',
    (options) => {
      expect(() => open({ options })).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
    },
  )
})
