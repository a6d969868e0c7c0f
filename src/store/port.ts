import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'

/** One write of a batch. */
export type StoreOp =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: string }

/** What an adapter promises. Declared, never probed. */
export type StoreFeatures = {
  /** A batch is kept whole or not at all, whatever interrupts it. */
  readonly atomicBatch: boolean
  /** What `put` acknowledged survives the end of the process. */
  readonly durable: boolean
  /** Other tabs or processes may open the same store at the same time. */
  readonly crossTab: boolean
}

/**
 * A key-value store of bytes. Untrusted: it may lose, repeat or alter what it
 * holds, so whoever reads from it authenticates.
 *
 * - Keys are non-empty ASCII strings of at most 512 characters, ordered by code unit.
 * - `get` of a missing key is `undefined`, never an error. `delete` of one succeeds.
 * - A write is visible to every later call once its promise resolves, and it
 *   resolves only when the platform reports it durable (IndexedDB: transaction
 *   `complete`; files: after `flush`).
 * - Concurrent calls are allowed and take effect in the order they were made.
 * - Values are copied on the way in; what comes out belongs to the caller.
 * - `list` yields keys in ascending order, as they were when the call was made.
 * - An abort withdraws a write that still waits. One already handed to the platform
 *   settles with its true outcome, or rejects with the reason although it may be kept.
 * - A write that rejects may still be found later, whole, unless the code says otherwise.
 * - After `close` every call rejects with `usage/closed`; `close` itself may be repeated.
 *
 * Failures: `store/quota`, `store/blocked`, `store/closed`, `store/unavailable`,
 * `store/aborted`, `store/corrupt`, `store/locked`, `codec/too-large` for a value above
 * `MAX_RECORD_BYTES`, `usage/invalid-argument`, `usage/closed`.
 */
export type BlobStore = {
  readonly features: StoreFeatures
  get(key: string, options?: AbortOptions): Promise<Bytes | undefined>
  put(key: string, value: Uint8Array, options?: AbortOptions): Promise<void>
  delete(key: string, options?: AbortOptions): Promise<void>
  list(prefix: string, options?: AbortOptions): AsyncIterable<string>
  batch(ops: readonly StoreOp[], options?: AbortOptions): Promise<void>
  close(): Promise<void>
}
