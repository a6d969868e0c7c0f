import { type Bytes, concatBytes, fromBase64Url, toBase64Url } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { byteReader } from '../core/byte-reader.ts'

const BLOB_ID_BYTES = 32
const PATCH_ID_BYTES = 37

/** Where a patch lies: its quilt and its columns. */
export type PatchLocation = { readonly quiltId: string; readonly startColumn: number; readonly endColumn: number }

/** Whether `text` is a blob id: 32 bytes in base64url without padding. */
export function isBlobId(text: string): boolean {
  return decoded(text)?.length === BLOB_ID_BYTES
}

/**
 * The 32 bytes of a blob id.
 *
 * @throws {LocketError} `codec/invalid` if it is none.
 */
export function parseBlobId(text: string): Bytes {
  const bytes = decoded(text)
  if (bytes?.length !== BLOB_ID_BYTES) throw new LocketError('codec/invalid', { operation: 'walrus.parseBlobId', message: 'not a blob id' })
  return bytes
}

/** The id aggregators know a patch by: BCS of quilt id, version 1 and columns, in base64url; 37 bytes. */
export function formatPatchId(location: PatchLocation): string {
  const tail = new Uint8Array(5)
  const view = new DataView(tail.buffer)
  view.setUint8(0, 1)
  view.setUint16(1, location.startColumn, true)
  view.setUint16(3, location.endColumn, true)
  return toBase64Url(concatBytes(parseBlobId(location.quiltId), tail))
}

/**
 * Takes a patch id apart.
 *
 * @throws {LocketError} `codec/invalid` if it is none, `codec/unknown-version` if not of QuiltV1.
 */
export function parsePatchId(text: string): PatchLocation {
  const operation = 'walrus.parsePatchId'
  const bytes = decoded(text)
  if (bytes?.length !== PATCH_ID_BYTES) throw new LocketError('codec/invalid', { operation, message: 'not a quilt patch id' })
  const reader = byteReader(bytes, operation)
  const quiltId = toBase64Url(reader.take(BLOB_ID_BYTES))
  const version = reader.u8()
  if (version !== 1) throw new LocketError('codec/unknown-version', { operation, details: { version } })
  const startColumn = reader.u16()
  const endColumn = reader.u16()
  if (startColumn === 0 || endColumn <= startColumn) {
    throw new LocketError('codec/invalid', { operation, message: 'the columns of a patch are impossible' })
  }
  return { quiltId, startColumn, endColumn }
}

function decoded(text: string): Bytes | undefined {
  try {
    return fromBase64Url(text)
  } catch {
    return undefined
  }
}
