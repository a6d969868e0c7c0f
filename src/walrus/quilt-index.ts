import { equalBytes, fromUtf8, utf8, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { byteReader } from '../core/byte-reader.ts'
import { type Geometry, geometryOf, maxBlobBytes } from './geometry.ts'
import { INDEX_PREFIX_BYTES, MAX_INDEX_COLUMNS } from './quilt-limits.ts'

const OPERATION = 'walrus.readQuiltIndex'
const QUILT_VERSION = 1

/** One line of a quilt's index. */
export type QuiltEntry = {
  readonly identifier: string
  /** First column of the patch. */
  readonly startColumn: number
  /** Column after its last. */
  readonly endColumn: number
}

/** What a quilt says it holds. Not authenticated by itself. */
export type QuiltIndex = {
  readonly geometry: Geometry
  readonly symbolBytes: number
  readonly entries: readonly QuiltEntry[]
}

/** A matrix of columns to read from: a whole quilt, or some columns fetched one by one. */
export type ColumnSource = {
  readonly geometry: Geometry
  readonly symbolBytes: number
  /** Copies `length` bytes of the column-major stream that starts at `column`. The caller has checked the bounds. */
  copy(column: number, offset: number, length: number): Bytes
}

/**
 * The columns of a whole quilt. QuiltV1 lays symbols row by row but fills
 * patches column by column, so a patch is scattered over all rows.
 *
 * @throws {LocketError} `codec/invalid` if the length is no whole matrix of even symbols, `codec/too-large` above the largest blob.
 */
export function quiltColumns(bytes: Uint8Array, options: { readonly nShards: number }): ColumnSource {
  const geometry = geometryOf(options.nShards)
  const { rows, columns } = geometry
  const limitBytes = maxBlobBytes(geometry)
  if (bytes.length > limitBytes) throw new LocketError('codec/too-large', { operation: OPERATION, details: { limitBytes } })
  const symbolBytes = bytes.length / (rows * columns)
  if (bytes.length === 0 || symbolBytes % 2 !== 0) {
    throw new LocketError('codec/invalid', {
      operation: OPERATION,
      message: 'the length is not that of a quilt',
      details: { sizeBytes: bytes.length, rows, columns },
    })
  }
  const rowBytes = symbolBytes * columns
  return {
    geometry,
    symbolBytes,
    copy(column, offset, length) {
      const out = new Uint8Array(length)
      const symbol = Math.floor(offset / symbolBytes)
      let row = symbol % rows
      let within = offset % symbolBytes
      /** Where the symbol lies in the matrix. */
      let at = row * rowBytes + (column + Math.floor(symbol / rows)) * symbolBytes
      let written = 0
      while (written < length) {
        const end = Math.min(written + symbolBytes - within, length)
        let from = at + within
        // PERF: symbols are often a dozen bytes, and a view of them costs more than copying them one by one.
        if (end - written > 64) out.set(bytes.subarray(from, from + end - written), written)
        else for (let to = written; to < end; to++) out[to] = bytes[from++] as number
        written = end
        within = 0
        at += rowBytes
        if (++row < rows) continue
        row = 0
        at += symbolBytes - rows * rowBytes
      }
      return out
    },
  }
}

/**
 * Reads the index of a QuiltV1 quilt from untrusted bytes.
 *
 * Strict: the index must fit ten columns, hold at least one entry, end where
 * its length says, give each entry at least one column after the previous one,
 * and name no identifier twice. Tags are passed over: Locket writes none.
 * Allocates no more than the index's own columns.
 *
 * @throws {LocketError} `codec/unknown-version`, `codec/too-large`, `codec/truncated`, `codec/trailing-bytes`, `codec/invalid`.
 */
export function readQuiltIndex(bytes: Uint8Array, options: { readonly nShards: number }): QuiltIndex {
  return readIndexColumns(quiltColumns(bytes, options))
}

/** {@link readQuiltIndex} over any source of columns. */
export function readIndexColumns(source: ColumnSource): QuiltIndex {
  const { geometry, symbolBytes } = source
  const columnBytes = symbolBytes * geometry.rows
  // At the smallest shard counts a quilt has fewer than ten columns.
  const limitBytes = Math.min(MAX_INDEX_COLUMNS, geometry.columns - 1) * columnBytes - INDEX_PREFIX_BYTES
  const prefix = byteReader(source.copy(0, 0, Math.min(INDEX_PREFIX_BYTES, Math.max(0, limitBytes + INDEX_PREFIX_BYTES))), OPERATION)
  const version = prefix.u8()
  if (version !== QUILT_VERSION) throw new LocketError('codec/unknown-version', { operation: OPERATION, details: { version } })
  const indexBytes = prefix.u32()
  if (indexBytes > limitBytes)
    throw new LocketError('codec/too-large', { operation: OPERATION, details: { limitBytes, sizeBytes: indexBytes } })

  const reader = byteReader(source.copy(0, INDEX_PREFIX_BYTES, indexBytes), OPERATION)
  const count = reader.uleb()
  if (count === 0 || count > geometry.columns - 1) throw invalid('the number of patches is impossible', { count })
  const entries: QuiltEntry[] = []
  const seen = new Set<string>()
  let startColumn = Math.ceil((INDEX_PREFIX_BYTES + indexBytes) / columnBytes)
  for (let index = 0; index < count; index++) {
    const endColumn = reader.u16()
    const identifier = fromUtf8(reader.take(reader.uleb()))
    for (let tags = reader.uleb(); tags > 0; tags--) {
      reader.take(reader.uleb())
      reader.take(reader.uleb())
    }
    if (endColumn <= startColumn || endColumn > geometry.columns) throw invalid('the columns of a patch are impossible', { index })
    if (seen.has(identifier)) throw invalid('an identifier appears twice', { index })
    seen.add(identifier)
    entries.push({ identifier, startColumn, endColumn })
    startColumn = endColumn
  }
  if (reader.remaining() > 0) throw new LocketError('codec/trailing-bytes', { operation: OPERATION, details: { left: reader.remaining() } })
  return { geometry, symbolBytes, entries }
}

/** Whether bytes spell exactly this text. */
export function spells(bytes: Uint8Array, text: string): boolean {
  return equalBytes(bytes, utf8(text))
}

function invalid(message: string, details: { readonly [name: string]: number }): LocketError {
  return new LocketError('codec/invalid', { operation: OPERATION, message, details })
}
