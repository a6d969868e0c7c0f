/**
 * Seeded vectors shaped like embeddings: clusters in low-dimensional subspaces,
 * queries half on and half off them, and, if asked, anisotropic: a common
 * direction and a few dimensions with far larger values than the rest.
 */

/** Mulberry32: a small seeded generator of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export type VectorSource = { point(): Float32Array; query(index: number): Float32Array }

export function clusteredVectors(options: { dimensions: number; seed: number; clusters?: number; anisotropic?: boolean }): VectorSource {
  const { dimensions, seed, clusters = 200, anisotropic = false } = options
  const random = seeded(seed)
  // Three uniform numbers are normal enough, and cheap.
  const normal = () => (random() + random() + random() - 1.5) * 2
  const gaussian = () => Float32Array.from({ length: dimensions }, normal)
  const directions = 16
  const centres = Array.from({ length: clusters }, gaussian)
  const spreads = Array.from({ length: directions * 4 }, gaussian)
  const common = gaussian()
  const outliers = Array.from({ length: Math.ceil(dimensions / 128) }, () => Math.floor(random() * dimensions))

  function shape(v: Float32Array): Float32Array {
    if (!anisotropic) return v
    for (let i = 0; i < dimensions; i++) v[i] = (v[i] as number) + 1.3 * (common[i] as number)
    for (const i of outliers) v[i] = (v[i] as number) * 6
    return v
  }

  function raw(): Float32Array {
    const v = Float32Array.from(centres[Math.floor(random() * clusters)] as Float32Array)
    for (let d = 0; d < directions; d++) {
      const along = spreads[Math.floor(random() * spreads.length)] as Float32Array
      const amount = normal() * 0.2
      for (let i = 0; i < dimensions; i++) v[i] = (v[i] as number) + amount * (along[i] as number)
    }
    for (let i = 0; i < dimensions; i++) v[i] = (v[i] as number) + 0.25 * normal()
    return v
  }

  return {
    point: () => shape(raw()),
    query(index: number) {
      const v = raw()
      if (index % 2 === 1) {
        const other = raw()
        for (let i = 0; i < dimensions; i++) v[i] = (v[i] as number) + (other[i] as number) + 0.5 * normal()
      }
      return shape(v)
    },
  }
}

/** Cosine similarity in 64-bit floats. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let dot = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < a.length; i++) {
    dot += (a[i] as number) * (b[i] as number)
    aa += (a[i] as number) ** 2
    bb += (b[i] as number) ** 2
  }
  return dot / Math.sqrt(aa * bb)
}

/** The `k` nearest by brute force, best first. */
export function nearestByBruteForce(
  points: ReadonlyMap<string, ArrayLike<number>>,
  query: ArrayLike<number>,
  k: number,
): { id: string; similarity: number }[] {
  return [...points]
    .map(([id, v]) => ({ id, similarity: cosine(v, query) }))
    .toSorted((a, b) => b.similarity - a.similarity)
    .slice(0, k)
}
