/**
 * What these pages keep that a real application would not: the pretend network
 * and the wallet's key, in databases of their own. A locket's own data and a
 * device's shares are elsewhere, and encrypted.
 */
export type KeptStore<Kept> = {
  keep<Name extends keyof Kept & string>(name: Name, value: Kept[Name]): Promise<unknown>
  kept<Name extends keyof Kept & string>(name: Name): Promise<Kept[Name] | undefined>
  drop(): Promise<unknown>
}

/** Opened for each use, so that nothing has to be closed. */
export function createKeptStore<Kept>(name: string): KeptStore<Kept> {
  return {
    keep: (key, value) => withStore(name, 'readwrite', (store) => store.put(value, key)),
    kept: (key) => withStore(name, 'readonly', (store) => store.get(key)),
    drop: () => withStore(name, 'readwrite', (store) => store.clear()),
  }
}

async function withStore<T>(name: string, mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, 1)
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore('kept'))
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error))
  })
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction('kept', mode)
      const request = use(transaction.objectStore('kept'))
      transaction.addEventListener('complete', () => resolve(request.result))
      transaction.addEventListener('abort', () => reject(transaction.error))
    })
  } finally {
    database.close()
  }
}
