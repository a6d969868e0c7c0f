import type { AbortOptions } from '../core/abort.ts'
import type { Clock, Entropy } from '../core/capabilities.ts'
import type { RpcPort } from '../core/rpc.ts'
import type { DualHealth } from '../store/dual-heal.ts'
import type { DualStore } from '../store/dual.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { BlobStore } from '../store/port.ts'
import type { Tabs } from '../tabs/port.ts'

/** Where a locket keeps itself on this device. */
export type LocketStorage = {
  /** Said in `status`: whether memories outlive the process. */
  readonly isDurable: boolean
  open(options: OpenStorageOptions): Promise<OpenedStorage>
  /** How the tabs that open this storage find each other, where several may: they share one locket. Without it, one opens it at a time. */
  readonly tabs?: Tabs | undefined
  /** Removes everything kept under `name`, beyond recall. The locket must be closed. */
  destroy(name: string): Promise<void>
}

export type OpenStorageOptions = AbortOptions & {
  readonly name: string
  readonly clock: Clock
  readonly entropy: Entropy
  /** The device worker, where the platform has one. */
  readonly worker?: RpcPort | undefined
}

export type OpenedStorage = {
  /** Kept in two places that fail apart, where the platform offers two. */
  readonly vault: BlobStore
  /** What the network can give back. */
  readonly cache: BlobStore
  readonly repair?: DualStore['repair'] | undefined
  /** What opening found damaged or missing, and mended. */
  readonly health?: DualHealth | undefined
}

/**
 * Keeps everything in this process and nothing after it. For trying things
 * out and for tests; opening the same storage again finds what it held.
 */
export function memoryStorage(): LocketStorage {
  const kept = new Map<string, { readonly vault: BlobStore; readonly cache: BlobStore }>()
  return Object.freeze<LocketStorage>({
    isDurable: false,
    async open({ name }) {
      const stores = kept.get(name) ?? { vault: createMemoryStore(), cache: createMemoryStore() }
      kept.set(name, stores)
      return { vault: keptOpen(stores.vault), cache: keptOpen(stores.cache) }
    },
    async destroy(name) {
      kept.delete(name)
    },
  })
}

/** The store itself stays open for whoever opens the storage next. */
function keptOpen(store: BlobStore): BlobStore {
  return Object.freeze({ ...store, close: async () => undefined })
}
