import type { Bytes } from '../../src/core/bytes.ts'
import type { BlobStore } from '../../src/store/port.ts'

/** A bare store whose content a test can look into and damage. */
export function mapStore(): BlobStore & { readonly map: Map<string, Bytes>; fails: boolean } {
  const map = new Map<string, Bytes>()
  const guard = () => {
    if (store.fails) throw new Error('the store is broken')
  }
  const store = {
    map,
    fails: false,
    features: { atomicBatch: true, durable: false, crossTab: false },
    async get(key: string) {
      guard()
      const value = map.get(key)
      return value && Uint8Array.from(value)
    },
    async put(key: string, value: Uint8Array) {
      guard()
      map.set(key, Uint8Array.from(value))
    },
    async delete(key: string) {
      guard()
      map.delete(key)
    },
    async *list(prefix: string) {
      yield* [...map.keys()].filter((key) => key.startsWith(prefix)).sort()
    },
    async batch() {
      throw new Error('not part of this test')
    },
    async close() {},
  }
  return store
}
