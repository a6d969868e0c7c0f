import type { AbortOptions } from '../core/abort.ts'
import type { Clock } from '../core/capabilities.ts'
import { isLocketError, type LocketError } from '../core/errors.ts'
import type { RpcPort } from '../core/rpc.ts'
import type { Embedder } from '../embed/port.ts'
import type { BlobStore } from '../store/port.ts'
import { openVectorIndex, type PersistentVectorIndex } from '../vector-index/open-vector-index.ts'
import { openDeviceVectorIndex } from '../worker/open-device-vector-index.ts'
import { createSearch, type OwnedSearch } from './search.ts'

/** Newest version of the index this device has seen. In the vault, so that rolling the cache back is noticed. */
const INDEX_VERSION_KEY = 'index-version'

export type OpenedSearch = OwnedSearch & { close(): Promise<void> }

/**
 * Opens the index that an earlier run left, in the worker where there is one.
 * An index that is damaged, rolled back or of another model is reported and
 * started anew: it is only a way to the memories, which are all elsewhere.
 */
export async function openSearch(
  options: AbortOptions & {
    readonly vault: BlobStore
    readonly cache: BlobStore
    readonly embedder: Embedder
    readonly clock: Clock
    readonly worker: RpcPort | undefined
    readonly onWarning: (error: LocketError) => void
  },
): Promise<OpenedSearch> {
  const { vault, cache, embedder, clock, worker, onWarning, signal } = options
  const seen = await vault.get(INDEX_VERSION_KEY, { signal })
  const expectedVersion = seen === undefined ? 0 : new DataView(seen.buffer).getFloat64(0)
  const open = (startEmpty: boolean): Promise<PersistentVectorIndex> => {
    const index = { store: cache, dimensions: embedder.dimensions, model: embedder.id, startEmpty }
    const checked = startEmpty ? index : { ...index, expectedVersion }
    return worker === undefined ? openVectorIndex(checked, { signal }) : openDeviceVectorIndex({ ...checked, port: worker, signal })
  }
  let index: PersistentVectorIndex
  try {
    index = await open(false)
  } catch (error) {
    if (!isLocketError(error) || !isRebuildable(error)) throw error
    onWarning(error)
    index = await open(true)
  }
  const search = await createSearch({ vectorIndex: index, embedder, clock, onDegraded: onWarning })
  return Object.freeze({
    ...search,
    async flush() {
      const { version } = await index.flush()
      const encoded = new Uint8Array(8)
      new DataView(encoded.buffer).setFloat64(0, version)
      await vault.put(INDEX_VERSION_KEY, encoded)
      search.catchUpSoon()
    },
    close() {
      search.stop()
      return index.close()
    },
  })
}

function isRebuildable({ code }: LocketError): boolean {
  return code.startsWith('index/') || code.startsWith('codec/') || code === 'store/corrupt'
}
