import { LocketError } from '../core/errors.ts'
import { IDB_RECORDS, type IdbConnection } from './idb-connection.ts'
import { fromIdbError } from './idb-errors.ts'
import type { StoreOp } from './port.ts'

/**
 * Writes `ops` in one strict transaction. Resolves on `complete` and on nothing
 * else: at quota a request succeeds first and the transaction aborts after.
 */
export function writeIdb(connection: IdbConnection, ops: readonly StoreOp[]): Promise<void> {
  return transact<void>(connection, 'readwrite', 'store.write', (records, requests) => {
    for (const op of ops) requests.push(op.type === 'put' ? records.put(op.value, op.key) : records.delete(op.key))
    return nothing
  })
}

/** Runs one read request and gives its result. */
export function readIdb<T>(connection: IdbConnection, operation: string, start: (records: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return transact(connection, 'readonly', operation, (records, requests) => {
    const request = start(records)
    requests.push(request)
    return () => request.result
  })
}

/** Settles on every way a transaction can end: complete, abort, and the connection going away under it. */
function transact<T>(
  connection: IdbConnection,
  mode: 'readonly' | 'readwrite',
  operation: string,
  issue: (records: IDBObjectStore, requests: IDBRequest[]) => () => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let stopListening = nothing
    const fail = (cause: unknown) => {
      stopListening()
      reject(fromIdbError(cause, operation))
    }
    let tx: IDBTransaction
    const requests: IDBRequest[] = []
    try {
      tx = connection.db.transaction(IDB_RECORDS, mode, mode === 'readwrite' ? { durability: 'strict' } : undefined)
    } catch (cause) {
      return fail(cause)
    }
    let result: () => T
    let thrown: unknown
    tx.addEventListener('complete', () => {
      stopListening()
      resolve(result())
    })
    tx.addEventListener('abort', () => {
      fail(thrown ?? tx.error ?? requests.find((request) => errorOf(request) !== null)?.error ?? abortReason(connection))
    })
    stopListening = connection.onLost(() => fail(abortReason(connection)))
    try {
      result = issue(tx.objectStore(IDB_RECORDS), requests)
    } catch (cause) {
      thrown = cause
      abortQuietly(tx, () => fail(cause))
    }
  })
}

function nothing(): void {}

/** `error` throws while a request is pending. */
function errorOf(request: IDBRequest): DOMException | null {
  return request.readyState === 'done' ? request.error : null
}

function abortReason(connection: IdbConnection): LocketError {
  return new LocketError(connection.isOpen() ? 'store/aborted' : 'store/closed', { operation: 'store.transact' })
}

/** Aborting a transaction that is over throws; then no `abort` event will come. */
function abortQuietly(tx: IDBTransaction, onAlreadyOver: () => void): void {
  try {
    tx.abort()
  } catch {
    onAlreadyOver()
  }
}
