import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/core/bytes.ts'
import { createHashingEmbedder, isHashingEmbedder } from '../../../src/embed/hashing.ts'
import { HASHING_DIGEST, HASHING_TEXTS } from '../../helpers/hashing-snapshot.ts'

const embedder = createHashingEmbedder()
const similarity = async (a: string, b: string): Promise<number> => {
  const [x, y] = await embedder.embed([a, b])
  return (x ?? new Float32Array()).reduce((sum, value, i) => sum + value * (y?.[i] ?? 0), 0)
}

describe('createHashingEmbedder', () => {
  it('names version and dimensions and sends nothing anywhere', () => {
    expect(embedder).toMatchObject({ id: 'locket-hashing-1-384', dimensions: 384, sendsTextTo: null })
    expect(createHashingEmbedder({ dimensions: 512 }).id).toBe('locket-hashing-1-512')
    expect(isHashingEmbedder(embedder)).toBe(true)
    expect(isHashingEmbedder({ id: 'http:some-model:384' })).toBe(false)
  })

  it('gives the recorded vectors, bit for bit', async () => {
    const vectors = await embedder.embed(HASHING_TEXTS)
    const bytes = new Uint8Array(await new Blob([...vectors]).arrayBuffer())
    expect(toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))).toBe(HASHING_DIGEST)
  })

  it('gives the same vector whatever came before and in whatever batch', async () => {
    const fresh = createHashingEmbedder()
    await fresh.embed(['red hot tongs', 'another text'])
    const [alone] = await createHashingEmbedder().embed(['the cat sat'])
    const [, , together] = await fresh.embed(['x', 'y', 'the cat sat'])
    expect(together).toEqual(alone)
  })

  it('gives unit vectors, in order, one per text', async () => {
    const vectors = await embedder.embed(['one', 'two words', ''])
    expect(vectors).toHaveLength(3)
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 6)
  })

  it.each(['', ' ', '...', '\u0000', '\ud800', '\n\n', '—'])('gives a valid vector for the wordless text %j', async (text) => {
    const [vector] = await embedder.embed([text])
    expect(Math.hypot(...(vector ?? []))).toBe(1)
    expect(await similarity(text, 'a perfectly ordinary sentence')).toBeLessThan(0.5)
  })

  it('brings shared words, endings, misspellings and everyday relatives near', async () => {
    const unrelated = await similarity('the dentist pulled a tooth', 'sunset over mountains')
    expect(await similarity('the dentist pulled a tooth', 'dentists pulling teeth')).toBeGreaterThan(0.6)
    expect(await similarity('microscope', 'microscoope')).toBeGreaterThan(unrelated + 0.1)
    expect(await similarity('Allergic to peanuts since 2019', 'which food is dangerous for me?')).toBeGreaterThan(unrelated + 0.03)
    expect(await similarity('東京へ行った', '東京タワー')).toBeGreaterThan(unrelated + 0.1)
    expect(Math.abs(unrelated)).toBeLessThan(0.15)
  })

  it('lets function words weigh little', async () => {
    expect(await similarity('the of and to in tongs', 'the of and to in jupiter')).toBeLessThan(0.3)
  })

  it('keeps a long text near its own subject', async () => {
    const [long, about] = await embedder.embed([`${'telescope planet '.repeat(200_000)}tea`, 'planets through a telescope'])
    expect(long?.reduce((sum, value, i) => sum + value * (about?.[i] ?? 0), 0)).toBeGreaterThan(0.5)
  })

  it.each([0, 63, 4097, 100.5, Number.NaN])('refuses %s dimensions', (dimensions) => {
    expect(() => createHashingEmbedder({ dimensions })).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
  })

  it('stops at an aborted signal with its reason', async () => {
    const reason = new Error('enough')
    await expect(embedder.embed(['a'], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
