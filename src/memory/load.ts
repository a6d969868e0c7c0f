import type { AbortOptions } from '../core/abort.ts'
import { isLocketError } from '../core/errors.ts'
import { decodeGroup, GROUP_PREFIX, patchKey, readCertified, rewriteGroups } from './certified.ts'
import type { StoreOp } from '../store/port.ts'
import { decodeItem, type Item } from './item.ts'
import { indexItems } from './index-items.ts'
import { RECORD_PREFIX, type LocalRecord, type Placement } from './record.ts'
import { markIncomplete, spacesOp, type MemoryState } from './state.ts'

/** Records read at a time: enough to keep the cipher busy, few enough to stay small. */
const CHUNK = 128

/** Reads one version. */
type Source = () => Promise<LocalRecord | undefined>

/** What a group names and does not belong there: its record is written anew, so that no key outlives its memory. */
type Untidy = { readonly groups: Set<string>; readonly removals: StoreOp[]; isIncomplete: boolean }

/**
 * Fills catalog and search from what is on this device. A record that is
 * damaged beyond repair is set aside by its store, reported in a `warning`
 * event, and does not keep the rest from opening.
 */
export async function loadRecords(state: MemoryState, options: AbortOptions = {}): Promise<void> {
  const untidy: Untidy = { groups: new Set(), removals: [], isIncomplete: false }
  // Whatever has left the vault, the index had been written before.
  await load(state, await certified(state, untidy, options), 'load', options)
  await load(state, await waiting(state, options), 'put', options)
  // Before the last trace of what is lost is removed.
  if (untidy.isIncomplete) await state.vault.batch([spacesOp(state.spaces.values())])
  if (untidy.groups.size > 0) await state.cache.batch([...untidy.removals, ...rewriteGroups(state, untidy.groups)])
}

async function load(state: MemoryState, sources: readonly Source[], how: 'put' | 'load', options: AbortOptions): Promise<void> {
  for (let start = 0; start < sources.length; start += CHUNK) {
    const records = await Promise.all(sources.slice(start, start + CHUNK).map((read) => reporting(state, read)))
    const items: Item[] = []
    for (const record of records) {
      if (record === undefined) continue
      state.catalog.add(record)
      items.push(record.item)
    }
    const newestItems = items.filter(({ id, version }) => state.catalog.get(id)?.versions.at(-1)?.version === version)
    await indexItems(state, newestItems, options, how)
    state.events.emit('progress', { task: 'open', done: Math.min(start + CHUNK, sources.length), total: sources.length })
  }
}

/** What the network has too: groups of places, and a patch for each. */
async function certified(state: MemoryState, untidy: Untidy, options: AbortOptions): Promise<Source[]> {
  const categories = new Map([...state.spaces.values()].map(({ spaceId, category }) => [spaceId, category]))
  const sources: Source[] = []
  const holders = new Map<string, string>()
  for await (const group of state.cache.list(GROUP_PREFIX, options)) {
    const decoded = await reporting(state, async () => {
      const encoded = await state.cache.get(group, options)
      return encoded && decodeGroup(encoded)
    })
    if (decoded === undefined) {
      untidy.isIncomplete = true
      markIncomplete(state, undefined)
      continue
    }
    const { entries, ...quilt } = decoded
    for (const { id, version, ...where } of entries) {
      const key = patchKey(id, version)
      // Named twice: the later group has the word.
      const holder = holders.get(key)
      if (holder !== undefined) untidy.groups.add(holder)
      holders.set(key, group)
      if (state.tombstones.has(id)) {
        // A crash came between the tombstone and the removal.
        untidy.groups.add(group)
        untidy.removals.push({ type: 'delete', key })
        continue
      }
      const placement: Placement = { ...quilt, ...where, group }
      sources.push(async () => {
        try {
          const item = await readCertified(state, { id, version, placement }, options)
          return { item: { ...item, category: categories.get(quilt.spaceId) ?? item.category }, placement }
        } catch (error) {
          if (isLocketError(error, 'store/corrupt')) {
            untidy.groups.add(group)
            untidy.isIncomplete = true
            markIncomplete(state, quilt.spaceId)
          }
          throw error
        }
      })
    }
  }
  return sources
}

/** What is on this device alone. */
async function waiting(state: MemoryState, options: AbortOptions): Promise<Source[]> {
  const sources: Source[] = []
  for await (const key of state.vault.list(RECORD_PREFIX, options)) {
    const [id, version] = key.slice(RECORD_PREFIX.length).split('/') as [string, string]
    const isCertified = state.catalog.get(id)?.versions.some((known) => known.version === Number.parseInt(version, 16))
    if (isCertified || state.tombstones.has(id)) {
      // A crash came between the one store and the other.
      await state.vault.delete(key, options)
      continue
    }
    sources.push(async () => {
      const encoded = await state.vault.get(key, options)
      return encoded && { item: decodeItem(encoded), placement: undefined }
    })
  }
  return sources
}

async function reporting<T>(state: MemoryState, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!isLocketError(error)) throw error
    state.events.emit('warning', { error })
    return undefined
  }
}
