import { describe, expect, it, vi } from 'vitest'
import { openIdbStore } from '../../src/store/idb.ts'
import { IDB_RECORDS } from '../../src/store/idb-connection.ts'
import { blobStoreContract } from '../../src/testkit/contract/blob-store.ts'

let counter = 0
const nextName = () => `idb-store-${counter++}`

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.addEventListener('success', () => resolve())
    request.addEventListener('error', () => reject(request.error))
    request.addEventListener('blocked', () => reject(new Error('blocked')))
  })
}

function openVersion(name: string, version: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version)
    request.addEventListener('upgradeneeded', () => {
      if (!request.result.objectStoreNames.contains(IDB_RECORDS)) request.result.createObjectStore(IDB_RECORDS)
    })
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error))
    request.addEventListener('blocked', () => reject(new Error('blocked')))
  })
}

blobStoreContract('IndexedDB', async () => {
  const name = nextName()
  return { open: () => openIdbStore({ name }), dispose: () => deleteDatabase(name) }
})

describe('openIdbStore', () => {
  it('asks for strict durability', async () => {
    const opened = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const store = await openIdbStore({ name: nextName() })
    await store.put('k', Uint8Array.of(1))
    await store.close()
    const transactions = opened.mock.results.map(({ value }) => value as IDBTransaction)
    opened.mockRestore()
    expect(transactions.map(({ mode, durability }) => [mode, durability])).toEqual([['readwrite', 'strict']])
  })

  it('lets another tab delete the database, and goes on with a new one', async () => {
    const name = nextName()
    const store = await openIdbStore({ name })
    await store.put('k', Uint8Array.of(1))
    await deleteDatabase(name)
    expect(await store.get('k')).toBeUndefined()
    await store.put('k', Uint8Array.of(2))
    expect(await store.get('k')).toEqual(Uint8Array.of(2))
    await store.close()
  })

  it('lets another tab upgrade the database, then refuses the version it does not know', async () => {
    const name = nextName()
    const store = await openIdbStore({ name })
    const newer = await openVersion(name, 2)
    await expect(store.get('k')).rejects.toMatchObject({ code: 'codec/unknown-version' })
    newer.close()
    await expect(openIdbStore({ name })).rejects.toMatchObject({ code: 'codec/unknown-version' })
    await store.close()
  })

  it('says so when another tab holds a version that blocks the opening', async () => {
    const name = nextName()
    // Stands in for a tab with an older schema that ignores `versionchange`.
    const factory = { open: (database: string) => indexedDB.open(database, 2) } as unknown as IDBFactory
    const old = await openVersion(name, 1)
    await expect(openIdbStore({ name, idb: factory })).rejects.toMatchObject({ code: 'store/blocked' })
    old.close()
  })

  it('reports a value that is not bytes as damaged', async () => {
    const name = nextName()
    const db = await openVersion(name, 1)
    const tx = db.transaction(IDB_RECORDS, 'readwrite')
    tx.objectStore(IDB_RECORDS).put('text', 'k')
    await new Promise((resolve) => tx.addEventListener('complete', resolve))
    db.close()
    const store = await openIdbStore({ name })
    await expect(store.get('k')).rejects.toMatchObject({ code: 'store/corrupt', details: { key: 'k' } })
    await store.close()
  })

  it('sees what a second store on the same database wrote', async () => {
    const name = nextName()
    const [one, two] = await Promise.all([openIdbStore({ name }), openIdbStore({ name })])
    await one.put('k', Uint8Array.of(1))
    expect(await two.get('k')).toEqual(Uint8Array.of(1))
    await Promise.all([one.close(), two.close()])
  })
})
