import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { createRpcClient, type RpcHandlers, type RpcPort } from '../core/rpc.ts'
import { assertKey, assertOps, assertUsable } from './checks.ts'
import type { CompactingStore, DualSide } from './dual-side.ts'
import { collectKeys, iterateKeys } from './keys.ts'
import type { StoreFeatures, StoreOp } from './port.ts'

/** A store on the other side of a port, fit to be half of a dual store. */
export type RemoteStore = CompactingStore

export type OpenRemoteStoreOptions = AbortOptions & {
  readonly port: RpcPort
  /** The name it is served under. Default `store`. */
  readonly service?: string | undefined
}

type Opened = { readonly features: StoreFeatures; readonly damagedRecords: number }

/**
 * Uses the store that {@link serveStore} offers at the other end of `port`.
 * Errors keep their code; `worker/failed` says that the other end is gone.
 *
 * Not promised: an answer from a Worker that was terminated. Close the store
 * before terminating its Worker.
 *
 * @throws {LocketError} `usage/unsupported` if nothing is served under the name, `worker/failed` if nobody is there.
 */
export async function openRemoteStore(options: OpenRemoteStoreOptions): Promise<RemoteStore> {
  const { port, service = 'store' } = options
  const rpc = createRpcClient(port)
  const opened = await rpc.call<Opened>(service, 'open', undefined, options)
  let { damagedRecords } = opened
  let isClosed = false

  const write = async (ops: readonly StoreOp[], operation: string, writeOptions?: AbortOptions) => {
    assertUsable(isClosed, operation, writeOptions)
    assertOps(ops, operation)
    await rpc.call(service, 'batch', ops.map(trimmed), writeOptions)
  }

  return Object.freeze({
    features: Object.freeze(opened.features),
    get damagedRecords() {
      return damagedRecords
    },
    async get(key: string, getOptions?: AbortOptions) {
      assertUsable(isClosed, 'store.get', getOptions)
      assertKey(key, 'store.get')
      return rpc.call<Bytes | undefined>(service, 'get', key, getOptions)
    },
    put: (key: string, value: Uint8Array, putOptions?: AbortOptions) => write([{ type: 'put', key, value }], 'store.put', putOptions),
    delete: (key: string, deleteOptions?: AbortOptions) => write([{ type: 'delete', key }], 'store.delete', deleteOptions),
    batch: (ops: readonly StoreOp[], batchOptions?: AbortOptions) => write(ops, 'store.batch', batchOptions),
    list(prefix: string, listOptions?: AbortOptions) {
      const keys = async () => {
        assertUsable(isClosed, 'store.list', listOptions)
        return rpc.call<string[]>(service, 'list', prefix, listOptions)
      }
      return iterateKeys(keys())
    },
    async compact() {
      assertUsable(isClosed, 'store.compact')
      damagedRecords = await rpc.call<number>(service, 'compact')
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await rpc.call(service, 'close')
      rpc.close()
    },
  })
}

/** Handlers that offer `store` to {@link openRemoteStore}; pass them to `RpcServer.serve`. */
export function serveStore(store: DualSide): RpcHandlers {
  return Object.freeze({
    open: (): Opened => ({ features: store.features, damagedRecords: store.damagedRecords ?? 0 }),
    get: async (key: string, { signal, transfer }) => {
      const value = await store.get(key, { signal })
      if (value !== undefined) transfer(value.buffer)
      return value
    },
    batch: (ops: readonly StoreOp[], { signal }) => store.batch(ops, { signal }),
    list: (prefix: string, { signal }) => collectKeys(store.list(prefix, { signal })),
    compact: async () => {
      if (store.compact === undefined) throw new LocketError('usage/unsupported', { operation: 'store.compact' })
      await store.compact()
      return store.damagedRecords ?? 0
    },
    close: () => store.close(),
  } satisfies RpcHandlers)
}

/** Cloning a view clones the whole buffer behind it. */
function trimmed(op: StoreOp): StoreOp {
  if (op.type === 'delete' || op.value.length === op.value.buffer.byteLength) return op
  return { ...op, value: op.value.slice() }
}
