import { LocketError } from '../core/errors.ts'
import { openDualStore } from '../store/dual.ts'
import { openIdbStore } from '../store/idb.ts'
import type { BlobStore } from '../store/port.ts'
import { openDeviceJournal } from '../worker/open-device-journal.ts'
import { browserTabs } from '../tabs/browser-tabs.ts'
import type { LocketStorage } from './storage.ts'

/** How long to wait for the files of a tab that has just ended: its locks are free before its files are. */
const HAND_OVER_MS = 15_000

/**
 * Keeps the vault in IndexedDB and in an OPFS journal at once, because Chromium
 * can delete an origin's IndexedDB after one hard kill, and the cache in
 * IndexedDB. The tabs of an origin share it: one has the stores open, and the
 * verbs of the others are carried to it. A tab is let in without unlocking, on
 * the strength of being of the same origin and wallet; with `shareTabs: false`
 * there is one tab at a time, and another gets `store/locked`.
 */
export function browserStorage({ shareTabs = true }: { readonly shareTabs?: boolean | undefined } = {}): LocketStorage {
  return Object.freeze<LocketStorage>({
    isDurable: true,
    tabs: shareTabs ? browserTabs() : undefined,
    async open({ name, entropy, worker, signal }) {
      if (worker === undefined) {
        throw new LocketError('usage/unsupported', {
          operation: 'locket.open',
          message: 'the OPFS journal needs a Worker; pass memoryStorage() to do without keeping anything',
        })
      }
      const waitMs = shareTabs ? HAND_OVER_MS : undefined
      // The journal first: its lock keeps a second tab from touching the databases.
      const journal = await openDeviceJournal({ port: worker, directory: names(name).journal, waitMs, signal })
      const opened: BlobStore[] = [journal]
      try {
        const primary = await openIdbStore({ name: names(name).vault, signal })
        opened.push(primary)
        const cache = await openIdbStore({ name: names(name).cache, signal })
        opened.push(cache)
        const vault = await openDualStore({ primary, journal, entropy, signal })
        return { vault, cache, repair: (key, verify) => vault.repair(key, verify), health: vault.health }
      } catch (error) {
        await Promise.allSettled(opened.map((store) => store.close()))
        throw error
      }
    },
    async destroy(name) {
      const { indexedDB: idb, navigator } = globalThis
      for (const database of [names(name).vault, names(name).cache]) {
        await new Promise<void>((resolve, reject) => {
          const request = idb.deleteDatabase(database)
          request.onsuccess = () => resolve()
          request.onerror = () => reject(new LocketError('store/unavailable', { operation: 'locket.destroy', cause: request.error }))
          request.onblocked = () => reject(new LocketError('store/blocked', { operation: 'locket.destroy' }))
        })
      }
      const root = await navigator.storage.getDirectory()
      await root.removeEntry(names(name).journal, { recursive: true }).catch((error: unknown) => {
        if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error
      })
    },
  })
}

function names(name: string) {
  return { vault: `locket/${name}/vault`, cache: `locket/${name}/cache`, journal: `locket-${encodeURIComponent(name)}` }
}
