import { assertId } from './checks.ts'
import { vectorLength } from './unit-vector.ts'
import type { VectorSpace } from './vector-space.ts'

export type VectorEntry = { readonly id: string; readonly vector: Float32Array }

/** Puts all entries or none: everything that can fail is checked before anything is changed. */
export function putEntries(space: VectorSpace, dimensions: number, entries: readonly VectorEntry[]): void {
  const added = new Set<string>()
  for (const { id, vector } of entries) {
    assertId(id)
    vectorLength(vector, dimensions, 'vectorIndex.put')
    if (!space.has(id)) added.add(id)
  }
  space.reserve(added.size)
  for (const { id, vector } of entries) space.put(id, vector)
  space.settle()
}
