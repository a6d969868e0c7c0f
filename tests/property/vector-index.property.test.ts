import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createVectorIndex } from '../../src/vector-index/create-vector-index.ts'
import { openVectorIndex } from '../../src/vector-index/open-vector-index.ts'
import { createTornStore } from '../helpers/faulty-vector-store.ts'
import { clusteredVectors, cosine, seeded } from '../helpers/vectors.ts'

const DIMENSIONS = 12

const id = fc.integer({ min: 0, max: 30 }).map((n) => `id${n}`)
const vector = fc
  .array(fc.integer({ min: -8, max: 8 }), { minLength: DIMENSIONS, maxLength: DIMENSIONS })
  .filter((values) => values.some((value) => value !== 0))
  .map((values) => Float32Array.from(values))

const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), entries: fc.array(fc.record({ id, vector }), { maxLength: 6 }) }),
  fc.record({ kind: fc.constant('remove' as const), ids: fc.array(id, { maxLength: 6 }) }),
  fc.record({
    kind: fc.constant('search' as const),
    query: vector,
    k: fc.integer({ min: 1, max: 40 }),
    allow: fc.option(fc.array(id, { maxLength: 20 }), { nil: undefined }),
  }),
)

describe('VectorIndex', () => {
  it.each(['exact', 'prefilter'] as const)('does what a list of vectors does (%s)', async (method) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const model = new Map<string, Float32Array>()
        const indexes = [
          await createVectorIndex({ dimensions: DIMENSIONS, model: 'm', method }),
          await createVectorIndex({ dimensions: DIMENSIONS, model: 'm', method, engine: 'javascript' }),
        ]
        for (const s of steps) {
          if (s.kind === 'put') {
            for (const index of indexes) await index.put(s.entries)
            for (const entry of s.entries) model.set(entry.id, entry.vector)
          } else if (s.kind === 'remove') {
            for (const index of indexes) await index.remove(s.ids)
            for (const gone of s.ids) model.delete(gone)
          } else {
            const { query, k, allow } = s
            const [hits, same] = await Promise.all(indexes.map((index) => index.search(query, { k, allow })))
            expect(same).toEqual(hits)
            const candidates = [...model].filter(([name]) => allow === undefined || allow.includes(name))
            // Equal similarities may come in any order, so the similarities are compared, rank by rank.
            const expected = candidates.map(([, v]) => cosine(v, query)).toSorted((a, b) => b - a)
            expect(hits?.map((hit) => hit.id).every((name) => candidates.some(([known]) => known === name))).toBe(true)
            expect(new Set(hits?.map((hit) => hit.id)).size).toBe(Math.min(k, candidates.length))
            hits?.forEach((hit, rank) => {
              expect(hit.similarity).toBeCloseTo(expected[rank] as number, 6)
              expect(hit.similarity).toBeCloseTo(cosine(model.get(hit.id) as Float32Array, query), 6)
            })
          }
        }
        for (const index of indexes) expect((await index.stats()).count).toBe(model.size)
      }),
      { numRuns: 60 },
    )
  })

  it('stays right over thousands of puts, updates and removals that reuse slots', async () => {
    const random = seeded(11)
    const source = clusteredVectors({ dimensions: 64, seed: 12, clusters: 20 })
    const index = await createVectorIndex({ dimensions: 64, model: 'm' })
    const model = new Map<string, Float32Array>()
    for (let round = 0; round < 8_000; round++) {
      const name = `id${Math.floor(random() * 700)}`
      if (random() < 0.45) {
        await index.remove([name])
        model.delete(name)
      } else {
        const v = source.point()
        await index.put([{ id: name, vector: v }])
        model.set(name, v)
      }
      if (round % 400 !== 0) continue
      const query = source.query(round)
      const truth = [...model]
        .map(([known, v]) => ({ id: known, similarity: cosine(v, query) }))
        .toSorted((a, b) => b.similarity - a.similarity)
      const hits = await index.search(query, { k: 10 })
      expect(hits.map((hit) => hit.id)).toEqual(truth.slice(0, 10).map((hit) => hit.id))
    }
    const { count, memoryBytes } = await index.stats()
    expect(count).toBe(model.size)
    // 700 ids never need more than three blocks of 256 slots of 128 padded dimensions.
    expect(memoryBytes).toBeLessThan(2_000_000)
  })
})

const diskStep = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), ids: fc.array(id, { maxLength: 8 }), vector }),
  fc.record({ kind: fc.constant('remove' as const), ids: fc.array(id, { maxLength: 8 }) }),
  fc.record({ kind: fc.constant('flush' as const), tornAfter: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }) }),
  fc.record({ kind: fc.constant('crash' as const) }),
)

describe('PersistentVectorIndex', () => {
  it('holds after any crash what some flush had promised, and never mixes two states', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(diskStep, { maxLength: 40 }), async (steps) => {
        const torn = createTornStore()
        const open = () => openVectorIndex({ dimensions: DIMENSIONS, model: 'm', store: torn.store, flushAfter: Number.POSITIVE_INFINITY })
        let index = await open()
        let model = new Map<string, Float32Array>()
        // What a crash may leave: the last state that was promised, and those whose flush failed since.
        let possible = [new Map(model)]
        for (const s of steps) {
          if (s.kind === 'put') {
            await index.put(s.ids.map((name) => ({ id: name, vector: s.vector })))
            for (const name of s.ids) model.set(name, s.vector)
          } else if (s.kind === 'remove') {
            await index.remove(s.ids)
            for (const name of s.ids) model.delete(name)
          } else if (s.kind === 'flush') {
            torn.failAfter(s.tornAfter ?? Number.POSITIVE_INFINITY)
            const done = await index.flush().then(
              () => true,
              () => false,
            )
            torn.failAfter(Number.POSITIVE_INFINITY)
            possible = done ? [new Map(model)] : [...possible, new Map(model)]
          } else {
            index = await open()
            const ids = (await index.ids()).toSorted()
            const states = possible.filter((state) => [...state.keys()].toSorted().join() === ids.join())
            const matches = await Promise.all(
              states.map(async (state) => {
                for (const [name, v] of state) {
                  const [hit] = await index.search(v, { k: 1, allow: [name] })
                  if (Math.abs((hit?.similarity ?? 0) - 1) > 1e-6) return false
                }
                return true
              }),
            )
            const at = matches.lastIndexOf(true)
            expect(at).toBeGreaterThanOrEqual(0)
            model = new Map(states[at])
            possible = [new Map(model)]
          }
        }
      }),
      { numRuns: 150 },
    )
  })
})
