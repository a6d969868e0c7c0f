import { MessageChannel } from 'node:worker_threads'
import { createRpcServer, type RpcPort } from '../../src/core/rpc.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { openRemoteStore, serveStore } from '../../src/store/remote.ts'
import { blobStoreContract } from '../../src/testkit/contract/blob-store.ts'

blobStoreContract('remote', async () => {
  const { port1, port2 } = new MessageChannel()
  createRpcServer(port1 as unknown as RpcPort).serve('store', serveStore(createMemoryStore()))
  return {
    open: () => openRemoteStore({ port: port2 as unknown as RpcPort }),
    dispose: async () => port1.close(),
  }
})
