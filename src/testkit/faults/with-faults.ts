import type { AbortOptions } from '../../core/abort.ts'
import type { BlobStore, StoreOp } from '../../store/port.ts'
import { collectKeys, iterateKeys } from '../../store/keys.ts'

/** One call a store receives. `index` counts all calls from 0. */
export type StoreCall = { readonly index: number; readonly method: 'get' | 'put' | 'delete' | 'batch' | 'list' }

/**
 * What befalls a call: `before` fails it untouched; `after` lets it happen and
 * then fails it, as when the answer is lost; `undefined` leaves it alone.
 */
export type Fault = { readonly when: 'before' | 'after'; readonly error: unknown }

/** Decides each call's fate. */
export type FaultPlan = (call: StoreCall) => Fault | undefined

/** `store`, with calls failing as planned. */
export function withFaults(store: BlobStore, plan: FaultPlan): BlobStore {
  let index = 0
  const through = async <T>(method: StoreCall['method'], task: () => Promise<T>): Promise<T> => {
    const fault = plan({ index: index++, method })
    if (fault?.when === 'before') throw fault.error
    const result = await task()
    if (fault?.when === 'after') throw fault.error
    return result
  }
  return Object.freeze({
    ...store,
    get: (key: string, options?: AbortOptions) => through('get', () => store.get(key, options)),
    put: (key: string, value: Uint8Array, options?: AbortOptions) => through('put', () => store.put(key, value, options)),
    delete: (key: string, options?: AbortOptions) => through('delete', () => store.delete(key, options)),
    batch: (ops: readonly StoreOp[], options?: AbortOptions) => through('batch', () => store.batch(ops, options)),
    list: (prefix: string, options?: AbortOptions) => {
      const listing = store.list(prefix, options)
      return iterateKeys(through('list', () => collectKeys(listing)))
    },
  })
}
