import { isAbort } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { byteReader } from '../core/byte-reader.ts'
import type { PatchLocation } from './blob-id.ts'
import type { WalrusContext } from './context.ts'
import { geometryOf } from './geometry.ts'
import type { ColumnSource } from './quilt-index.ts'
import { whileBusy } from './while-busy.ts'
import { loadWalrusSdk } from './load-peers.ts'
import { readPatchColumns } from './quilt-reader.ts'
import type { Source } from './try-sources.ts'

const OPERATION = 'walrus.read'
const NODES = 'storage nodes'

/** How often slivers are drawn from random nodes before their lies count as everybody's. */
const DRAWS = 8

/**
 * The storage nodes as a source of one patch: its columns are secondary slivers
 * (the code is systematic), so nothing needs decoding, and each column names
 * the one node that served it. Does not survive that node being down: the
 * whole blob does.
 */
export function nodePatchSource(context: WalrusContext, patch: PatchLocation & { readonly identifier: string }): Source {
  return {
    name: `${NODES} (columns)`,
    async read(signal) {
      const geometry = geometryOf(context.network.nShards)
      const columns = new Map<number, Uint8Array>()
      const hosts = new Set<string>()
      const sdk = await context.sdk()
      const wanted = Array.from({ length: patch.endColumn - patch.startColumn }, (_, index) => patch.startColumn + index)
      await Promise.all(
        wanted.map(async (index) => {
          const sliver = await asSource(signal, () => sdk.getSecondarySliver({ blobId: patch.quiltId, index, signal }))
          const host = context.servedBy(patch.quiltId, geometry.nShards - index - 1)
          if (host !== undefined) hosts.add(host)
          columns.set(
            index,
            blaming(host, () => decodeSliver(sliver, index, geometry.rows)),
          )
        }),
      )
      const source = [...hosts].join(', ') || NODES
      const bytes = blaming(source, () => readPatchColumns(columnSource(columns, geometry), patch))
      return { bytes, source }
    },
  }
}

/**
 * The storage nodes as a source of whole blobs. The SDK decodes from any third
 * of the slivers and recomputes the blob id, so what comes back is proven.
 */
export function nodeBlobSource(context: WalrusContext, blobId: string): Source {
  return {
    name: NODES,
    isProven: true,
    async read(signal) {
      const sdk = await context.sdk()
      // Loads the WASM, so that from the first request on only the nodes can keep a read waiting.
      await sdk.computeBlobMetadata({ bytes: new Uint8Array(1), numShards: 10 })
      for (let attempt = 1; ; attempt++) {
        try {
          const bytes = await whileBusy(context, signal, (stop) => asSource(stop, () => sdk.readBlob({ blobId, signal: stop })))
          return { bytes: new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length), source: NODES }
        } catch (error) {
          // One lying node among those drawn spoils the decoding; the next draw is another one.
          if (!isLocketError(error, 'walrus/inconsistent') || attempt >= DRAWS) throw error
        }
      }
    },
  }
}

/** Runs the SDK and turns its failures into ours. */
async function asSource<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (isAbort(error, { signal }) || isLocketError(error)) throw error
    const code = await codeOf(error)
    throw new LocketError(code, { operation: OPERATION, details: { source: NODES }, cause: error })
  }
}

async function codeOf(error: unknown): Promise<'walrus/not-found' | 'walrus/inconsistent' | 'walrus/unavailable'> {
  const sdk = await loadWalrusSdk()
  if (error instanceof sdk.InconsistentBlobError) return 'walrus/inconsistent'
  if (error instanceof sdk.BlobNotCertifiedError || error instanceof sdk.NotFoundError) return 'walrus/not-found'
  const isKnown = error instanceof sdk.WalrusClientError || error instanceof sdk.StorageNodeError || error instanceof TypeError
  // What is left are bytes that do not parse or decode.
  return isKnown ? 'walrus/unavailable' : 'walrus/inconsistent'
}

/** BCS `SliverData`: data, symbol size, index. Must be the column asked for, and of full height. */
function decodeSliver(sliver: Uint8Array, index: number, rows: number): Uint8Array {
  const reader = byteReader(sliver, OPERATION)
  const data = reader.take(reader.uleb())
  const symbolBytes = reader.u16()
  const found = reader.u16()
  if (reader.remaining() > 0) throw new LocketError('codec/trailing-bytes', { operation: OPERATION })
  if (found !== index || symbolBytes === 0 || symbolBytes % 2 !== 0 || data.length !== symbolBytes * rows) {
    throw new LocketError('codec/invalid', { operation: OPERATION, message: 'not the column that was asked for', details: { index } })
  }
  return data
}

function columnSource(columns: ReadonlyMap<number, Uint8Array>, geometry: ReturnType<typeof geometryOf>): ColumnSource {
  const sizes = new Set([...columns.values()].map((column) => column.length))
  const columnBytes = [...sizes][0]
  if (sizes.size !== 1 || columnBytes === undefined) {
    throw new LocketError('codec/invalid', { operation: OPERATION, message: 'the columns differ in size' })
  }
  return {
    geometry,
    symbolBytes: columnBytes / geometry.rows,
    copy(column, offset, length) {
      const out = new Uint8Array(length)
      let at = column + Math.floor(offset / columnBytes)
      let within = offset % columnBytes
      for (let written = 0; written < length; at++, within = 0) {
        const part = (columns.get(at) as Uint8Array).subarray(within, within + length - written)
        out.set(part, written)
        written += part.length
      }
      return out
    },
  }
}

/** Adds the host to a decoding error: these bytes came from it. */
function blaming<T>(source: string | undefined, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (!isLocketError(error)) throw error
    throw new LocketError('walrus/inconsistent', { operation: OPERATION, details: { source: source ?? NODES }, cause: error })
  }
}
