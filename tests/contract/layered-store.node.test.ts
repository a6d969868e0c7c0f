import { createAead } from '../../src/crypto/index.ts'
import { openDualStore } from '../../src/store/dual.ts'
import { createEncryptedStore } from '../../src/store/encrypted.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { blobStoreContract } from '../../src/testkit/contract/blob-store.ts'

blobStoreContract('dual', async () => ({ open: () => openDualStore({ primary: createMemoryStore(), journal: createMemoryStore() }) }))

blobStoreContract('encrypted', async () => ({
  open: async () => createEncryptedStore({ inner: createMemoryStore(), key: new Uint8Array(32).fill(1), aead: createAead() }),
}))
