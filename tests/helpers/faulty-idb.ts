import { IDBFactory as FakeFactory, IDBKeyRange as FakeKeyRange } from 'fake-indexeddb'

/** The five failures Expensify counted in 3.3 million failed saves, with their shares in percent (84 in all). */
export const IDB_FAULTS = {
  'backing-store': 26,
  quota: 26,
  lost: 19,
  'disk-full': 7,
  closing: 6,
} as const
export type IdbFault = keyof typeof IDB_FAULTS

/** One of the five, in their proportions. */
export function chooseFault(choose: (n: number) => number): IdbFault {
  let rest = choose(84)
  for (const [kind, share] of Object.entries(IDB_FAULTS)) {
    if (rest < share) return kind as IdbFault
    rest -= share
  }
  return 'closing'
}

export type FaultyIdb = {
  readonly idb: IDBFactory
  readonly keyRange: typeof IDBKeyRange
  /** How often a connection was used after it had said that it was lost. Must stay 0. */
  deadUses(): number
}

/**
 * A simulated IndexedDB whose n-th use fails as `plan` says: opening with
 * `backing-store` and `disk-full`, transactions with the other three. A
 * connection that was lost or is closing stays so, as WebKit's do.
 */
export function createFaultyIdb(plan: (index: number) => IdbFault | undefined): FaultyIdb {
  const real = new FakeFactory()
  let index = 0
  let deadUses = 0

  const open = (name: string, version?: number): IDBOpenDBRequest => {
    const fault = plan(index++)
    if (fault === 'backing-store') return failingRequest('UnknownError', 'Internal error opening backing store for indexedDB.open.')
    if (fault === 'disk-full') return failingRequest('UnknownError', 'Internal error: disk full.')
    const request = real.open(name, version)
    request.addEventListener('success', () => sabotage(request.result))
    return request
  }

  const sabotage = (db: IDBDatabase) => {
    const transaction = db.transaction.bind(db)
    let isDead = false
    db.transaction = (...args: Parameters<IDBDatabase['transaction']>) => {
      if (isDead) deadUses++
      const fault = isDead ? 'closing' : plan(index++)
      if (fault === 'closing') {
        isDead = true
        throw new DOMException('The database connection is closing.', 'InvalidStateError')
      }
      const tx = transaction(...args)
      if (fault === 'lost') {
        isDead = true
        failTransaction(tx, new DOMException('Connection to Indexed Database server lost. Refresh the page to try again', 'UnknownError'))
      } else if (fault === 'quota' && tx.mode === 'readwrite') {
        failTransaction(tx, new DOMException('', 'QuotaExceededError'))
      }
      return tx
    }
  }

  return {
    idb: { open } as unknown as IDBFactory,
    keyRange: FakeKeyRange,
    deadUses: () => deadUses,
  }
}

/** The first request succeeds, then the transaction aborts: what Chromium does at quota. */
function failTransaction(tx: IDBTransaction, error: DOMException): void {
  Object.defineProperty(tx, 'error', { get: () => error })
  const objectStore = tx.objectStore.bind(tx)
  tx.objectStore = (name: string) => {
    const records = objectStore(name)
    for (const method of ['put', 'delete', 'get', 'getAllKeys'] as const) {
      const original = records[method].bind(records) as (...args: unknown[]) => IDBRequest
      const watched = (...args: unknown[]) => {
        const request = original(...args)
        request.addEventListener('success', () => {
          try {
            tx.abort()
          } catch {
            // A request before this one has aborted it.
          }
        })
        return request
      }
      Object.assign(records, { [method]: watched })
    }
    return records
  }
}

function failingRequest(name: string, message: string): IDBOpenDBRequest {
  const request = new EventTarget()
  Object.assign(request, { error: new DOMException(message, name), result: undefined, readyState: 'done' })
  queueMicrotask(() => request.dispatchEvent(new Event('error')))
  return request as unknown as IDBOpenDBRequest
}
