import type { AbortOptions } from '../core/abort.ts'
import { isLocketError } from '../core/errors.ts'
import type { BlobStore } from '../store/port.ts'
import type { Item } from './item.ts'
import { decodeRecord, RECORD_PREFIX } from './record.ts'
import { indexItems } from './index-items.ts'
import type { MemoryState } from './state.ts'

/** Records read at a time: enough to keep the cipher busy, few enough to stay small. */
const CHUNK = 128

/**
 * Fills catalog and search from the records on this device. A record that is
 * damaged beyond repair is set aside by its store, reported in a `warning`
 * event, and does not keep the rest from opening.
 */
export async function loadRecords(state: MemoryState, options: AbortOptions = {}): Promise<void> {
  // The vault last: what both hold is not settled yet, and the vault's word counts.
  for (const store of [state.cache, state.vault]) {
    const keys: string[] = []
    for await (const key of store.list(RECORD_PREFIX, options)) keys.push(key)
    for (let start = 0; start < keys.length; start += CHUNK) {
      const items = await loadChunk(state, store, keys.slice(start, start + CHUNK), options)
      // Whatever has left the vault, the index had been written before.
      await indexItems(state, items, options, store === state.vault ? 'put' : 'load')
      state.events.emit('progress', { task: 'open', done: Math.min(start + CHUNK, keys.length), total: keys.length })
    }
  }
}

async function loadChunk(state: MemoryState, store: BlobStore, keys: readonly string[], options: AbortOptions): Promise<Item[]> {
  const records = await Promise.all(
    keys.map(async (key) => {
      const id = key.slice(RECORD_PREFIX.length, key.lastIndexOf('/'))
      if (state.tombstones.has(id)) {
        // A crash came between the tombstone and the removal.
        await store.delete(key, options)
        return undefined
      }
      try {
        const encoded = await store.get(key, options)
        return encoded === undefined ? undefined : decodeRecord(encoded)
      } catch (error) {
        if (!isLocketError(error)) throw error
        state.events.emit('warning', { error })
        return undefined
      }
    }),
  )
  const items = records
    .filter((record) => record !== undefined)
    .map((record) => {
      state.catalog.add(record)
      return record.item
    })
  return items.filter(({ id, version }) => state.catalog.get(id)?.versions.at(-1)?.version === version)
}
