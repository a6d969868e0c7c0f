import type { RpcServer } from '../core/rpc.ts'
import { openRemoteStore } from '../store/remote.ts'
import { createVectorIndex, type VectorIndexOptions } from '../vector-index/create-vector-index.ts'
import { openVectorIndex, type OpenVectorIndexOptions } from '../vector-index/open-vector-index.ts'
import { serveVectorIndex } from '../vector-index/remote.ts'

/** Name of the service that makes vector indexes in the worker. */
export const VECTOR_INDEX_SERVICE = 'vector-indexes'

/** What an index is made with, as far as it can be sent to a worker. */
export type VectorIndexRequest = {
  readonly index: Pick<VectorIndexOptions, 'dimensions' | 'model' | 'capacity' | 'method' | 'engine'>
  /** If it is to be persistent: its options, and a port behind which its store is served. */
  readonly disk?:
    | (Pick<OpenVectorIndexOptions, 'prefix' | 'expectedVersion' | 'startEmpty' | 'flushAfter'> & { readonly store: MessagePort })
    | undefined
}

/** Lets the other side of `server` make vector indexes here: one service each. */
export function registerVectorIndexes(server: RpcServer): void {
  let opened = 0
  server.serve(VECTOR_INDEX_SERVICE, {
    open: async ({ index: options, disk }: VectorIndexRequest, { signal }) => {
      const index = disk === undefined ? await createVectorIndex(options) : await openOver(options, disk, signal)
      const service = `vector-index/${opened++}`
      const stop = server.serve(service, {
        ...serveVectorIndex(index),
        close: async () => {
          stop()
          await index.close().finally(() => disk?.store.close())
        },
      })
      return service
    },
  })
}

async function openOver(index: VectorIndexRequest['index'], disk: NonNullable<VectorIndexRequest['disk']>, signal: AbortSignal) {
  const { store: port, ...options } = disk
  const store = await openRemoteStore({ port, signal })
  return openVectorIndex({ ...index, ...options, store }, { signal })
}
