import type { StoreOp } from '../../src/store/port.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { VectorStore } from '../../src/vector-index/vector-store.ts'

/** A store whose batches are not atomic: the write that `failAt` counts down to, and all after it, are not kept. */
export function createTornStore() {
  const inner = createMemoryStore()
  let left = Number.POSITIVE_INFINITY
  let beforeBatch: (() => Promise<void>) | undefined
  const written: { key: string; sizeBytes: number }[] = []
  const store: VectorStore = {
    get: (key, options) => inner.get(key, options),
    list: (prefix, options) => inner.list(prefix, options),
    async batch(ops: readonly StoreOp[], options) {
      await beforeBatch?.()
      for (const op of ops) {
        if (left <= 0) throw new Error('torn')
        left--
        await inner.batch([op], options)
        if (op.type === 'put') written.push({ key: op.key, sizeBytes: op.value.length })
      }
    },
  }
  return {
    store,
    inner,
    written,
    /** Lets `count` more operations through; infinity repairs the store. */
    failAfter: (count: number) => {
      left = count
    },
    /** Runs before each batch is written, and delays it. */
    onBatch: (run: (() => Promise<void>) | undefined) => {
      beforeBatch = run
    },
    keys: async (): Promise<string[]> => {
      const keys: string[] = []
      for await (const key of inner.list('')) keys.push(key)
      return keys
    },
    /** Everything stored, to be put back with `restore`: what a roll-back does. */
    snapshot: async (): Promise<Map<string, Uint8Array>> => {
      const all = new Map<string, Uint8Array>()
      for await (const key of inner.list('')) all.set(key, (await inner.get(key)) as Uint8Array)
      return all
    },
    restore: async (all: ReadonlyMap<string, Uint8Array>): Promise<void> => {
      for await (const key of inner.list('')) await inner.delete(key)
      for (const [key, value] of all) await inner.put(key, value)
    },
  }
}
