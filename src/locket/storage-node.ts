import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openDualStore } from '../store/dual.ts'
import { openNodeJournal } from '../store/node-fs.ts'
import type { BlobStore } from '../store/port.ts'
import type { LocketStorage } from './storage.ts'

/**
 * Keeps the vault in two directories at once, and the cache in a third, below
 * `directory`. Give `secondDirectory` on another disk to survive the loss of one.
 * One process at a time: another gets `store/locked`.
 */
export function nodeStorage({
  directory,
  secondDirectory = directory,
}: {
  readonly directory: string
  readonly secondDirectory?: string | undefined
}): LocketStorage {
  const places = (name: string) => {
    const safe = encodeURIComponent(name)
    return {
      primary: join(directory, safe, 'vault'),
      journal: join(secondDirectory, safe, 'vault-copy'),
      cache: join(directory, safe, 'cache'),
    }
  }
  return Object.freeze<LocketStorage>({
    isDurable: true,
    async open({ name, entropy, signal }) {
      const at = places(name)
      await mkdir(directory, { recursive: true })
      const opened: BlobStore[] = []
      const open = async (path: string) => {
        const store = await openNodeJournal({ directory: path, signal })
        opened.push(store)
        return store
      }
      try {
        const vault = await openDualStore({ primary: await open(at.primary), journal: await open(at.journal), entropy, signal })
        return { vault, cache: await open(at.cache), repair: (key, verify) => vault.repair(key, verify), health: vault.health }
      } catch (error) {
        await Promise.allSettled(opened.map((store) => store.close()))
        throw error
      }
    },
    async destroy(name) {
      for (const path of Object.values(places(name))) await rm(path, { recursive: true, force: true })
    },
  })
}
