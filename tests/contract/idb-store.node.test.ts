import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { openIdbStore } from '../../src/store/idb.ts'
import { blobStoreContract } from '../../src/testkit/contract/blob-store.ts'

// A simulation, for speed. The evidence is tests/browser/store.browser.test.ts.
blobStoreContract('IndexedDB (simulated)', async () => {
  const idb = new IDBFactory()
  return { open: () => openIdbStore({ name: 'contract', idb, keyRange: IDBKeyRange }) }
})
