import { type Bytes, toBase64Url } from '../../core/bytes.ts'
import { blobIdToInt } from './blob-id.ts'
import { type Geometry, symbolBytes } from './geometry.ts'
import { QuiltIndex, QuiltPatchId } from './wire-types.ts'

/** One file of a quilt. Columns count from 0; the end is exclusive. */
export type QuiltPatch = {
  readonly identifier: string
  readonly tags: ReadonlyMap<string, string>
  readonly startIndex: number
  readonly endIndex: number
}

/** A parsed quilt: its index, and its files on demand. */
export type Quilt = {
  readonly patches: readonly QuiltPatch[]
  /** The content of one file, without its header. */
  read(patch: QuiltPatch): Bytes
}

const VERSION = 1
const INDEX_PREFIX_BYTES = 5
const PATCH_HEADER_BYTES = 6
const HAS_TAGS = 1

/**
 * Reads the V1 quilt in a whole blob: a matrix of symbols stored row by row
 * whose content runs down the columns (`quilt_encoding.rs` of `walrus-core`).
 *
 * @returns `undefined` when the blob is not a quilt.
 */
export function parseQuilt(geometry: Geometry, blob: Uint8Array): Quilt | undefined {
  const symbol = symbolBytes(geometry, blob.length)
  const columnBytes = symbol * geometry.primarySymbols
  const rowBytes = symbol * geometry.secondarySymbols
  if (blob.length !== columnBytes * geometry.secondarySymbols) return undefined

  const readFrom = (column: number, offset: number, length: number): Bytes | undefined => {
    if (column * columnBytes + offset + length > blob.length) return undefined
    const out = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      const at = offset + done
      const symbolIndex = Math.floor(at / symbol)
      const row = symbolIndex % geometry.primarySymbols
      const source = row * rowBytes + (column + Math.floor(symbolIndex / geometry.primarySymbols)) * symbol + (at % symbol)
      const count = Math.min(symbol - (at % symbol), length - done)
      out.set(blob.subarray(source, source + count), done)
      done += count
    }
    return out
  }

  const prefix = readFrom(0, 0, INDEX_PREFIX_BYTES)
  if (prefix === undefined || prefix[0] !== VERSION) return undefined
  const indexLength = new DataView(prefix.buffer).getUint32(1, true)
  const indexBytes = readFrom(0, INDEX_PREFIX_BYTES, indexLength)
  if (indexBytes === undefined) return undefined
  let start = Math.ceil((INDEX_PREFIX_BYTES + indexLength) / columnBytes)
  const patches: QuiltPatch[] = []
  for (const { end_index, identifier, tags } of tryParseIndex(indexBytes)) {
    if (end_index <= start || end_index > geometry.secondarySymbols) return undefined
    patches.push({ identifier, tags, startIndex: start, endIndex: end_index })
    start = end_index
  }
  if (patches.length === 0) return undefined
  return {
    patches,
    read(patch) {
      const need = (offset: number, length: number): Bytes => readFrom(patch.startIndex, offset, length) ?? new Uint8Array(length)
      const header = new DataView(need(0, PATCH_HEADER_BYTES).buffer)
      const end = PATCH_HEADER_BYTES + header.getUint32(1, true)
      let offset = PATCH_HEADER_BYTES
      const skipField = (): void => void (offset += 2 + new DataView(need(offset, 2).buffer).getUint16(0, true))
      skipField()
      if ((header.getUint8(5) & HAS_TAGS) !== 0) skipField()
      return need(offset, Math.max(0, end - offset))
    },
  }
}

/** The text form of a quilt patch id, 37 bytes in base64url. */
export function formatPatchId(quiltId: string, patch: { readonly startIndex: number; readonly endIndex: number }): string {
  return toBase64Url(
    QuiltPatchId.serialize({
      quilt_id: blobIdToInt(quiltId) ?? 0n,
      version: VERSION,
      start_index: patch.startIndex,
      end_index: patch.endIndex,
    }).toBytes(),
  )
}

function tryParseIndex(bytes: Uint8Array): (typeof QuiltIndex.$inferType)['patches'] {
  try {
    return QuiltIndex.parse(bytes).patches
  } catch {
    return []
  }
}
