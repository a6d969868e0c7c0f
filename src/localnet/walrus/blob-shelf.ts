import type { Bytes } from '../../core/bytes.ts'
import { blobIdOfMetadata, blobIdToBytes, blobIdToInt } from './blob-id.ts'
import type { EncodedBlob, Encoder } from './encoder.ts'
import type { Geometry } from './geometry.ts'

/** Which of the two slivers of a pair. */
export type SliverKind = 'primary' | 'secondary'

/**
 * What the storage nodes hold, all of them together. Blobs that arrive whole are
 * kept whole and encoded only when a client asks for slivers; blobs that arrive
 * in slivers are kept as slivers and decoded only when an aggregator asks.
 */
export type BlobShelf = {
  /** Stores a whole blob on every node. The id must be the blob's. */
  putWhole(blobId: string, bytes: Bytes): void
  /** Stores metadata, BCS `BlobMetadata`, on one node. `false` if it is not this blob's. */
  putMetadata(blobId: string, nodeIndex: number, metadata: Bytes): boolean
  /** Stores one sliver with the node whose shard it is for. */
  putSliver(blobId: string, kind: SliverKind, pairIndex: number, sliver: Bytes): void
  /** Whether the node can serve its metadata. */
  hasMetadata(blobId: string, nodeIndex: number): boolean
  hasSliver(blobId: string, kind: SliverKind, pairIndex: number): boolean
  /** BCS `BlobMetadata`. Any node that lost it recovers it from the others. */
  metadata(blobId: string): Bytes | undefined
  /** BCS `SliverData`, recovered from other slivers if it was never uploaded. */
  sliver(blobId: string, kind: SliverKind, pairIndex: number): Bytes | undefined
  /** The whole blob. `undefined` if there is too little of it, `'inconsistent'` if its slivers spell something else. */
  whole(blobId: string): Bytes | 'inconsistent' | undefined
  /** Ids of all blobs held. */
  ids(): readonly string[]
  /** Lets go of every blob that `keep` refuses. */
  retain(keep: (blobId: string) => boolean): void
}

type Entry = {
  whole: Bytes | 'inconsistent' | undefined
  metadata: Bytes | undefined
  sizeBytes: number
  readonly metadataAt: Set<number>
  readonly primary: Map<number, Bytes>
  readonly secondary: Map<number, Bytes>
}

/** Encoded forms kept ready; one costs several times its blob. */
const ENCODED_KEPT = 4

/** An empty shelf. */
export function createBlobShelf(encoder: Encoder, geometry: Geometry): BlobShelf {
  const entries = new Map<string, Entry>()
  const encodedCache = new Map<string, EncodedBlob>()

  const entryOf = (blobId: string): Entry => {
    let entry = entries.get(blobId)
    if (entry === undefined) {
      entry = { whole: undefined, metadata: undefined, sizeBytes: 0, metadataAt: new Set(), primary: new Map(), secondary: new Map() }
      entries.set(blobId, entry)
    }
    return entry
  }
  const whole = (blobId: string): Bytes | 'inconsistent' | undefined => {
    const entry = entries.get(blobId)
    if (entry === undefined || entry.whole !== undefined) return entry?.whole
    const idBytes = blobIdToBytes(blobId)
    if (idBytes === undefined || entry.metadata === undefined || entry.primary.size < geometry.primarySymbols) return undefined
    entry.whole = decodeChecked(encoder, blobId, idBytes, entry)
    return entry.whole
  }
  const encoded = (blobId: string): EncodedBlob | undefined => {
    const bytes = whole(blobId)
    if (bytes === undefined || bytes === 'inconsistent') return undefined
    let found = encodedCache.get(blobId)
    if (found === undefined) {
      found = encoder.encode(bytes)
      encodedCache.set(blobId, found)
      const [oldest] = encodedCache.keys()
      if (encodedCache.size > ENCODED_KEPT && oldest !== undefined) encodedCache.delete(oldest)
    }
    return found
  }
  return Object.freeze<BlobShelf>({
    putWhole: (blobId, bytes) => void (entryOf(blobId).whole = bytes),
    putMetadata(blobId, nodeIndex, metadata) {
      const described = blobIdOfMetadata(metadata)
      if (described === undefined || described.blobId !== blobIdToInt(blobId) || described.pairs !== geometry.nShards) return false
      const entry = entryOf(blobId)
      entry.metadata = metadata
      entry.sizeBytes = Number(described.sizeBytes)
      entry.metadataAt.add(nodeIndex)
      return true
    },
    putSliver(blobId, kind, pairIndex, sliver) {
      const entry = entryOf(blobId)
      entry[kind].set(pairIndex, sliver)
      if (entry.whole === 'inconsistent') entry.whole = undefined
    },
    hasMetadata(blobId, nodeIndex) {
      const entry = entries.get(blobId)
      return entry !== undefined && (isWhole(entry) || entry.metadataAt.has(nodeIndex))
    },
    hasSliver(blobId, kind, pairIndex) {
      const entry = entries.get(blobId)
      return entry !== undefined && (isWhole(entry) || entry[kind].has(pairIndex))
    },
    metadata: (blobId) => entries.get(blobId)?.metadata ?? encoded(blobId)?.metadata,
    sliver: (blobId, kind, pairIndex) => entries.get(blobId)?.[kind].get(pairIndex) ?? encoded(blobId)?.[kind][pairIndex],
    whole,
    ids: () => [...entries.keys()],
    retain(keep) {
      for (const blobId of entries.keys()) {
        if (keep(blobId)) continue
        entries.delete(blobId)
        encodedCache.delete(blobId)
      }
    },
  })
}

function isWhole(entry: Entry): boolean {
  return entry.whole !== undefined && entry.whole !== 'inconsistent'
}

function decodeChecked(encoder: Encoder, blobId: string, idBytes: Bytes, entry: Entry): Bytes | 'inconsistent' {
  try {
    const bytes = encoder.decode(idBytes, entry.sizeBytes, [...entry.primary.values()])
    return encoder.blobIdOf(bytes) === blobId ? bytes : 'inconsistent'
  } catch {
    return 'inconsistent'
  }
}
