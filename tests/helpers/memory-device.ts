import { systemClock, type Entropy } from '../../src/core/capabilities.ts'
import { createEmitter } from '../../src/core/emitter.ts'
import { createMutex } from '../../src/core/mutex.ts'
import { createAead } from '../../src/crypto/aead.ts'
import { createHashingEmbedder } from '../../src/embed/hashing.ts'
import { createCatalog } from '../../src/memory/catalog.ts'
import { createEnvelope } from '../../src/memory/envelope.ts'
import type { MemoryEvents } from '../../src/memory/events.ts'
import { loadRecords } from '../../src/memory/load.ts'
import type { Search } from '../../src/memory/ports.ts'
import { loadSpaces, loadTombstones, type MemoryState } from '../../src/memory/state.ts'
import { createHybridSearch } from '../../src/search/hybrid.ts'
import { createKeywordIndex } from '../../src/search/keyword-index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { BlobStore } from '../../src/store/port.ts'
import { exactIndex } from './exact-index.ts'
import type { FakeNetwork } from './fake-network.ts'

export type Disk = { readonly vault: BlobStore; readonly cache: BlobStore }

export function emptyDisk(): Disk {
  return { vault: createMemoryStore(), cache: createMemoryStore() }
}

/** One device of the memory engine over a fake network: opening it again on the same disk is a restart. */
export async function openDevice(network: FakeNetwork, entropy: Entropy, disk: Disk = emptyDisk(), address?: string): Promise<MemoryState> {
  const embedder = createHashingEmbedder()
  const hybrid = createHybridSearch({ vectorIndex: exactIndex(embedder.dimensions), embedder, keywordIndex: createKeywordIndex() })
  const search: Search = {
    put: async (documents) => void (await hybrid.index(documents)),
    load: async (documents) => void (await hybrid.index(documents)),
    remove: (ids) => hybrid.remove(ids),
    search: (options) => hybrid.search(options),
    flush: async () => undefined,
  }
  const state: MemoryState = {
    ...disk,
    catalog: createCatalog(),
    tombstones: await loadTombstones(disk.vault),
    spaces: await loadSpaces(disk.vault),
    envelope: createEnvelope({ aead: createAead(), entropy }),
    network: network.device(address),
    search,
    embedder,
    clock: systemClock(),
    entropy,
    events: createEmitter<MemoryEvents>(),
    writing: createMutex(),
    uploading: createMutex(),
  }
  await loadRecords(state)
  return state
}
