import { createVectorIndex, type VectorIndexOptions } from '../../src/vector-index/create-vector-index.ts'
import { loadHnswLibrary } from '../../src/vector-index/hnsw-library.ts'
import type { VectorIndex } from '../../src/vector-index/port.ts'
import { clusteredVectors } from '../helpers/vectors.ts'
import { row, type Row } from './row.ts'

const DIMENSIONS = 768
const K = 10
const BATCH = 500

type Data = { readonly vectors: Float32Array; readonly queries: readonly Float32Array[]; readonly size: number }

/** What is asked for, smaller if a shorter run is wanted. */
export type VectorIndexBenchOptions = { readonly sizes?: readonly number[]; readonly queries?: number; readonly hnsw?: boolean }

/**
 * The index's promises, measured: latency and recall at 10,000 and 100,000
 * vectors of 768 dimensions, clustered, half the queries off the clusters, and
 * the same numbers for hnswlib-wasm on the same data in the same run.
 *
 * Recall is against brute force in plain JavaScript. Run it in a Worker of a
 * cross-origin isolated page; the first queries of each index only warm it up.
 */
export async function benchVectorIndex(options: VectorIndexBenchOptions = {}): Promise<Row[]> {
  const { sizes = [10_000, 100_000], queries = 200, hnsw = true } = options
  const rows: Row[] = []
  for (const size of sizes) {
    const isLarge = size > 20_000
    for (const anisotropic of [false, true]) {
      const data = generate(size, queries, anisotropic)
      const truth = bruteForce(data)
      const label = `${size} ${anisotropic ? 'anisotropic' : 'clustered'}`
      const { index, insertUs } = await fill(data, {})
      const auto = await measure(index, data, truth)
      rows.push(row(`${label}: auto, p50`, auto.p50Ms, 'ms', { below: isLarge ? 4 : 1 }))
      rows.push(row(`${label}: auto, p95`, auto.p95Ms, 'ms'))
      rows.push(row(`${label}: auto, recall@10`, auto.recall, '', { atLeast: 0.999 }))
      rows.push(row(`${label}: insert`, insertUs, 'us'))
      rows.push(row(`${label}: put of one vector`, await putOne(index, data), 'us'))
      if (!anisotropic) rows.push(...(await filters(index, data, label, auto.p50Ms)))
      await index.close()
      for (const method of ['exact', 'prefilter'] as const) {
        const other = await fill(data, { method })
        const measured = await measure(other.index, data, truth)
        rows.push(row(`${label}: ${method}, p50`, measured.p50Ms, 'ms'), row(`${label}: ${method}, recall@10`, measured.recall, ''))
        await other.index.close()
      }
      if (!isLarge && !anisotropic) rows.push(await javascript(data, truth, label, auto.p50Ms))
      if (hnsw && !isLarge && !anisotropic) rows.push(...(await compare(data, truth, auto, insertUs)))
    }
  }
  return rows
}

function generate(size: number, queries: number, anisotropic: boolean): Data {
  const source = clusteredVectors({ dimensions: DIMENSIONS, seed: 2026, clusters: 200, anisotropic })
  const vectors = new Float32Array(size * DIMENSIONS)
  for (let i = 0; i < size; i++) vectors.set(unit(source.point()), i * DIMENSIONS)
  return { size, vectors, queries: Array.from({ length: queries }, (_, i) => unit(source.query(i))) }
}

function unit(v: Float32Array): Float32Array {
  const length = Math.hypot(...v)
  return v.map((x) => x / length)
}

const vectorOf = (data: Data, i: number) => data.vectors.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS)

/** The slots of the `K` nearest of each query. */
function bruteForce({ vectors, queries, size }: Data): ReadonlySet<string>[] {
  return queries.map((query) => {
    const best: { at: number; dot: number }[] = []
    for (let at = 0; at < size; at++) {
      let dot = 0
      const start = at * DIMENSIONS
      for (let i = 0; i < DIMENSIONS; i++) dot += (vectors[start + i] as number) * (query[i] as number)
      if (best.length === K && dot <= (best[K - 1] as { dot: number }).dot) continue
      best.push({ at, dot })
      best.sort((a, b) => b.dot - a.dot)
      best.length = Math.min(K, best.length)
    }
    return new Set(best.map(({ at }) => `m${at}`))
  })
}

async function fill(data: Data, options: Partial<VectorIndexOptions>): Promise<{ index: VectorIndex; insertUs: number }> {
  const index = await createVectorIndex({ dimensions: DIMENSIONS, model: 'bench', ...options })
  let spentMs = 0
  for (let from = 0; from < data.size; from += BATCH) {
    const entries = Array.from({ length: Math.min(BATCH, data.size - from) }, (_, i) => ({
      id: `m${from + i}`,
      vector: vectorOf(data, from + i),
    }))
    const start = performance.now()
    await index.put(entries)
    spentMs += performance.now() - start
  }
  return { index, insertUs: (spentMs * 1_000) / data.size }
}

/** Median microseconds of replacing one vector by itself in a full index. */
async function putOne(index: VectorIndex, data: Data): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 500; i++) {
    const entries = [{ id: `m${i}`, vector: vectorOf(data, i) }]
    const start = performance.now()
    await index.put(entries)
    times.push(performance.now() - start)
  }
  return (times.toSorted((a, b) => a - b)[250] as number) * 1_000
}

type Measured = { readonly p50Ms: number; readonly p95Ms: number; readonly recall: number }

/** Best median of five rounds, as other work shares the machine; recall over all queries. */
async function timed(
  queries: readonly Float32Array[],
  truth: readonly ReadonlySet<string>[],
  search: (query: Float32Array) => Promise<readonly string[]>,
): Promise<Measured> {
  for (const query of queries.slice(0, 30)) await search(query)
  let best: { p50Ms: number; p95Ms: number } | undefined
  let found = 0
  for (let round = 0; round < 5; round++) {
    const times: number[] = []
    found = 0
    for (const [i, query] of queries.entries()) {
      const start = performance.now()
      const ids = await search(query)
      times.push(performance.now() - start)
      for (const id of ids) if (truth[i]?.has(id)) found++
    }
    times.sort((a, b) => a - b)
    const at = (share: number) => times[Math.floor(times.length * share)] as number
    if (best === undefined || at(0.5) < best.p50Ms) best = { p50Ms: at(0.5), p95Ms: at(0.95) }
  }
  return { ...(best as { p50Ms: number; p95Ms: number }), recall: found / (queries.length * K) }
}

function measure(index: VectorIndex, data: Data, truth: readonly ReadonlySet<string>[]): Promise<Measured> {
  return timed(data.queries, truth, async (query) => (await index.search(query, { k: K })).map((hit) => hit.id))
}

/** What filters cost: every second, tenth and hundredth vector admitted, and the first half. */
async function filters(index: VectorIndex, data: Data, label: string, unfilteredMs: number): Promise<Row[]> {
  const all = Array.from({ length: data.size }, (_, i) => `m${i}`)
  const kinds: [string, string[]][] = [
    ...[2, 10, 100].map((every): [string, string[]] => [`one in ${every}`, all.filter((_, i) => i % every === 0)]),
    ['first half', all.slice(0, data.size / 2)],
  ]
  const rows: Row[] = []
  for (const [name, allow] of kinds) {
    const none = data.queries.map(() => new Set<string>())
    const { p50Ms } = await timed(data.queries.slice(0, 60), none, async (query) =>
      (await index.search(query, { k: K, allow })).map((hit) => hit.id),
    )
    rows.push(row(`${label}: filter ${name}, p50`, p50Ms, 'ms', undefined, unfilteredMs))
  }
  return rows
}

/** The same without WebAssembly. */
async function javascript(data: Data, truth: readonly ReadonlySet<string>[], label: string, wasmMs: number): Promise<Row> {
  const { index } = await fill(data, { engine: 'javascript' })
  const { p50Ms } = await measure(index, { ...data, queries: data.queries.slice(0, 40) }, truth)
  await index.close()
  return row(`${label}: in plain JavaScript, p50`, p50Ms, 'ms', undefined, wasmMs)
}

/** hnswlib-wasm as its users run it, without its persistence: M 16, efConstruction 200, ef 200. */
async function compare(data: Data, truth: readonly ReadonlySet<string>[], own: Measured, ownInsertUs: number): Promise<Row[]> {
  const lib = await loadHnswLibrary(() => import('hnswlib-wasm'))
  const graph = new lib.HierarchicalNSW('ip', DIMENSIONS, '')
  graph.initIndex(data.size, 16, 200, 100)
  graph.setEfSearch(200)
  const start = performance.now()
  for (let i = 0; i < data.size; i++) graph.addPoint(vectorOf(data, i), i, false)
  const insertUs = ((performance.now() - start) * 1_000) / data.size
  const theirs = await timed(data.queries, truth, async (query) => graph.searchKnn(query, K, undefined).neighbors.map((at) => `m${at}`))
  graph.delete()
  const label = `${data.size} hnswlib-wasm ef 200`
  return [
    row(`${label}: p50`, theirs.p50Ms, 'ms'),
    row(`${label}: recall@10`, theirs.recall, ''),
    row(`${label}: insert`, insertUs, 'us'),
    row(`${data.size}: queries per second, times hnswlib-wasm`, theirs.p50Ms / own.p50Ms, 'x', { atLeast: 4 }),
    row(`${data.size}: insert, times cheaper than hnswlib-wasm`, insertUs / ownInsertUs, 'x', { atLeast: 100 }),
  ]
}
