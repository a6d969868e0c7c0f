import type { AbortOptions } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { newest, stateOf, stateOfVersion, type CatalogEntry, type CatalogVersion } from './catalog.ts'
import type { Item } from './item.ts'
import { decodeRecord, recordKey, type LocalRecord } from './record.ts'
import type { MemoryState } from './state.ts'
import type { Memory, MemoryId } from './types.ts'

/** The catalog entry of a memory that is here. */
export function requireEntry(state: MemoryState, id: MemoryId, operation: string): CatalogEntry {
  const entry = state.catalog.get(id)
  if (entry !== undefined) return entry
  throw new LocketError(state.tombstones.has(id) ? 'memory/forgotten' : 'memory/unknown-id', {
    operation,
    details: { id: String(id).slice(0, 32) },
  })
}

/**
 * Reads one version from whichever store holds it.
 *
 * @throws {LocketError} `memory/forgotten`; `store/corrupt` if the record is gone or damaged beyond what the store could repair.
 */
export async function readRecord(state: MemoryState, id: MemoryId, version: CatalogVersion, options?: AbortOptions): Promise<LocalRecord> {
  const key = recordKey(id, version.version)
  const stores = version.placement === undefined ? [state.vault, state.cache] : [state.cache, state.vault]
  for (const store of stores) {
    const encoded = await store.get(key, options)
    if (encoded !== undefined) return decodeRecord(encoded)
  }
  // Forgotten between the look into the catalog and this one.
  throw new LocketError(state.tombstones.has(id) ? 'memory/forgotten' : 'store/corrupt', {
    operation: 'memory.read',
    details: { id, version: version.version },
  })
}

/** The memory a person sees, from an item and what the catalog knows of it. */
export function toMemory(item: Item, entry: CatalogEntry): Memory {
  const { vector: _vector, ...rest } = item
  const version = entry.versions.find((known) => known.version === item.version)
  return Object.freeze({
    ...rest,
    tags: Object.freeze([...item.tags]),
    links: Object.freeze([...item.links]),
    category: entry.category,
    state: version === undefined ? stateOf(entry) : stateOfVersion(version),
    endEpoch: version?.placement?.endEpoch,
  })
}

/** Reads the present version of a memory. */
export async function readMemory(state: MemoryState, entry: CatalogEntry, options?: AbortOptions): Promise<Memory> {
  const version = newest(entry)
  try {
    return toMemory((await readRecord(state, entry.id, version, options)).item, entry)
  } catch (error) {
    // Replaced or renumbered while it was being read: what has taken its place is the answer.
    if (!isLocketError(error, 'store/corrupt') || newest(entry) === version) throw error
    return readMemory(state, entry, options)
  }
}
