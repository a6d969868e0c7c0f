import type { LocalnetSnapshot } from '@locket/sdk/localnet'

/**
 * What this page keeps that a real application would not: the pretend network
 * and the wallet's key, in a database of their own. The locket's own data are
 * elsewhere, and encrypted.
 */

const DATABASE = 'locket-demo-pretend-network'

type Kept = {
  /** The wallet, as a Sui private key string. A real wallet never hands it out. */
  readonly wallet: string
  readonly network: LocalnetSnapshot
  /** Whether the diary has been imported to the end, so that a reload does not do it again. */
  readonly imported: boolean
}

async function withStore<T>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1)
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

export function keep<Name extends keyof Kept>(name: Name, value: Kept[Name]): Promise<unknown> {
  return withStore('readwrite', (store) => store.put(value, name))
}

export function kept<Name extends keyof Kept>(name: Name): Promise<Kept[Name] | undefined> {
  return withStore('readonly', (store) => store.get(name))
}

export function dropKept(): Promise<unknown> {
  return withStore('readwrite', (store) => store.clear())
}
