import { type AbortOptions, throwIfAborted } from '../core/abort.ts'
import { LocketError } from '../core/errors.ts'
import { assertId, assertNeighbours, assertOptions } from './checks.ts'
import { type HnswGraph, type HnswLibrary, hnswReason, loadHnswLibrary } from './hnsw-library.ts'
import type { VectorHit, VectorIndex } from './port.ts'
import { vectorLength, writeUnitVector } from './unit-vector.ts'

export type HnswVectorIndexOptions = {
  /** Imports the optional package: `() => import('hnswlib-wasm')`. */
  readonly lib: () => Promise<unknown>
  readonly dimensions: number
  readonly model: string
  /** The most vectors. More is `index/full`. Default: what its 2 GB of memory hold. */
  readonly capacity?: number | undefined
  /** Links per node. Default 16. */
  readonly m?: number | undefined
  /** Width of the search while inserting. Default 200. */
  readonly efConstruction?: number | undefined
  /** Width of the search. At least `k` is taken. Default 200. */
  readonly efSearch?: number | undefined
}

/** Room a new graph starts with; it doubles as needed. */
const INITIAL_ROOM = 1_024

/** Fixed, so that the same vectors give the same graph. */
const SEED = 100

/**
 * The port over hnswlib-wasm 0.8.2, in memory only, for comparison and for
 * those who want a graph. Opt-in: it is slower than `createVectorIndex` below
 * some 100,000 vectors, approximate, needs `'unsafe-eval'`, writes to the
 * console, opens an empty IndexedDB database of its own when it loads, and
 * blocks for milliseconds per insert, so belongs in a Worker.
 *
 * Its persistence is never used: it stores plaintext, loses data above 133 MB
 * and between two tabs. Nor is its reuse of deleted places: an update marks the
 * old vector deleted and inserts a new one, and once more places are dead than
 * live the graph is built anew. Results may miss neighbours, the more so under a
 * selective `allow`.
 *
 * @throws {LocketError} `usage/missing-peer`, `usage/unsupported`, `usage/invalid-argument`.
 */
export async function createHnswVectorIndex(options: HnswVectorIndexOptions): Promise<VectorIndex> {
  const { dimensions, model, capacity = Number.POSITIVE_INFINITY, m = 16, efConstruction = 200, efSearch = 200 } = options
  assertOptions(options)
  const library = await loadHnswLibrary(options.lib)

  let room = INITIAL_ROOM
  let graph: HnswGraph | undefined = newGraph(room)
  let labelOfId = new Map<string, number>()
  let idOfLabel: (string | undefined)[] = []

  function newGraph(size: number): HnswGraph {
    const made = new library.HierarchicalNSW('ip', dimensions, '')
    made.initIndex(size, m, efConstruction, SEED)
    return made
  }

  function use(operation: string, abort?: AbortOptions): HnswGraph {
    throwIfAborted(abort)
    if (graph === undefined) throw new LocketError('usage/closed', { operation })
    return graph
  }

  /** Runs what may run out of memory. */
  function guarded<T>(run: () => T): T {
    try {
      return run()
    } catch (cause) {
      throw new LocketError('index/full', {
        operation: 'vectorIndex.put',
        details: { count: labelOfId.size, reason: hnswReason(library, cause) },
        cause,
      })
    }
  }

  /** Every label ever given takes a place, dead or not, and a full graph refuses even updates: so grow first. */
  function reserve(into: HnswGraph, added: number): void {
    const needed = idOfLabel.length + added
    if (needed <= room) return
    const larger = Math.max(needed, room * 2)
    guarded(() => into.resizeIndex(larger))
    room = larger
  }

  function insert(into: HnswGraph, id: string, unit: Float32Array): void {
    guarded(() => into.addPoint(unit, idOfLabel.length, false))
    labelOfId.set(id, idOfLabel.length)
    idOfLabel.push(id)
  }

  function bury(from: HnswGraph, id: string): void {
    const label = labelOfId.get(id)
    if (label === undefined) return
    // Marking twice throws; the maps make sure it happens once.
    from.markDelete(label)
    labelOfId.delete(id)
    idOfLabel[label] = undefined
  }

  /** Builds the graph anew from its live vectors once most places are dead: constant cost per change. */
  function renew(old: HnswGraph): void {
    const dead = idOfLabel.length - labelOfId.size
    if (dead < INITIAL_ROOM || dead <= labelOfId.size) return
    const fresh = guarded(() => newGraph(Math.max(INITIAL_ROOM, labelOfId.size * 2)))
    const live = [...labelOfId]
    try {
      live.forEach(([, label], at) => guarded(() => fresh.addPoint(Float32Array.from(old.getPoint(label)), at, false)))
    } catch (error) {
      fresh.delete()
      throw error
    }
    old.delete()
    graph = fresh
    room = Math.max(INITIAL_ROOM, live.length * 2)
    labelOfId = new Map(live.map(([id], at) => [id, at]))
    idOfLabel = live.map(([id]) => id)
  }

  return Object.freeze({
    async put(entries, abort) {
      const into = use('vectorIndex.put', abort)
      const added = new Set<string>()
      for (const { id, vector } of entries) {
        assertId(id)
        vectorLength(vector, dimensions, 'vectorIndex.put')
        if (!labelOfId.has(id)) added.add(id)
      }
      if (labelOfId.size + added.size > capacity) {
        throw new LocketError('index/full', { operation: 'vectorIndex.put', details: { count: labelOfId.size } })
      }
      reserve(into, entries.length)
      for (const { id, vector } of entries) {
        const unit = new Float32Array(dimensions)
        writeUnitVector(vector, dimensions, unit, 'vectorIndex.put')
        bury(into, id)
        insert(into, id, unit)
      }
      renew(into)
    },
    async remove(ids, abort) {
      const from = use('vectorIndex.remove', abort)
      for (const id of ids) bury(from, id)
      renew(from)
    },
    async search(query, { k, allow, signal }) {
      const within = use('vectorIndex.search', { signal })
      assertNeighbours(k)
      const unit = new Float32Array(dimensions)
      writeUnitVector(query, dimensions, unit, 'vectorIndex.search')
      const allowed = allow === undefined ? undefined : new Set(allow.filter((id) => labelOfId.has(id)))
      const wanted = Math.min(k, allowed?.size ?? labelOfId.size)
      if (wanted === 0) return []
      const filter = allowed === undefined ? undefined : (label: number) => allowed.has(idOfLabel[label] ?? '')
      within.setEfSearch(Math.max(efSearch, wanted))
      return hits(searchGraph(library, within, unit, wanted, filter), idOfLabel)
    },
    async stats() {
      use('vectorIndex.stats')
      const tombstones = idOfLabel.length - labelOfId.size
      // Links of level 0 (twice m) and the vector, for every place: what hnswlib allocates ahead.
      const memoryBytes = room * (dimensions * 4 + (2 * m + 1) * 4 + 8)
      return { count: labelOfId.size, tombstones, dimensions, model, memoryBytes, method: 'hnsw', engine: 'hnswlib' }
    },
    async close() {
      graph?.delete()
      graph = undefined
    },
  } satisfies VectorIndex)
}

type Found = { readonly neighbors: readonly number[]; readonly distances: readonly number[] }

function searchGraph(
  library: HnswLibrary,
  graph: HnswGraph,
  query: Float32Array,
  k: number,
  filter: ((label: number) => boolean) | undefined,
): Found {
  try {
    return graph.searchKnn(query, k, filter)
  } catch (cause) {
    throw new LocketError('index/corrupt', { operation: 'vectorIndex.search', details: { reason: hnswReason(library, cause) }, cause })
  }
}

/** Distances of its inner-product space are 1 minus the cosine of unit vectors. */
function hits(found: Found, idOfLabel: readonly (string | undefined)[]): VectorHit[] {
  const out: VectorHit[] = []
  found.neighbors.forEach((label, i) => {
    const id = idOfLabel[label]
    if (id !== undefined) out.push({ id, similarity: Math.max(-1, Math.min(1, 1 - (found.distances[i] as number))) })
  })
  return out.toSorted((a, b) => b.similarity - a.similarity)
}
