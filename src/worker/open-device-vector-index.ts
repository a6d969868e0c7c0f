import type { AbortOptions } from '../core/abort.ts'
import { createRpcClient, createRpcServer, type RpcPort } from '../core/rpc.ts'
import type { BlobStore } from '../store/port.ts'
import { serveStore } from '../store/remote.ts'
import type { OpenVectorIndexOptions, PersistentVectorIndex } from '../vector-index/open-vector-index.ts'
import { createRemoteVectorIndex } from '../vector-index/remote.ts'
import { VECTOR_INDEX_SERVICE, type VectorIndexRequest } from './vector-index-service.ts'

export type OpenDeviceVectorIndexOptions = AbortOptions &
  Omit<OpenVectorIndexOptions, 'store' | 'wasm'> & {
    readonly port: RpcPort
    /**
     * Where it keeps its segments: a store on this side, which does the
     * encrypting, so that no key goes to the worker. Without one the index is in
     * memory only. Stays open when the index is closed.
     */
    readonly store?: BlobStore | undefined
  }

/**
 * Opens a vector index inside the device worker behind `port`, so that scans do
 * not hold up the page. Options and failures are those of `openVectorIndex`, or
 * of `createVectorIndex` if there is no store; and `worker/failed` if the worker
 * cannot be started.
 */
export async function openDeviceVectorIndex(options: OpenDeviceVectorIndexOptions): Promise<PersistentVectorIndex> {
  const { port, store, lock, signal, dimensions, model, capacity, method, engine, ...disk } = options
  const release = await lock?.()
  const channel = store === undefined ? undefined : new MessageChannel()
  const server = channel === undefined ? undefined : createRpcServer(channel.port1)

  function letGo(): void {
    server?.close()
    channel?.port1.close()
    release?.()
  }

  try {
    if (store !== undefined) server?.serve('store', serveStore(store))
    const request: VectorIndexRequest = {
      index: { dimensions, model, capacity, method, engine },
      disk: channel === undefined ? undefined : { ...disk, store: channel.port2 },
    }
    const rpc = createRpcClient(port)
    const transfer = channel === undefined ? [] : [channel.port2]
    const service = await rpc.call<string>(VECTOR_INDEX_SERVICE, 'open', request, { signal, transfer }).finally(() => rpc.close())
    const index = createRemoteVectorIndex({ port, service })
    let closing: Promise<void> | undefined
    return Object.freeze({
      ...index,
      close() {
        closing ??= index.close().finally(letGo)
        return closing
      },
    })
  } catch (error) {
    letGo()
    throw error
  }
}
