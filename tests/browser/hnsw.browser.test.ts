import { describe, expect, it } from 'vitest'
import { createHnswVectorIndex, type HnswVectorIndexOptions } from '../../src/vector-index/hnsw.ts'
import { clusteredVectors, nearestByBruteForce } from '../helpers/vectors.ts'

const DIMENSIONS = 32
const lib = () => import('hnswlib-wasm')
const refusing = async () => ({ loadHnswlib: () => Promise.reject(new EvalError('blocked by CSP')) })
const open = (extra: Partial<HnswVectorIndexOptions> = {}) => createHnswVectorIndex({ lib, dimensions: DIMENSIONS, model: 'm', ...extra })

function sample(size: number, seed = 41) {
  const source = clusteredVectors({ dimensions: DIMENSIONS, seed, clusters: 30 })
  const points = new Map<string, Float32Array>()
  for (let i = 0; i < size; i++) points.set(`p${i}`, source.point())
  return { source, points, entries: [...points].map(([id, vector]) => ({ id, vector })) }
}

describe('createHnswVectorIndex', () => {
  it('grows past its first room and finds nearly what brute force finds', async () => {
    const { source, points, entries } = sample(2_500)
    const index = await open()
    await index.put(entries)
    let found = 0
    for (let i = 0; i < 40; i++) {
      const query = source.query(i)
      const truth = new Map(nearestByBruteForce(points, query, 10).map((hit) => [hit.id, hit.similarity]))
      const hits = await index.search(query, { k: 10 })
      for (const hit of hits) {
        if (!truth.has(hit.id)) continue
        found++
        expect(hit.similarity).toBeCloseTo(truth.get(hit.id) as number, 5)
      }
    }
    expect(found / 400).toBeGreaterThan(0.95)
    expect(await index.stats()).toMatchObject({ count: 2_500, tombstones: 0, method: 'hnsw', engine: 'hnswlib', model: 'm' })
    await index.close()
  })

  it('replaces and removes without ghosts', async () => {
    const { points, entries } = sample(200)
    const index = await open()
    await index.put(entries)
    const old = points.get('p7') as Float32Array
    const moved = old.map((x) => -x)
    await index.put([{ id: 'p7', vector: moved }])
    await index.put([{ id: 'p7', vector: moved }])
    await index.remove(['p8', 'p8', 'unknown'])
    await index.remove(['p8'])
    const all = await index.search(old, { k: 200 })
    expect(all.filter((hit) => hit.id === 'p7').map((hit) => hit.similarity)).toEqual([expect.closeTo(-1, 5)])
    expect(all.some((hit) => hit.id === 'p8')).toBe(false)
    expect(await index.stats()).toMatchObject({ count: 199, tombstones: 3 })
    await index.put([{ id: 'p8', vector: points.get('p8') as Float32Array }])
    expect((await index.search(points.get('p8') as Float32Array, { k: 1 }))[0]?.id).toBe('p8')
    await index.close()
  })

  it('is built anew once more places are dead than live, and answers as before', async () => {
    const { source, points, entries } = sample(300)
    const index = await open()
    for (let round = 0; round < 6; round++) await index.put(entries)
    const { count, tombstones } = await index.stats()
    expect(count).toBe(300)
    expect(tombstones).toBeLessThanOrEqual(1_024)
    const query = source.query(0)
    const truth = nearestByBruteForce(points, query, 5)
    expect((await index.search(query, { k: 5 })).map((hit) => hit.id)).toEqual(truth.map((hit) => hit.id))
    await index.close()
  })

  it('considers allowed ids only', async () => {
    const { source, points, entries } = sample(400)
    const index = await open()
    await index.put(entries)
    const allow = [...points.keys()].filter((_, i) => i % 5 === 0)
    const hits = await index.search(source.query(0), { k: 10, allow: [...allow, 'unknown'] })
    expect(hits).toHaveLength(10)
    expect(hits.every((hit) => allow.includes(hit.id))).toBe(true)
    expect(await index.search(source.query(0), { k: 10, allow: ['unknown'] })).toEqual([])
    await index.close()
  })

  it('keeps the port: refusals, capacity, an empty index, close', async () => {
    const index = await open({ capacity: 1 })
    const vector = new Float32Array(DIMENSIONS).fill(1)
    expect(await index.search(vector, { k: 3 })).toEqual([])
    for (const [bad, code] of [
      [new Float32Array(DIMENSIONS), 'index/invalid-vector'],
      [new Float32Array(DIMENSIONS).fill(Number.NaN), 'index/invalid-vector'],
      [new Float32Array(3).fill(1), 'index/dimension-mismatch'],
    ] as const) {
      await expect(index.put([{ id: 'a', vector: bad }])).rejects.toMatchObject({ code })
      await expect(index.search(bad, { k: 1 })).rejects.toMatchObject({ code })
    }
    await index.put([{ id: 'a', vector }])
    await expect(index.put([{ id: 'b', vector }])).rejects.toMatchObject({ code: 'index/full' })
    await index.remove(['a'])
    expect(await index.search(vector, { k: 3 })).toEqual([])
    await index.close()
    await index.close()
    await expect(index.search(vector, { k: 1 })).rejects.toMatchObject({ code: 'usage/closed' })
  })

  it('says which package is missing, and when it cannot start', async () => {
    const missing = { code: 'usage/missing-peer', details: { package: 'hnswlib-wasm' } }
    await expect(open({ lib: () => Promise.reject(new Error('not found')) })).rejects.toMatchObject(missing)
    await expect(open({ lib: async () => ({}) })).rejects.toMatchObject(missing)
    await expect(open({ lib: refusing })).rejects.toMatchObject({ code: 'usage/unsupported' })
  })

  it('stores nothing in the database that the library opens', async () => {
    const { entries } = sample(50)
    const index = await open()
    await index.put(entries)
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('/hnswlib-index')
      request.addEventListener('success', () => resolve(request.result))
      request.addEventListener('error', () => reject(request.error))
    })
    for (const store of database.objectStoreNames) {
      const count = await new Promise<number>((resolve) => {
        const request = database.transaction(store).objectStore(store).count()
        request.addEventListener('success', () => resolve(request.result))
      })
      expect(count).toBe(0)
    }
    database.close()
    await index.close()
  })
})
