import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import { isLocketError } from '../core/errors.ts'
import { corrupt } from './reader.ts'
import type { VectorStore } from './vector-store.ts'

/**
 * A record of the index. What the store itself finds damaged is a damaged index:
 * the cure is the same.
 */
export async function readRecord(store: VectorStore, key: string, options: AbortOptions): Promise<Bytes | undefined> {
  try {
    return await store.get(key, options)
  } catch (error) {
    if (isLocketError(error, 'store/corrupt')) throw corrupt('the store holds a damaged record', error)
    throw error
  }
}
