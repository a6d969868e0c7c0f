import type { AbortOptions } from '../core/abort.ts'
import { copyBytes, type Bytes } from '../core/bytes.ts'
import { assertKey, assertOps, assertUsable } from './checks.ts'
import { iterateKeys, selectKeys } from './keys.ts'
import type { BlobStore, StoreOp } from './port.ts'

/**
 * A store in memory: the reference for every other adapter. It forgets
 * everything when the page ends, and says so in `features.durable`.
 */
export function createMemoryStore(): BlobStore {
  const records = new Map<string, Bytes>()
  let isClosed = false

  const apply = (ops: readonly StoreOp[], operation: string, options?: AbortOptions) => {
    assertUsable(isClosed, operation, options)
    assertOps(ops, operation)
    for (const op of ops) {
      if (op.type === 'put') records.set(op.key, copyBytes(op.value))
      else records.delete(op.key)
    }
  }

  return Object.freeze({
    features: Object.freeze({ atomicBatch: true, durable: false, crossTab: false }),
    async get(key: string, options?: AbortOptions) {
      assertUsable(isClosed, 'store.get', options)
      assertKey(key, 'store.get')
      const value = records.get(key)
      return value === undefined ? undefined : copyBytes(value)
    },
    async put(key: string, value: Uint8Array, options?: AbortOptions) {
      apply([{ type: 'put', key, value }], 'store.put', options)
    },
    async delete(key: string, options?: AbortOptions) {
      apply([{ type: 'delete', key }], 'store.delete', options)
    },
    list(prefix: string, options?: AbortOptions) {
      const read = async () => {
        assertUsable(isClosed, 'store.list', options)
        return selectKeys(records.keys(), prefix)
      }
      return iterateKeys(read())
    },
    async batch(ops: readonly StoreOp[], options?: AbortOptions) {
      apply(ops, 'store.batch', options)
    },
    async close() {
      isClosed = true
      records.clear()
    },
  })
}
