import type { VectorHit, VectorIndex } from '../../src/vector-index/port.ts'

/** The vector index port, the plain way: every vector is compared. */
export function exactIndex(dimensions: number): VectorIndex {
  const vectors = new Map<string, Float32Array>()
  const unit = (vector: Float32Array) => {
    const length = Math.hypot(...vector)
    return vector.map((value) => value / length)
  }
  return {
    async put(entries) {
      for (const { id, vector } of entries) vectors.set(id, unit(vector))
    },
    async remove(ids) {
      for (const id of ids) vectors.delete(id)
    },
    async search(query, { k, allow }) {
      const asked = unit(query)
      const hits: VectorHit[] = []
      for (const id of allow === undefined ? vectors.keys() : new Set(allow)) {
        const vector = vectors.get(id)
        if (vector === undefined) continue
        let similarity = 0
        for (let i = 0; i < dimensions; i++) similarity += (asked[i] as number) * (vector[i] as number)
        hits.push({ id, similarity })
      }
      return hits.sort((a, b) => b.similarity - a.similarity).slice(0, k)
    },
    async stats() {
      return {
        count: vectors.size,
        tombstones: 0,
        dimensions,
        model: 'test',
        memoryBytes: vectors.size * dimensions * 4,
        method: 'exact',
        engine: 'javascript',
      }
    },
    async close() {
      vectors.clear()
    },
  }
}
