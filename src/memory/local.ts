import type { AbortOptions } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { newest, stateOf, stateOfVersion, type CatalogEntry, type CatalogVersion } from './catalog.ts'
import { decodeItem, type Item } from './item.ts'
import { readCertified } from './certified.ts'
import { recordKey } from './record.ts'
import { markIncomplete, type MemoryState } from './state.ts'
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
 * Reads one version from wherever it is: the vault until it is certified, then the cache.
 *
 * @throws {LocketError} `memory/forgotten`; `store/corrupt` if the record is gone or damaged beyond what the store could repair.
 */
export async function readItem(state: MemoryState, id: MemoryId, known: CatalogVersion, options?: AbortOptions): Promise<Item> {
  const { version } = known
  const encoded = known.placement === undefined ? await state.vault.get(recordKey(id, version), options) : undefined
  if (encoded !== undefined) return decodeItem(encoded)
  // Certified while it was looked for: the catalog knew before the vault let go of it.
  const entry = state.catalog.get(id)
  const placement = known.placement ?? entry?.versions.find((candidate) => candidate.version === version)?.placement
  try {
    if (entry === undefined || placement === undefined) throw gone(id, version)
    return { ...(await readCertified(state, { id, version, placement }, options)), category: entry.category }
  } catch (error) {
    if (!isLocketError(error, 'store/corrupt')) throw error
    // Forgotten between the look into the catalog and this one.
    if (state.tombstones.has(id)) throw new LocketError('memory/forgotten', { operation: 'memory.read', details: { id } })
    const lost = state.catalog.get(id)?.versions.find((candidate) => candidate.version === version && candidate.placement === placement)
    if (lost !== undefined && placement !== undefined) {
      lost.isLost = true
      markIncomplete(state, placement.spaceId)
    }
    throw error
  }
}

function gone(id: MemoryId, version: number): LocketError {
  return new LocketError('store/corrupt', { operation: 'memory.read', details: { id, version } })
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
    return toMemory(await readItem(state, entry.id, version, options), entry)
  } catch (error) {
    // Replaced or renumbered while it was being read: what has taken its place is the answer.
    if (!isLocketError(error, 'store/corrupt') || newest(entry) === version) throw error
    return readMemory(state, entry, options)
  }
}
