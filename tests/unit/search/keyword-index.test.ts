import { describe, expect, it } from 'vitest'
import { createKeywordIndex } from '../../../src/search/keyword-index.ts'
import { countingClock } from '../../helpers/counting-clock.ts'

const texts = [
  { id: 'tea', text: 'I did send for a cup of tea, a China drink, of which I never had drank before.' },
  { id: 'tongs', text: 'My wife came to the bed with red hot tongs and made as if to pinch me.' },
  { id: 'dogs', text: 'An experiment of letting the blood of one dog into the body of another.' },
  { id: 'wine', text: 'Drank a sort of French wine called Ho Bryan, a good and most particular taste.' },
  { id: 'coffee', text: 'To the coffeehouse, where fine discourse about insects.' },
]

async function filled() {
  const index = createKeywordIndex()
  await index.put(texts)
  return index
}
const ids = (hits: readonly { readonly id: string }[]) => hits.map((hit) => hit.id)

describe('createKeywordIndex', () => {
  it('finds nothing while empty', () => {
    expect(createKeywordIndex().search({ query: 'tea', k: 5 })).toEqual([])
  })

  it('ranks the right text first and says which words matched', async () => {
    const [hit] = (await filled()).search({ query: 'experiments with blood of dogs', k: 5 })
    expect(hit).toMatchObject({ id: 'dogs' })
    expect(hit?.matchedTerms).toEqual(['experi', 'blood', 'of', 'dog'])
    expect(hit?.score).toBeGreaterThan(0.4)
  })

  it('returns at most k, best first, scores from 0 to 1', async () => {
    const index = await filled()
    const hits = index.search({ query: 'drank tea of a wife', k: 2 })
    expect(hits).toHaveLength(2)
    expect(hits[0]?.score).toBeGreaterThanOrEqual(hits[1]?.score ?? 0)
  })

  it.each([
    ['an irregular form', 'who drinks', 'tea'],
    ['a misspelling', 'partcular', 'wine'],
    ['two words for a compound', 'coffee house', 'coffee'],
    ['a compound for two words', 'bodydog', 'dogs'],
    ['a related word', 'bugs and vermin', 'coffee'],
    ['another spelling', 'FRÈNCH', 'wine'],
  ])('lets %s stand for the word', async (_, query, id) => {
    expect(ids((await filled()).search({ query, k: 1 }))).toEqual([id])
  })

  it('prefers the word itself to a relative', async () => {
    const index = createKeywordIndex()
    await index.put([
      { id: 'physician', text: 'saw the physician on Monday' },
      { id: 'doctor', text: 'saw the doctor on Monday' },
    ])
    expect(ids(index.search({ query: 'doctor', k: 5 }))).toEqual(['doctor', 'physician'])
  })

  it('prefers words close together, and in the order asked, to the same words far apart', async () => {
    const filler = 'and then many other things came to pass in the city that nobody remembers '.repeat(8)
    const index = createKeywordIndex()
    await index.put([
      { id: 'apart', text: `red ${filler} cross` },
      { id: 'turned', text: `${filler} cross red` },
      { id: 'close', text: `${filler} red cross` },
    ])
    expect(ids(index.search({ query: 'red cross', k: 3 }))).toEqual(['close', 'turned', 'apart'])
  })

  it('answers a question of function words only', async () => {
    const index = createKeywordIndex()
    await index.put([
      { id: 'hamlet', text: 'to be or not to be' },
      { id: 'other', text: 'plague in the house' },
    ])
    expect(ids(index.search({ query: 'to be or not to be', k: 5 }))).toEqual(['hamlet'])
  })

  it('finds texts in scripts without spaces, by character and by word', async () => {
    const index = createKeywordIndex()
    await index.put([
      { id: 'tokyo', text: '東京タワーへ行きました' },
      { id: 'kyoto', text: '京都で抹茶を飲んだ' },
    ])
    expect(ids(index.search({ query: '東京', k: 1 }))).toEqual(['tokyo'])
    expect(ids(index.search({ query: '茶', k: 5 }))).toEqual(['kyoto'])
  })

  it('replaces a text at once', async () => {
    const index = await filled()
    await index.put([{ id: 'tea', text: 'Bought a new watch.' }])
    expect(index.size).toBe(texts.length)
    expect(ids(index.search({ query: 'tea', k: 5 }))).toEqual([])
    expect(ids(index.search({ query: 'watch', k: 5 }))).toEqual(['tea'])
  })

  it('removes at once, whatever it is asked to remove', async () => {
    const index = await filled()
    index.remove(['tea', 'tea', 'unknown'])
    expect(index.size).toBe(texts.length - 1)
    expect(ids(index.search({ query: 'China tea', k: 5 }))).not.toContain('tea')
    index.remove(texts.map((text) => text.id))
    expect(index.size).toBe(0)
    expect(index.search({ query: 'dog', k: 5 })).toEqual([])
  })

  it('takes the last of two texts with one id', async () => {
    const index = createKeywordIndex()
    await index.put([
      { id: 'a', text: 'first' },
      { id: 'a', text: 'second' },
    ])
    expect(index.size).toBe(1)
    expect(ids(index.search({ query: 'second', k: 5 }))).toEqual(['a'])
    expect(index.search({ query: 'first', k: 5 })).toEqual([])
  })

  it('looks only at allowed ids, few or many', async () => {
    const index = createKeywordIndex()
    await index.put(Array.from({ length: 600 }, (_, i) => ({ id: `m${i}`, text: `jupiter and its moons, night ${i}` })))
    expect(ids(index.search({ query: 'jupiter', k: 1000, allow: ['m7', 'm9', 'unknown'] })).toSorted()).toEqual(['m7', 'm9'])
    const many = Array.from({ length: 300 }, (_, i) => `m${i * 2}`)
    const hits = ids(index.search({ query: 'moons of jupiter', k: 50, allow: many }))
    expect(hits).toHaveLength(50)
    expect(hits.every((id) => many.includes(id))).toBe(true)
    expect(index.search({ query: 'jupiter', k: 5, allow: [] })).toEqual([])
  })

  it('returns as many as asked for, up to all', async () => {
    const index = createKeywordIndex()
    await index.put(Array.from({ length: 1_200 }, (_, i) => ({ id: `m${i}`, text: `jupiter ${i}` })))
    expect(index.search({ query: 'jupiter', k: 1_000 })).toHaveLength(1_000)
  })

  it('gives the event loop turns during a bulk build, and finds what is in already', async () => {
    const { clock, turns } = countingClock()
    const index = createKeywordIndex({ clock })
    await index.put(Array.from({ length: 20 }, (_, i) => ({ id: `m${i}`, text: `word${i} `.repeat(10_000) })))
    expect(turns()).toBeGreaterThan(5)
    expect(index.size).toBe(20)
  })

  it('keeps what is removed or replaced during a bulk build removed or replaced', async () => {
    const index = createKeywordIndex()
    const big = Array.from({ length: 10 }, (_, i) => ({ id: `m${i}`, text: 'old words '.repeat(20_000) }))
    const building = index.put(big)
    index.remove(['m9'])
    const replacing = index.put([{ id: 'm8', text: 'new' }])
    await Promise.all([building, replacing])
    expect(index.size).toBe(9)
    expect(ids(index.search({ query: 'new', k: 5 }))).toEqual(['m8'])
    expect(ids(index.search({ query: 'old words', k: 50 }))).not.toContain('m8')
  })

  it('stops a bulk build with the reason of the signal and can be called again', async () => {
    const controller = new AbortController()
    const index = createKeywordIndex()
    const big = Array.from({ length: 10 }, (_, i) => ({ id: `m${i}`, text: 'words '.repeat(30_000) }))
    const building = index.put(big, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(building).rejects.toThrow('enough')
    expect(index.size).toBeLessThan(10)
    await index.put(big)
    expect(index.size).toBe(10)
  })

  it.each(['', '   ', '?!', '\ud800', '\u0000', '__proto__', 'constructor', 'hasOwnProperty toString'])(
    'survives the question %j and the same as a text',
    async (text) => {
      const index = await filled()
      await index.put([{ id: 'odd', text }])
      for (const hit of index.search({ query: text, k: 5 })) expect(hit.score).toBeGreaterThan(0)
      index.remove(['odd'])
      expect(ids(index.search({ query: 'tea', k: 1 }))).toEqual(['tea'])
    },
  )

  it('takes a question of ten megabytes', async () => {
    expect(ids((await filled()).search({ query: 'tea from china '.repeat(700_000), k: 1 }))).toEqual(['tea'])
  })

  it('forgets the words of removed texts', async () => {
    const index = createKeywordIndex()
    for (let i = 0; i < 50; i++) {
      await index.put([{ id: 'one', text: `unique${i} words${i} here` }])
    }
    expect(index.search({ query: 'unique3', k: 5 }).some((hit) => hit.matchedTerms.includes('unique3') && hit.score > 0.5)).toBe(false)
    expect(ids(index.search({ query: 'unique49', k: 5 }))).toEqual(['one'])
  })
})
