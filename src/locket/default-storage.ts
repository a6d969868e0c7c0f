import { memoryStorage, type LocketStorage } from './storage.ts'

/** What the platform offers: two durable places in a page, none in Node. */
export async function defaultStorage(): Promise<LocketStorage> {
  const { indexedDB: idb, navigator } = globalThis
  if (idb === undefined || typeof navigator?.storage?.getDirectory !== 'function') return memoryStorage()
  const { browserStorage } = await import('./storage-browser.ts')
  return browserStorage()
}
