import { LocketError } from '../core/errors.ts'
import { fromIdbError } from './idb-errors.ts'

/** The one object store of the database. */
export const IDB_RECORDS = 'records'

/** Schema version. A database of a later one is refused, never changed. */
const IDB_VERSION = 1

/** An open database that knows whether it still is. */
export type IdbConnection = {
  readonly db: IDBDatabase
  isOpen(): boolean
  /** Runs `listener` if the browser ends the connection, which aborts what is under way. Returns how to stop listening. */
  onLost(listener: () => void): () => void
  close(): void
}

/**
 * Opens the database, creating its store the first time.
 *
 * @throws {LocketError} `store/blocked` if another tab holds an older version open, `codec/unknown-version`
 *   if the database is of a later schema, `store/quota` or `store/unavailable` if the browser cannot open it.
 */
export function openIdbConnection(idb: IDBFactory, name: string): Promise<IdbConnection> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(fromIdbError(cause, 'store.openIdb'))
    let request: IDBOpenDBRequest
    try {
      request = idb.open(name, IDB_VERSION)
    } catch (cause) {
      return fail(cause)
    }
    let isAbandoned = false
    request.addEventListener('upgradeneeded', () => {
      if (!request.result.objectStoreNames.contains(IDB_RECORDS)) request.result.createObjectStore(IDB_RECORDS)
    })
    request.addEventListener('blocked', () => {
      isAbandoned = true
      fail(new LocketError('store/blocked', { operation: 'store.openIdb' }))
    })
    request.addEventListener('error', () => fail(request.error))
    request.addEventListener('success', () => {
      // The block was lifted after the caller had been told: nobody is waiting for this connection.
      if (isAbandoned) request.result.close()
      else resolve(watch(request.result))
    })
  })
}

function watch(db: IDBDatabase): IdbConnection {
  const listeners = new Set<() => void>()
  let isOpen = true
  const lose = () => {
    if (!isOpen) return
    isOpen = false
    for (const listener of listeners) listener()
    listeners.clear()
  }
  // `close` lets transactions under way finish, so nobody is told that they were lost.
  const close = () => {
    isOpen = false
    listeners.clear()
    db.close()
  }
  // Another tab wants to upgrade or delete. Holding on would block it; the next call opens anew.
  db.addEventListener('versionchange', close)
  db.addEventListener('close', lose)
  return {
    db,
    isOpen: () => isOpen,
    onLost(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close,
  }
}
