import { type AbortOptions, throwIfAborted } from '../core/abort.ts'
import { LocketError } from '../core/errors.ts'
import { createRpcClient, type RpcHandlers, type RpcPort } from '../core/rpc.ts'
import type { PersistentVectorIndex, SavedIndex } from './open-vector-index.ts'
import type { VectorHit, VectorIndex, VectorIndexStats } from './port.ts'
import type { VectorEntry } from './put-entries.ts'

/** The name an index is served under unless another is given. */
const DEFAULT_SERVICE = 'vector-index'

type SearchRequest = { readonly query: Float32Array; readonly k: number; readonly allow?: readonly string[] | undefined }

/**
 * Handlers that offer `index` to {@link createRemoteVectorIndex} on the other
 * side of a port; pass them to `RpcServer.serve`. `flush`, `saved` and `ids` are
 * offered if the index is a persistent one.
 */
export function serveVectorIndex(index: VectorIndex | PersistentVectorIndex): RpcHandlers {
  const handlers = {
    put: (entries: readonly VectorEntry[], { signal }) => index.put(entries, { signal }),
    remove: (ids: readonly string[], { signal }) => index.remove(ids, { signal }),
    search: ({ query, k, allow }: SearchRequest, { signal }) => index.search(query, { k, allow, signal }),
    stats: () => index.stats(),
    close: () => index.close(),
  } satisfies RpcHandlers
  if (!('flush' in index)) return Object.freeze(handlers)
  return Object.freeze({
    ...handlers,
    flush: (mark: number | undefined, { signal }) => index.flush({ mark, signal }),
    saved: () => index.saved(),
    ids: () => index.ids(),
  } satisfies RpcHandlers)
}

export type RemoteVectorIndexOptions = {
  readonly port: RpcPort
  /** The name it is served under. Default `vector-index`. */
  readonly service?: string | undefined
}

/**
 * The index that {@link serveVectorIndex} offers at the other end of `port`.
 * Errors keep their code; `worker/failed` says that the other end is gone.
 * Where the served index is not persistent, `flush`, `saved` and `ids` reject
 * with `usage/unsupported`. The port stays open when the index is closed.
 */
export function createRemoteVectorIndex(options: RemoteVectorIndexOptions): PersistentVectorIndex {
  const { port, service = DEFAULT_SERVICE } = options
  const rpc = createRpcClient(port)
  let closing: Promise<void> | undefined

  async function call<T>(method: string, argument?: unknown, abort?: AbortOptions): Promise<T> {
    throwIfAborted(abort)
    if (closing !== undefined) throw new LocketError('usage/closed', { operation: `vectorIndex.${method}` })
    return rpc.call<T>(service, method, argument, { signal: abort?.signal })
  }

  return Object.freeze({
    put: (entries, abort) => call<void>('put', entries.map(trimmed), abort),
    remove: (ids, abort) => call<void>('remove', ids, abort),
    search: (query, { k, allow, signal }) => call<readonly VectorHit[]>('search', { query: ownBuffer(query), k, allow }, { signal }),
    stats: () => call<VectorIndexStats>('stats'),
    flush: ({ mark, signal } = {}) => call<SavedIndex>('flush', mark, { signal }),
    saved: () => call<SavedIndex>('saved'),
    ids: () => call<readonly string[]>('ids'),
    close() {
      closing ??= rpc.call<void>(service, 'close').finally(() => rpc.close())
      return closing
    },
  } satisfies PersistentVectorIndex)
}

/** Cloning a view clones the whole buffer behind it. */
function ownBuffer(vector: Float32Array): Float32Array {
  return vector.byteLength === vector.buffer.byteLength ? vector : vector.slice()
}

function trimmed({ id, vector }: VectorEntry): VectorEntry {
  return { id, vector: ownBuffer(vector) }
}
