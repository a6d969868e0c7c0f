import type { Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { byteReader } from '../core/byte-reader.ts'
import { type ColumnSource, type QuiltEntry, quiltColumns, readIndexColumns, spells } from './quilt-index.ts'
import { PATCH_HEADER_BYTES } from './quilt-limits.ts'

const OPERATION = 'walrus.readPatch'
const PATCH_VERSION = 1
const HAS_TAGS = 1

/** One patch read from a quilt. */
export type QuiltPatch = QuiltEntry & { readonly bytes: Bytes }

/**
 * Reads every patch of a QuiltV1 quilt from untrusted bytes.
 *
 * Own code rather than the SDK's, whose reader returns zeros for the tail of
 * patches that spill into one more column. What comes back is well formed, not
 * authentic: the caller opens each patch under its key.
 *
 * @throws {LocketError} `codec/*` if the bytes are no quilt, `walrus/inconsistent` if index and patch headers disagree.
 */
export function readQuilt(bytes: Uint8Array, options: { readonly nShards: number }): readonly QuiltPatch[] {
  const source = quiltColumns(bytes, options)
  return readIndexColumns(source).entries.map((entry) => ({ ...entry, bytes: readPatchColumns(source, entry) }))
}

/**
 * Reads one patch of a quilt by its identifier.
 *
 * @returns `undefined` if the index does not name it.
 * @throws {LocketError} as {@link readQuilt}.
 */
export function readPatch(bytes: Uint8Array, identifier: string, options: { readonly nShards: number }): Bytes | undefined {
  const source = quiltColumns(bytes, options)
  const entry = readIndexColumns(source).entries.find((candidate) => candidate.identifier === identifier)
  return entry === undefined ? undefined : readPatchColumns(source, entry)
}

/**
 * Reads the patch an index entry points to. Allocates at most the patch's own columns.
 *
 * @throws {LocketError} `codec/unknown-version`, `codec/invalid`, `codec/too-large` if the header does not fit the
 * columns; `walrus/inconsistent` if it names another identifier.
 */
export function readPatchColumns(source: ColumnSource, entry: QuiltEntry): Bytes {
  const columnBytes = source.symbolBytes * source.geometry.rows
  const room = (entry.endColumn - entry.startColumn) * columnBytes
  const header = byteReader(source.copy(entry.startColumn, 0, Math.min(PATCH_HEADER_BYTES, room)), OPERATION)
  const version = header.u8()
  if (version !== PATCH_VERSION) throw new LocketError('codec/unknown-version', { operation: OPERATION, details: { version } })
  const length = header.u32()
  const flags = header.u8()
  if ((flags & ~HAS_TAGS) !== 0)
    throw new LocketError('codec/invalid', { operation: OPERATION, message: 'unknown flags', details: { flags } })
  if (length > room - PATCH_HEADER_BYTES) {
    throw new LocketError('codec/too-large', {
      operation: OPERATION,
      details: { limitBytes: room - PATCH_HEADER_BYTES, sizeBytes: length },
    })
  }
  // A patch that needs fewer columns than its entry claims did not come from a QuiltV1 encoder.
  if (Math.ceil((PATCH_HEADER_BYTES + length) / columnBytes) !== entry.endColumn - entry.startColumn) {
    throw new LocketError('walrus/inconsistent', { operation: OPERATION, message: 'index and patch disagree about the length' })
  }
  // Identifier and tags alone first, so that the content is gathered once, into an array of its own.
  const prefixBytes = nameAndTagsBytes(source, entry, length, (flags & HAS_TAGS) !== 0)
  const body = byteReader(source.copy(entry.startColumn, PATCH_HEADER_BYTES, prefixBytes), OPERATION)
  const name = byteReader(body.take(body.u16()), OPERATION)
  const identifier = name.take(name.uleb())
  if (name.remaining() > 0 || !spells(identifier, entry.identifier)) {
    throw new LocketError('walrus/inconsistent', { operation: OPERATION, message: 'index and patch disagree about the identifier' })
  }
  return source.copy(entry.startColumn, PATCH_HEADER_BYTES + prefixBytes, length - prefixBytes)
}

/** Bytes before the content: two lengths, and what they announce. Inside the `length` bytes that are there. */
function nameAndTagsBytes(source: ColumnSource, entry: QuiltEntry, length: number, hasTags: boolean): number {
  let at = 0
  for (let parts = hasTags ? 2 : 1; parts > 0; parts--) {
    const announced = source.copy(entry.startColumn, PATCH_HEADER_BYTES + at, Math.max(0, Math.min(2, length - at)))
    at += 2 + byteReader(announced, OPERATION).u16()
  }
  if (at > length) throw new LocketError('codec/truncated', { operation: OPERATION, details: { needed: at, left: length } })
  return at
}
