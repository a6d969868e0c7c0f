import type { AbortOptions } from '../core/abort.ts'
import { copyBytes, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { aggregatorSource } from './aggregator-source.ts'
import { parseBlobId } from './blob-id.ts'
import type { ByteCache } from './byte-cache.ts'
import type { WalrusContext } from './context.ts'
import { createLimiter } from './limiter.ts'
import { nodeBlobSource, nodePatchSource } from './node-source.ts'
import { readPatch } from './quilt-reader.ts'
import { createSourceHealth } from './source-health.ts'
import { type Source, trySources } from './try-sources.ts'

/**
 * Opens bytes from an untrusted source, typically by decrypting them; it does not change them. Throwing
 * `crypto/open-failed` or `codec/*` says "not what was written": the next
 * source is tried. Anything else it throws ends the read.
 */
export type Authenticate<T> = (bytes: Bytes) => Promise<T> | T

export type ReadBlobOptions<T> = AbortOptions & {
  readonly blobId: string
  /** Without it, the blob id is recomputed from the bytes (1.5 s of CPU at 1000 shards, loads the SDK). */
  readonly authenticate?: Authenticate<T> | undefined
}

export type ReadPatchOptions<T> = AbortOptions & {
  readonly quiltId: string
  readonly identifier: string
  /** Where the patch lies, if known: saves an index lookup and lets storage nodes serve just its columns. */
  readonly columns?: { readonly start: number; readonly end: number } | undefined
  readonly authenticate: Authenticate<T>
}

/** Reads blobs and patches from whoever has them. */
export type WalrusReader = {
  readBlob(options: AbortOptions & { readonly blobId: string }): Promise<Bytes>
  readBlob<T>(options: ReadBlobOptions<T> & { readonly authenticate: Authenticate<T> }): Promise<T>
  readPatch<T>(options: ReadPatchOptions<T>): Promise<T>
}

/** Reads going on at once. Each may hold a whole quilt. */
const CONCURRENT_READS = 6

/** The cache's name among the sources. */
const CACHE = 'cache'

/** Reads through aggregators first, then storage nodes; remembers which do well. */
export function createReader(context: WalrusContext, cache: ByteCache | undefined): WalrusReader {
  const health = createSourceHealth(context.clock)
  const limit = createLimiter(CONCURRENT_READS)
  const { aggregators } = context.network

  const blobSources = (blobId: string): Source[] => [
    ...aggregators.map((url) => aggregatorSource(context, url, { kind: 'blob', blobId })),
    nodeBlobSource(context, blobId),
  ]

  async function readBlob<T>(options: ReadBlobOptions<T>): Promise<T | Bytes> {
    const { blobId, authenticate, signal } = options
    parseBlobId(blobId)
    const key = `blob/${blobId}`
    return limit(
      () =>
        trySources<T | Bytes>(
          context,
          health,
          withCache(cache, key, blobSources(blobId)),
          ({ bytes }, source) =>
            keeping<T | Bytes>(cache, key, bytes, source, async () => {
              if (authenticate !== undefined) return authenticate(bytes)
              if (source.isProven !== true) await proveBlob(context, bytes, blobId, source.name)
              return copyBytes(bytes)
            }),
          { operation: 'walrus.readBlob', signal },
        ),
      signal,
    )
  }

  async function readPatchFrom<T>(options: ReadPatchOptions<T>): Promise<T> {
    const { quiltId, identifier, columns, authenticate, signal } = options
    parseBlobId(quiltId)
    const location = columns && { quiltId, startColumn: columns.start, endColumn: columns.end }
    const key = `patch/${quiltId}/${identifier}`
    return limit(() => {
      const sources: Source[] = aggregators.map((url) =>
        aggregatorSource(context, url, location ? { kind: 'patch', location } : { kind: 'patch-by-name', quiltId, identifier }),
      )
      if (location !== undefined) sources.push(nodePatchSource(context, { ...location, identifier }))
      sources.push(wholeQuilt(context, quiltId, identifier))
      return trySources(
        context,
        health,
        withCache(cache, key, sources),
        ({ bytes }, source) => keeping(cache, key, bytes, source, async () => authenticate(bytes)),
        { operation: 'walrus.readPatch', signal },
      )
    }, signal)
  }

  return Object.freeze<WalrusReader>({ readBlob: readBlob, readPatch: readPatchFrom })
}

/** The last resort: the whole quilt from the storage nodes, proven by its id, read by our own reader. */
function wholeQuilt(context: WalrusContext, quiltId: string, identifier: string): Source {
  const blob = nodeBlobSource(context, quiltId)
  return {
    ...blob,
    async read(signal) {
      const { bytes, source } = await blob.read(signal)
      const patch = readPatch(bytes, identifier, { nShards: context.network.nShards })
      // Proven bytes without the patch: nobody has it.
      if (patch === undefined) {
        throw new LocketError('walrus/not-found', {
          operation: 'walrus.readPatch',
          message: 'the quilt has no such patch',
          details: { source },
        })
      }
      return { bytes: patch, source }
    },
  }
}

async function proveBlob(context: WalrusContext, bytes: Bytes, blobId: string, source: string): Promise<void> {
  const sdk = await context.sdk()
  const computed = await sdk.computeBlobMetadata({ bytes, numShards: context.network.nShards })
  if (computed.blobId === blobId) return
  throw new LocketError('walrus/inconsistent', { operation: 'walrus.readBlob', details: { source, blobId } })
}

/** What the cache holds is as untrusted as what a host sends: it is opened again, and dropped if it does not open. */
function withCache(cache: ByteCache | undefined, key: string, sources: readonly Source[]): readonly Source[] {
  const bytes = cache?.get(key)
  return bytes === undefined ? sources : [{ name: CACHE, read: () => Promise.resolve({ bytes, source: CACHE }) }, ...sources]
}

/** Opens bytes, and keeps the cache to what opened last. */
async function keeping<T>(cache: ByteCache | undefined, key: string, bytes: Bytes, source: Source, open: () => Promise<T>): Promise<T> {
  try {
    const value = await open()
    if (source.name !== CACHE) cache?.set(key, bytes)
    return value
  } catch (error) {
    if (source.name === CACHE) cache?.delete(key)
    throw error
  }
}
