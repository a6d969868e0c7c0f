import { createRpcServer, type RpcPort, type RpcServer } from '../core/rpc.ts'
import { openOpfsJournal } from '../store/opfs.ts'
import { DEVICE_SERVICE, type OpenJournalRequest } from './device-service.ts'
import { serveStore } from '../store/remote.ts'

export type DeviceWorkerOptions = {
  /** The worker's own global, or a port to somebody who may use it. */
  readonly scope: RpcPort
  /** Offers further services next to the journal's, such as a vector index. */
  readonly register?: ((server: RpcServer) => void) | undefined
}

/**
 * Serves what needs a dedicated Worker: OPFS journals, one service each, opened
 * on request. Returns the server, so that a program of one's own can add to it.
 */
export function startDeviceWorker(options: DeviceWorkerOptions): RpcServer {
  const server = createRpcServer(options.scope)
  let opened = 0
  server.serve(DEVICE_SERVICE, {
    openJournal: async (request: OpenJournalRequest, { signal }) => {
      const store = await openOpfsJournal({ ...request, signal })
      const service = `journal/${opened++}`
      const stop = server.serve(service, {
        ...serveStore(store),
        close: async () => {
          stop()
          await store.close()
        },
      })
      return service
    },
  })
  options.register?.(server)
  return server
}
