/**
 * Walrus: packing sealed patches into quilts, uploading them without ever
 * paying twice, reading them back from hosts nobody trusts, and what it costs.
 *
 * The reading half needs no peer package; packing and uploading load
 * `@mysten/walrus` and `@mysten/sui` when first used.
 */
export { formatPatchId, isBlobId, parsePatchId, type PatchLocation } from './blob-id.ts'
export { type ByteCache, createByteCache } from './byte-cache.ts'
export { DEFAULT_TIMEOUTS, type WalrusTimeouts } from './context.ts'
export type { Authenticate, ReadBlobOptions, ReadPatchOptions, WalrusReader } from './create-reader.ts'
export {
  createWalrusEngine,
  type QuoteUploadOptions,
  type UploadQuiltOptions,
  type WalrusEngine,
  type WalrusEngineOptions,
} from './create-walrus-engine.ts'
export { encodedBytes, type Geometry, geometryOf, maxBlobBytes, storageUnits } from './geometry.ts'
export { type PackedQuilt, type PackOptions, packQuilts } from './pack-quilts.ts'
export { type QuiltEntry, type QuiltIndex, readQuiltIndex } from './quilt-index.ts'
export { MAX_IDENTIFIER_CHARS, type QuiltLimits, quiltLimits } from './quilt-limits.ts'
export { type QuiltPatch, readPatch, readQuilt } from './quilt-reader.ts'
export { type QuoteOptions, quoteUpload } from './quote-upload.ts'
export type { ExpiryTarget } from './read-expiry.ts'
export type { BlobChange } from './manage-blob.ts'
export type {
  BlobExpiry,
  CostQuote,
  Patch,
  SignedTransaction,
  Sourced,
  UploadJournal,
  UploadOptions,
  UploadProgress,
  UploadReceipt,
  UploadState,
  WalrusNetwork,
  WalrusPrices,
} from './types.ts'
export { isPatchIdentifier } from './validate-patches.ts'
