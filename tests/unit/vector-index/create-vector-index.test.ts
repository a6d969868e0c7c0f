import { describe, expect, it } from 'vitest'
import { createVectorIndex, type VectorIndexOptions } from '../../../src/vector-index/create-vector-index.ts'
import { clusteredVectors, nearestByBruteForce } from '../../helpers/vectors.ts'

const base: VectorIndexOptions = { dimensions: 4, model: 'test' }
const v = (...values: number[]) => Float32Array.from(values)

/** Mean share of the true `k` nearest that the index returns, and the largest error in a similarity. */
async function measure(options: VectorIndexOptions, size: number, queries: number, anisotropic: boolean) {
  const source = clusteredVectors({ dimensions: options.dimensions, seed: 7, clusters: 50, anisotropic })
  const points = new Map<string, Float32Array>()
  for (let i = 0; i < size; i++) points.set(`p${i}`, source.point())
  const index = await createVectorIndex(options)
  await index.put([...points].map(([id, vector]) => ({ id, vector })))
  let found = 0
  let error = 0
  for (let i = 0; i < queries; i++) {
    const query = source.query(i)
    const truth = new Map(nearestByBruteForce(points, query, size).map((hit) => [hit.id, hit.similarity]))
    const nearest = new Set([...truth.keys()].slice(0, 10))
    for (const hit of await index.search(query, { k: 10 })) {
      if (nearest.has(hit.id)) found++
      error = Math.max(error, Math.abs(hit.similarity - (truth.get(hit.id) as number)))
    }
  }
  return { recall: found / (queries * 10), error, stats: await index.stats() }
}

/** An index of `count` vectors, each like the one before but for one number; and the last of them. */
async function fill(dimensions: number, count: number) {
  const index = await createVectorIndex({ ...base, dimensions })
  const vector = new Float32Array(dimensions)
  for (let i = 0; i < count; i++) {
    vector[i % dimensions] = Math.cos(i * i)
    await index.put([{ id: `p${i}`, vector }])
  }
  return { index, vector }
}

describe('createVectorIndex', () => {
  it.each([
    ['exact', 'wasm-simd', false],
    ['exact', 'wasm-simd', true],
    ['exact', 'javascript', true],
    ['prefilter', 'wasm-simd', false],
    ['prefilter', 'wasm-simd', true],
  ] as const)('finds what brute force finds: %s, %s, anisotropic %s', async (method, engine, anisotropic) => {
    const size = method === 'prefilter' ? 6_000 : 2_000
    const { recall, error, stats } = await measure({ ...base, dimensions: 384, method, engine }, size, 40, anisotropic)
    expect(stats).toMatchObject({ method, engine, count: size, dimensions: 384, model: 'test', tombstones: 0 })
    expect(recall).toBeGreaterThanOrEqual(0.999)
    expect(error).toBeLessThan(1e-6)
  })

  it('orders by similarity and returns no more than there is', async () => {
    const index = await createVectorIndex(base)
    await index.put([
      { id: 'far', vector: v(-1, 0, 0, 0) },
      { id: 'near', vector: v(1, 0.1, 0, 0) },
      { id: 'same', vector: v(5, 0, 0, 0) },
    ])
    const hits = await index.search(v(2, 0, 0, 0), { k: 10 })
    expect(hits.map((hit) => hit.id)).toEqual(['same', 'near', 'far'])
    expect(hits[0]?.similarity).toBe(1)
    expect(hits[2]?.similarity).toBe(-1)
    expect(await index.search(v(2, 0, 0, 0), { k: 1 })).toHaveLength(1)
  })

  it('finds nothing in an empty index', async () => {
    const index = await createVectorIndex(base)
    expect(await index.search(v(1, 0, 0, 0), { k: 3 })).toEqual([])
  })

  it('replaces a vector that is put again, and copies what it is given', async () => {
    const index = await createVectorIndex(base)
    const vector = v(1, 0, 0, 0)
    await index.put([{ id: 'a', vector }])
    vector.set([0, 1, 0, 0])
    expect((await index.search(v(1, 0, 0, 0), { k: 1 }))[0]?.similarity).toBe(1)
    await index.put([{ id: 'a', vector: v(0, 0, 1, 0) }])
    expect((await index.search(v(1, 0, 0, 0), { k: 5 })).map((hit) => hit.similarity)).toEqual([0])
    expect((await index.stats()).count).toBe(1)
  })

  it('takes the last of two vectors under one id', async () => {
    const index = await createVectorIndex(base)
    await index.put([
      { id: 'a', vector: v(1, 0, 0, 0) },
      { id: 'a', vector: v(0, 1, 0, 0) },
    ])
    expect(await index.search(v(0, 1, 0, 0), { k: 5 })).toEqual([{ id: 'a', similarity: 1 }])
  })

  it('forgets a removed id at once and ignores an unknown one', async () => {
    const index = await createVectorIndex(base)
    await index.put([{ id: 'a', vector: v(1, 0, 0, 0) }])
    await index.remove(['a', 'nobody'])
    expect(await index.search(v(1, 0, 0, 0), { k: 5 })).toEqual([])
    await index.remove(['a'])
    expect((await index.stats()).count).toBe(0)
  })

  it('considers allowed ids only, before scoring', async () => {
    const index = await createVectorIndex({ ...base, dimensions: 64 })
    const source = clusteredVectors({ dimensions: 64, seed: 3 })
    const points: Map<string, Float32Array> = new Map(Array.from({ length: 1_500 }, (_, i) => [`p${i}`, source.point()] as const))
    await index.put([...points].map(([id, vector]) => ({ id, vector })))
    for (const every of [1, 2, 3, 7, 10, 100, 700]) {
      const allow = [...points.keys()].filter((_, i) => i % every === 0)
      const query = source.query(every)
      const truth = nearestByBruteForce(new Map(allow.map((id) => [id, points.get(id) as Float32Array])), query, 10)
      const hits = await index.search(query, { k: 10, allow: [...allow, 'nobody'] })
      expect(hits.map((hit) => hit.id)).toEqual(truth.map((hit) => hit.id))
    }
    expect(await index.search(source.query(0), { k: 10, allow: [] })).toEqual([])
    expect(await index.search(source.query(0), { k: 10, allow: ['nobody'] })).toEqual([])
  })

  it('applies a filter to the prefilter too', async () => {
    const index = await createVectorIndex({ ...base, dimensions: 128, method: 'prefilter' })
    const source = clusteredVectors({ dimensions: 128, seed: 4, clusters: 5 })
    const points: Map<string, Float32Array> = new Map(Array.from({ length: 9_000 }, (_, i) => [`p${i}`, source.point()] as const))
    await index.put([...points].map(([id, vector]) => ({ id, vector })))
    const allow = [...points.keys()].filter((_, i) => i % 2 === 1)
    const hits = await index.search(source.query(0), { k: 10, allow })
    const truth = nearestByBruteForce(new Map(allow.map((id) => [id, points.get(id) as Float32Array])), source.query(0), 10)
    expect(hits).toHaveLength(10)
    expect(hits.every((hit) => allow.includes(hit.id))).toBe(true)
    expect(truth).toHaveLength(10)
  })

  it('turns the prefilter on by itself from 20,000 vectors of 768 dimensions, and not where it would cost recall', async () => {
    const { index, vector } = await fill(768, 19_999)
    expect((await index.stats()).method).toBe('exact')
    await index.put([{ id: 'last', vector }])
    expect((await index.stats()).method).toBe('prefilter')
    expect((await index.search(vector, { k: 2 })).map((hit) => hit.id)).toEqual(['p19998', 'last'])
    expect((await (await fill(128, 25_000)).index.stats()).method).toBe('exact')
  })

  it('keeps its answers while it grows past many blocks and its memory moves', async () => {
    for (const engine of ['wasm-simd', 'javascript'] as const) {
      const index = await createVectorIndex({ ...base, dimensions: 130, engine })
      const source = clusteredVectors({ dimensions: 130, seed: 6 })
      for (let i = 0; i < 1_400; i++) await index.put([{ id: `p${i}`, vector: source.point() }])
      const probe = source.point()
      await index.put([{ id: 'probe', vector: probe }])
      expect((await index.search(probe, { k: 1 }))[0]?.id).toBe('probe')
      expect((await index.stats()).memoryBytes).toBeGreaterThan(1_400 * 130 * 5)
    }
  })

  it.each([
    ['NaN', v(1, Number.NaN, 0, 0), 'index/invalid-vector'],
    ['infinity', v(1, Number.POSITIVE_INFINITY, 0, 0), 'index/invalid-vector'],
    ['minus infinity', v(Number.NEGATIVE_INFINITY, 0, 0, 0), 'index/invalid-vector'],
    ['zero', v(0, 0, 0, 0), 'index/invalid-vector'],
    ['too short', v(1, 0, 0), 'index/dimension-mismatch'],
    ['too long', v(1, 0, 0, 0, 0), 'index/dimension-mismatch'],
  ] as const)('refuses a vector that is %s, in put and in search, and keeps nothing of its batch', async (_, vector, code) => {
    const index = await createVectorIndex(base)
    const batch = [
      { id: 'good', vector: v(1, 0, 0, 0) },
      { id: 'bad', vector },
    ]
    await expect(index.put(batch)).rejects.toMatchObject({ code })
    await expect(index.search(vector, { k: 1 })).rejects.toMatchObject({ code })
    expect((await index.stats()).count).toBe(0)
  })

  it('takes the largest and the smallest vectors there are', async () => {
    const index = await createVectorIndex(base)
    await index.put([
      { id: 'huge', vector: v(3e38, 3e38, 0, 0) },
      { id: 'tiny', vector: v(0, 0, 1e-45, 0) },
    ])
    expect((await index.search(v(0, 0, 1e-45, 0), { k: 2 })).map((hit) => hit.id)).toEqual(['tiny', 'huge'])
    expect((await index.search(v(1, 1, 0, 0), { k: 1 }))[0]?.similarity).toBeCloseTo(1, 6)
  })

  it('is full at its capacity, changing nothing, and has room again after a removal', async () => {
    const index = await createVectorIndex({ ...base, capacity: 2 })
    await index.put([{ id: 'a', vector: v(1, 0, 0, 0) }])
    const two = ['b', 'c'].map((id) => ({ id, vector: v(0, 1, 0, 0) }))
    await expect(index.put(two)).rejects.toMatchObject({ code: 'index/full' })
    expect((await index.stats()).count).toBe(1)
    await index.put([...two.slice(0, 1), { id: 'a', vector: v(0, 0, 1, 0) }])
    await index.remove(['a'])
    await index.put(two.slice(1))
    expect((await index.stats()).count).toBe(2)
  })

  it.each([
    ['dimensions', { dimensions: 0 }],
    ['dimensions', { dimensions: 1.5 }],
    ['dimensions', { dimensions: 8_193 }],
    ['model', { model: '' }],
    ['capacity', { capacity: -1 }],
    ['capacity', { capacity: Number.NaN }],
  ])('refuses unusable %s: %j', async (parameter, part) => {
    await expect(createVectorIndex({ ...base, ...part })).rejects.toMatchObject({ code: 'usage/invalid-argument', details: { parameter } })
  })

  it('refuses an unusable id or k', async () => {
    const index = await createVectorIndex(base)
    for (const id of ['', 'ü'.repeat(257)]) {
      await expect(index.put([{ id, vector: v(1, 0, 0, 0) }])).rejects.toMatchObject({
        code: 'usage/invalid-argument',
        details: { parameter: 'id' },
      })
    }
    await index.put([{ id: 'ü'.repeat(256), vector: v(1, 0, 0, 0) }])
    for (const k of [0, -1, 1.5, 4_097, Number.NaN]) {
      await expect(index.search(v(1, 0, 0, 0), { k })).rejects.toMatchObject({
        code: 'usage/invalid-argument',
        details: { parameter: 'k' },
      })
    }
    expect(await index.search(v(1, 0, 0, 0), { k: 4_096 })).toHaveLength(1)
  })

  it('rejects with the reason of an aborted signal, having changed nothing', async () => {
    const index = await createVectorIndex(base)
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(index.put([{ id: 'a', vector: v(1, 0, 0, 0) }], { signal })).rejects.toBe(reason)
    await expect(index.remove(['a'], { signal })).rejects.toBe(reason)
    await expect(index.search(v(1, 0, 0, 0), { k: 1, signal })).rejects.toBe(reason)
    expect((await index.stats()).count).toBe(0)
  })

  it('is closed after close, which may be repeated', async () => {
    const index = await createVectorIndex(base)
    await index.close()
    await index.close()
    const closed = { code: 'usage/closed' }
    await expect(index.put([])).rejects.toMatchObject(closed)
    await expect(index.remove([])).rejects.toMatchObject(closed)
    await expect(index.search(v(1, 0, 0, 0), { k: 1 })).rejects.toMatchObject(closed)
    await expect(index.stats()).rejects.toMatchObject(closed)
  })
})
