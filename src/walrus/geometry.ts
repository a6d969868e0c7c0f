import { LocketError } from '../core/errors.ts'

/** Walrus sells storage in units of 1 MiB of encoded size. */
export const STORAGE_UNIT_BYTES: number = 1024 * 1024

/** RS2 symbols are an even number of bytes that fits u16. */
const MAX_SYMBOL_BYTES = 65_534

/** A blob is encoded as a matrix of `rows` by `columns` source symbols. */
export type Geometry = {
  readonly nShards: number
  /** Primary source symbols; 334 at 1000 shards. Also the height of a quilt's columns. */
  readonly rows: number
  /** Secondary source symbols; 667 at 1000 shards. A quilt gives each patch whole columns. */
  readonly columns: number
}

/**
 * The matrix a committee of `nShards` shards encodes blobs into (Red Stuff with
 * Reed-Solomon, `RS2`): with f = floor((n-1)/3) faulty shards, n - 2f rows and n - f columns.
 *
 * @throws {LocketError} `usage/invalid-argument` if `nShards` is not an integer from 1 to 65,535.
 */
export function geometryOf(nShards: number): Geometry {
  if (!Number.isInteger(nShards) || nShards < 1 || nShards > 0xffff) {
    throw new LocketError('usage/invalid-argument', {
      operation: 'walrus.geometry',
      message: 'nShards is not an integer from 1 to 65535',
      details: { parameter: 'nShards' },
    })
  }
  const faulty = Math.floor((nShards - 1) / 3)
  return { nShards, rows: nShards - 2 * faulty, columns: nShards - faulty }
}

/** Bytes of one symbol of a blob of `sizeBytes`: the smallest even number that fits. */
export function symbolBytes(sizeBytes: number, geometry: Geometry): number {
  const cells = geometry.rows * geometry.columns
  const needed = Math.floor((Math.max(sizeBytes, 1) - 1) / cells) + 1
  return needed + (needed % 2)
}

/** Largest blob, in bytes: 14,599,533,452 at 1000 shards, 149,286,452 at 100. */
export function maxBlobBytes(geometry: Geometry): number {
  return geometry.rows * geometry.columns * MAX_SYMBOL_BYTES
}

/**
 * What a blob of `sizeBytes` occupies on all storage nodes together: slivers
 * plus, on each shard, two 32-byte hashes per shard and the blob id. The second
 * part is 64 MB at 1000 shards whatever the size, which is why quilts exist.
 */
export function encodedBytes(sizeBytes: number, geometry: Geometry): number {
  const { nShards, rows, columns } = geometry
  return nShards * (nShards * 64 + 32) + nShards * (rows + columns) * symbolBytes(sizeBytes, geometry)
}

/** Storage units a blob of `sizeBytes` is charged for. */
export function storageUnits(sizeBytes: number, geometry: Geometry): number {
  return Math.ceil(encodedBytes(sizeBytes, geometry) / STORAGE_UNIT_BYTES)
}
