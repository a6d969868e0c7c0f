import type { Pending } from './flush-types.ts'
import type { MemoryState } from './state.ts'

/** Versions that are in no certified quilt, by category, oldest first. */
export function pendingByCategory(state: Pick<MemoryState, 'catalog'>, only?: string): Map<string, Pending[]> {
  const pending = new Map<string, Pending[]>()
  for (const entry of state.catalog.values()) {
    if (only !== undefined && entry.category !== only) continue
    for (const version of entry.versions) {
      if (version.placement !== undefined) continue
      const list = pending.get(entry.category) ?? []
      list.push({ id: entry.id, version })
      pending.set(entry.category, list)
    }
  }
  return pending
}
