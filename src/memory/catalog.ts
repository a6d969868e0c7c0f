import { patchBytesOf } from './envelope.ts'
import type { Item } from './item.ts'
import type { LocalRecord, Placement } from './record.ts'
import type { MemoryId, MemoryState, RecallFilter } from './types.ts'

/** What is known of one version without opening its record. */
export type CatalogVersion = {
  readonly version: number
  readonly placement: Placement | undefined
  /** How far an upload has come; says nothing once there is a placement. */
  phase: 'local' | 'queued' | 'stored'
  /** What its patch will take on the network, padding and seal included. 0 for what is there already. */
  readonly patchBytes: number
  /** Certified, and what this device kept of it was found damaged: to be read from the network again. */
  isLost?: true
}

/** What is known of one memory without opening its record: all that filters and lists need. */
export type CatalogEntry = {
  readonly id: MemoryId
  readonly createdAtMs: number
  category: string
  tags: readonly string[]
  source: string | undefined
  occurredAtMs: number
  validFromMs: number | undefined
  validUntilMs: number | undefined
  importance: number
  /** Ascending; the last is the present one. */
  readonly versions: CatalogVersion[]
}

/**
 * The table of contents in memory: rebuilt at open from the records, never
 * stored. Holds no text.
 */
export type Catalog = {
  readonly size: number
  get(id: MemoryId): CatalogEntry | undefined
  /** Adds a version, or replaces the same version. */
  add(record: LocalRecord): CatalogEntry
  /** Notes where a version that is here lies on the network. */
  certify(id: MemoryId, version: number, placement: Placement): void
  remove(id: MemoryId): void
  /** Takes out one version of several. */
  removeVersion(id: MemoryId, version: number): void
  values(): IterableIterator<CatalogEntry>
}

/** An empty catalog. */
export function createCatalog(): Catalog {
  const entries = new Map<MemoryId, CatalogEntry>()
  return Object.freeze({
    get size() {
      return entries.size
    },
    get: (id: MemoryId) => entries.get(id),
    certify(id: MemoryId, version: number, placement: Placement) {
      const versions = entries.get(id)?.versions
      const at = versions?.findIndex((candidate) => candidate.version === version) ?? -1
      if (versions !== undefined && at !== -1) versions[at] = { version, placement, phase: 'local', patchBytes: 0 }
    },
    remove: (id: MemoryId) => void entries.delete(id),
    removeVersion(id: MemoryId, version: number) {
      const versions = entries.get(id)?.versions
      const at = versions?.findIndex((candidate) => candidate.version === version) ?? -1
      if (at !== -1) versions?.splice(at, 1)
    },
    values: () => entries.values(),
    add({ item, placement }: LocalRecord) {
      const entry = entries.get(item.id) ?? { id: item.id, createdAtMs: item.createdAtMs, ...facts(item), versions: [] }
      entries.set(item.id, entry)
      const at = entry.versions.findIndex(({ version }) => version >= item.version)
      const version: CatalogVersion = {
        version: item.version,
        placement,
        phase: 'local',
        patchBytes: placement === undefined ? patchBytesOf(item) : 0,
      }
      if (at === -1) entry.versions.push(version)
      else entry.versions.splice(at, entry.versions[at]?.version === item.version ? 1 : 0, version)
      if (newest(entry).version === item.version) Object.assign(entry, facts(item))
      return entry
    },
  })
}

/** The present version. */
export function newest(entry: CatalogEntry): CatalogVersion {
  return entry.versions.at(-1) as CatalogVersion
}

/** The state a person is shown. */
export function stateOf(entry: CatalogEntry): MemoryState {
  return stateOfVersion(newest(entry))
}

/** The state of one version. */
export function stateOfVersion({ placement, phase }: CatalogVersion): MemoryState {
  return placement === undefined ? phase : 'certified'
}

/** Whether `entry` passes every condition of `filter`. */
export function matches(entry: CatalogEntry, filter: RecallFilter): boolean {
  const { category, tags, source, occurredFromMs, occurredUntilMs, validAtMs } = filter
  if (typeof category === 'string' && entry.category !== category) return false
  if (Array.isArray(category) && !category.includes(entry.category)) return false
  if (tags !== undefined && !tags.every((tag) => entry.tags.includes(tag))) return false
  if (source !== undefined && entry.source !== source) return false
  if (occurredFromMs !== undefined && entry.occurredAtMs < occurredFromMs) return false
  if (occurredUntilMs !== undefined && entry.occurredAtMs > occurredUntilMs) return false
  if (validAtMs !== undefined) {
    if (validAtMs < (entry.validFromMs ?? -Infinity) || validAtMs > (entry.validUntilMs ?? Infinity)) return false
  }
  return true
}

function facts(item: Item) {
  const { category, tags, source, occurredAtMs, validFromMs, validUntilMs, importance } = item
  return { category, tags, source, occurredAtMs, validFromMs, validUntilMs, importance }
}
