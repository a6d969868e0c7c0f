/** The shape of Red Stuff encoded blobs for one number of shards. */
export type Geometry = {
  readonly nShards: number
  /** Rows of the source matrix; also the symbols of a secondary sliver. */
  readonly primarySymbols: number
  /** Columns of the source matrix; also the symbols of a primary sliver. */
  readonly secondarySymbols: number
}

/** Bytes of one storage unit, the granularity of prices: 1 MiB. */
const UNIT_BYTES = 1024n * 1024n

/** Largest symbol: 16 bits, even. */
const MAX_SYMBOL_BYTES = 65_534

/** The shape for `nShards`, of which `f = (nShards - 1) / 3` may be faulty (`walrus::redstuff`). */
export function geometryOf(nShards: number): Geometry {
  const faulty = Math.floor((nShards - 1) / 3)
  return { nShards, primarySymbols: nShards - 2 * faulty, secondarySymbols: nShards - faulty }
}

/** Bytes of one symbol of a blob of `sizeBytes`: even, and as small as fits. */
export function symbolBytes(geometry: Geometry, sizeBytes: number): number {
  const symbols = geometry.primarySymbols * geometry.secondarySymbols
  const least = Math.floor((Math.max(sizeBytes, 1) - 1) / symbols) + 1
  return least + (least % 2)
}

/** Most bytes one blob can have. */
export function maxBlobBytes(geometry: Geometry): number {
  return geometry.primarySymbols * geometry.secondarySymbols * MAX_SYMBOL_BYTES
}

/** Bytes all nodes together store for a blob of `sizeBytes`, metadata included: what is paid for. */
export function encodedBytes(geometry: Geometry, sizeBytes: bigint): bigint {
  const symbols = BigInt(geometry.primarySymbols * geometry.secondarySymbols)
  let symbol = ((sizeBytes > 0n ? sizeBytes : 1n) - 1n) / symbols + 1n
  // Move computes this in u16 and wraps; such blobs are refused by the encoder long before.
  symbol = BigInt.asUintN(16, symbol)
  symbol += symbol % 2n
  const shards = BigInt(geometry.nShards)
  return shards * (BigInt(geometry.primarySymbols + geometry.secondarySymbols) * symbol + shards * 64n + 32n)
}

/** Storage units of an encoded size, rounded up. */
export function unitsOf(encodedSizeBytes: bigint): bigint {
  return (encodedSizeBytes + UNIT_BYTES - 1n) / UNIT_BYTES
}

/** The shard that holds sliver pair `pairIndex` of a blob: pairs are rotated by the blob id. */
export function shardOfPair(geometry: Geometry, blobIdBytes: Uint8Array, pairIndex: number): number {
  let offset = 0
  for (const byte of blobIdBytes) offset = (offset * 256 + byte) % geometry.nShards
  return (pairIndex + offset) % geometry.nShards
}
