import { createMemoryStore } from '../../src/store/memory.ts'
import { blobStoreContract } from '../../src/testkit/contract/blob-store.ts'

blobStoreContract('memory', async () => ({ open: async () => createMemoryStore() }))
