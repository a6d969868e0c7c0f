import type { AbortOptions } from '../core/abort.ts'
import { copyBytes, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { assertKey, assertOps, assertUsable } from './checks.ts'
import { createCommitQueue } from './commit-queue.ts'
import { openIdbConnection, type IdbConnection } from './idb-connection.ts'
import { isConnectionLost } from './idb-errors.ts'
import { readIdb, writeIdb } from './idb-transaction.ts'
import { iterateKeys, selectKeys } from './keys.ts'
import type { BlobStore, StoreOp } from './port.ts'

export type OpenIdbStoreOptions = AbortOptions & {
  /** Name of the database. One store per name. */
  readonly name: string
  /** Defaults to `globalThis.indexedDB`. */
  readonly idb?: IDBFactory | undefined
  /** Defaults to `globalThis.IDBKeyRange`. */
  readonly keyRange?: typeof IDBKeyRange | undefined
}

/**
 * A store in IndexedDB.
 *
 * - A write resolves on the transaction's `complete` event, under
 *   `durability: 'strict'`; writes that wait together share a transaction.
 * - A lost connection (`store/closed`) is dropped and the call made once more on
 *   a new one; a second loss is reported.
 * - Closes its connection when another tab upgrades or deletes the database and
 *   opens a new one at the next call. After a deletion that one is empty.
 *
 * Not promised: that the data stay. Browsers evict, and after a hard kill
 * Chromium may delete the database; keep a second copy with `openDualStore`.
 *
 * @throws {LocketError} `store/blocked`, `codec/unknown-version`, `store/quota`, `store/unavailable` as the database
 *   opens, `usage/unsupported` where there is no IndexedDB.
 */
export async function openIdbStore(options: OpenIdbStoreOptions): Promise<BlobStore> {
  const idb = options.idb ?? globalThis.indexedDB
  const keyRange = options.keyRange ?? globalThis.IDBKeyRange
  if (idb === undefined || keyRange === undefined) {
    throw new LocketError('usage/unsupported', { operation: 'store.openIdb', message: 'IndexedDB is missing; use createMemoryStore()' })
  }
  options.signal?.throwIfAborted()
  let connecting: Promise<IdbConnection> | undefined
  let isClosed = false

  const connect = async (): Promise<IdbConnection> => {
    if (connecting !== undefined) {
      const connection = await connecting
      if (connection.isOpen()) return connection
    }
    const opening = openIdbConnection(idb, options.name)
    connecting = opening
    // A failed opening is not kept: the next call tries again.
    opening.catch(() => {
      if (connecting === opening) connecting = undefined
    })
    return opening
  }

  const attempt = async <T>(task: (connection: IdbConnection) => Promise<T>): Promise<T> => {
    const connection = await connect()
    try {
      return await task(connection)
    } catch (error) {
      // WebKit tells nobody that a lost connection is lost: it would fail every call from here on.
      if (isConnectionLost(error)) connection.close()
      throw error
    }
  }

  /** Once more, on a fresh connection, if the first was lost. Every task is idempotent. */
  const withConnection = async <T>(task: (connection: IdbConnection) => Promise<T>): Promise<T> => {
    try {
      return await attempt(task)
    } catch (error) {
      if (!isConnectionLost(error)) throw error
      return attempt(task)
    }
  }

  const queue = createCommitQueue((ops) => withConnection((connection) => writeIdb(connection, ops)))

  const write = async (ops: readonly StoreOp[], operation: string, writeOptions?: AbortOptions) => {
    assertUsable(isClosed, operation, writeOptions)
    assertOps(ops, operation)
    if (ops.length > 0) await queue.write(ops, writeOptions)
  }

  const readKeys = async (prefix: string, listOptions?: AbortOptions): Promise<readonly string[]> => {
    assertUsable(isClosed, 'store.list', listOptions)
    // Keys are ASCII, so U+FFFF is above every continuation of the prefix.
    const range = prefix === '' ? undefined : keyRange.bound(prefix, `${prefix}\uffff`)
    const read = (connection: IdbConnection) => readIdb(connection, 'store.list', (records) => records.getAllKeys(range))
    const keys = await queue.read(() => withConnection(read))
    listOptions?.signal?.throwIfAborted()
    return selectKeys(
      keys.filter((key) => typeof key === 'string'),
      prefix,
    )
  }

  await connect()
  return Object.freeze({
    features: Object.freeze({ atomicBatch: true, durable: true, crossTab: true }),
    async get(key: string, getOptions?: AbortOptions) {
      assertUsable(isClosed, 'store.get', getOptions)
      assertKey(key, 'store.get')
      const read = (connection: IdbConnection) => readIdb(connection, 'store.get', (records) => records.get(key))
      const value: unknown = await queue.read(() => withConnection(read))
      getOptions?.signal?.throwIfAborted()
      return asBytes(value, key)
    },
    put: (key: string, value: Uint8Array, putOptions?: AbortOptions) => write([{ type: 'put', key, value }], 'store.put', putOptions),
    delete: (key: string, deleteOptions?: AbortOptions) => write([{ type: 'delete', key }], 'store.delete', deleteOptions),
    batch: (ops: readonly StoreOp[], batchOptions?: AbortOptions) => write(ops, 'store.batch', batchOptions),
    list: (prefix: string, listOptions?: AbortOptions) => iterateKeys(readKeys(prefix, listOptions)),
    async close() {
      if (isClosed) return
      isClosed = true
      await queue.settled()
      const connection = await connecting?.catch(() => undefined)
      connection?.close()
    },
  })
}

function asBytes(value: unknown, key: string): Bytes | undefined {
  if (value === undefined) return undefined
  if (value instanceof Uint8Array) return copyBytes(value)
  throw new LocketError('store/corrupt', { operation: 'store.get', message: 'a record is not bytes', details: { key } })
}
