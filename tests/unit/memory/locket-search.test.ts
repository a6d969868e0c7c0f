import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/core/capabilities.ts'
import { createHashingEmbedder } from '../../../src/embed/hashing.ts'
import { createSearch } from '../../../src/locket/search.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { openVectorIndex } from '../../../src/vector-index/open-vector-index.ts'

const embedder = createHashingEmbedder()
const store = createMemoryStore()
const document = (id: string, version: number, text: string) => ({ id, version, text, importance: 0.5, occurredAtMs: 0 })

async function open() {
  const vectorIndex = await openVectorIndex({ store, dimensions: embedder.dimensions, model: embedder.id })
  const search = await createSearch({ vectorIndex, embedder, clock: systemClock(), onDegraded: (error) => expect.fail(error.code) })
  return { vectorIndex, search }
}

const found = async (search: Awaited<ReturnType<typeof open>>['search'], query: string) =>
  (await search.search({ query, limit: 5, mode: 'semantic', nowMs: 0 })).map(({ id, explain }) => [id, (explain.similarity ?? 0) > 0.5])

describe('createSearch', () => {
  it('takes a kept vector for its own version only, and drops those nobody claims', async () => {
    const first = await open()
    await first.search.put([
      document('a', 1, 'parmesan cheese and wine'),
      document('b', 1, 'a great baboon'),
      document('c', 1, 'red hot tongs'),
    ])
    await first.search.flush()
    await first.vectorIndex.close()

    // The crash: `a` was updated and `c` forgotten after the index had last been written.
    const second = await open()
    await second.search.load([document('a', 2, 'silver buckles on my shoes'), document('b', 1, 'a great baboon')])
    await second.search.forgetStrangers()
    expect((await second.vectorIndex.ids()).toSorted()).toEqual(['a/2', 'b/1'])
    expect((await found(second.search, 'silver buckles on my shoes'))[0]).toEqual(['a', true])
    expect((await found(second.search, 'a great baboon'))[0]).toEqual(['b', true])
    await second.search.flush()
    await second.vectorIndex.close()
  })

  it('replaces a version at once and forgets at once', async () => {
    const { search, vectorIndex } = await open()
    await search.load([document('a', 2, 'silver buckles on my shoes'), document('b', 1, 'a great baboon')])
    await search.put([document('a', 3, 'venison pasty')])
    expect((await found(search, 'venison pasty'))[0]).toEqual(['a', true])
    expect((await vectorIndex.ids()).toSorted()).toEqual(['a/3', 'b/1'])
    await search.remove(['a'])
    expect(await vectorIndex.ids()).toEqual(['b/1'])
    expect((await found(search, 'venison pasty')).map(([id]) => id)).not.toContain('a')
  })
})
