import type { AbortOptions } from '../../core/abort.ts'
import type { Clock } from '../../core/capabilities.ts'
import type { BlobStore, StoreOp } from '../../store/port.ts'
import { collectKeys, iterateKeys } from '../../store/keys.ts'

/** `store`, with every call taking `latencyMs` of `clock` longer. Calls keep their order. */
export function withLatency(store: BlobStore, clock: Clock, latencyMs: number = 10): BlobStore {
  let tail: Promise<unknown> = Promise.resolve()
  const later = <T>(options: AbortOptions | undefined, task: () => Promise<T>): Promise<T> => {
    const waiting = clock.sleep(latencyMs, { signal: options?.signal })
    // Awaited in its turn, which may come after it was aborted.
    waiting.catch(() => {})
    const turn = tail.then(() => waiting).then(task)
    tail = turn.catch(() => {})
    return turn
  }
  return Object.freeze({
    ...store,
    get: (key: string, options?: AbortOptions) => later(options, () => store.get(key, options)),
    put: (key: string, value: Uint8Array, options?: AbortOptions) => {
      const copied = value.slice()
      return later(options, () => store.put(key, copied, options))
    },
    delete: (key: string, options?: AbortOptions) => later(options, () => store.delete(key, options)),
    batch: (ops: readonly StoreOp[], options?: AbortOptions) => {
      const copied = ops.map((op) => (op.type === 'put' ? { ...op, value: op.value.slice() } : op))
      return later(options, () => store.batch(copied, options))
    },
    list: (prefix: string, options?: AbortOptions) => iterateKeys(later(options, () => collectKeys(store.list(prefix, options)))),
  })
}
