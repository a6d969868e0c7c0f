import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import type { Fetch } from '../core/capabilities.ts'

/** Where Walrus is and how to reach it. */
export type WalrusNetwork = {
  readonly systemObjectId: string
  readonly stakingPoolId: string
  /** Aggregator base URLs, tried in order of recent health. */
  readonly aggregators: readonly string[]
  /** How to upload. `relay` asks for one host; `direct` talks to the storage nodes; `publisher` lets a server pay. */
  readonly upload:
    | { readonly via: 'relay'; readonly host: string; readonly maxTipMist: number }
    | { readonly via: 'direct' }
    | { readonly via: 'publisher'; readonly url: string }
  readonly nShards: number
  /** Most epochs Walrus sells ahead; 53 on mainnet and testnet. */
  readonly maxEpochs: number
  readonly fetch?: Fetch | undefined
  readonly storageNodeUrlScheme?: 'http' | 'https' | undefined
  /** URL of walrus-wasm for bundlers that do not emit it by themselves. */
  readonly wasmUrl?: string | undefined
}

/** One file of a quilt. `identifier` is random ASCII and says nothing. */
export type Patch = { readonly identifier: string; readonly bytes: Uint8Array }

/** What Walrus charges, as the system object says it. FROST per storage unit of 1 MiB of encoded size. */
export type WalrusPrices = {
  /** Per unit and epoch. */
  readonly storageFrost: bigint
  /** Per unit, once. */
  readonly writeFrost: bigint
  /** Most epochs that can be bought ahead. */
  readonly maxEpochs: number
}

/** What a write will cost, before it is made. Money in base units: FROST and MIST, 1e9 to the coin. */
export type CostQuote = {
  readonly quilts: number
  readonly patches: number
  readonly epochs: number
  readonly contentBytes: number
  /** Encoded size bought, in Walrus storage units of 1 MiB. */
  readonly storageUnits: number
  readonly storageFrost: bigint
  readonly writeFrost: bigint
  readonly totalFrost: bigint
  /** Estimate for gas and relay tip. */
  readonly gasMist: bigint
  readonly tipMist: bigint
  /** The same content as one blob each. */
  readonly singleBlobsFrost: bigint
  /** `singleBlobsFrost / totalFrost`. */
  readonly savingFactor: number
}

/**
 * A transaction the wallet has signed. Kept before it is sent: sending the same
 * bytes again can never execute it twice. Without `bytes` only the digest is known.
 */
export type SignedTransaction = {
  readonly digest: string
  /** Base64. */
  readonly bytes?: string
  readonly signature?: string
}

/** Serialisable. Whoever holds it can go on with the upload after any crash. Holds no secret. */
export type UploadState = {
  readonly version: 1
  readonly blobId: string
  readonly step: 'encoded' | 'registered' | 'uploaded' | 'certified'
  readonly epochs: number
  readonly deletable: boolean
  /** The transaction that pays. Saved before it is sent. */
  readonly register?: SignedTransaction
  readonly blobObjectId?: string
  /** What the storage nodes signed, as text of this library. */
  readonly certificate?: string
  /** The transaction that certifies. Saved before it is sent. */
  readonly certify?: SignedTransaction
  readonly endEpoch?: number
  /** Times the wallet signed so far. */
  readonly signatures: number
  /** WAL paid, FROST in decimal. */
  readonly costFrost: string
  /** SUI paid for gas, tip excluded, MIST in decimal. Storage rebates may make it negative. */
  readonly gasMist: string
}

/** Where an upload keeps its state. `save` resolves once the state is durable. */
export type UploadJournal = {
  load(): Promise<UploadState | undefined>
  save(state: UploadState): Promise<void>
}

export type UploadReceipt = {
  readonly blobId: string
  /** `undefined` when a publisher had the blob already and keeps the object. */
  readonly blobObjectId: string | undefined
  /** The first epoch it is no longer stored. */
  readonly endEpoch: number
  /** Wallet signatures this upload took, resumed runs included: two, or with a publisher none. */
  readonly signatures: number
  readonly costFrost: bigint
  readonly gasMist: bigint
}

export type UploadProgress = (event: { readonly step: UploadState['step']; readonly blobId: string }) => void

export type UploadOptions = AbortOptions & {
  /** Storage period in Walrus epochs: two weeks on mainnet, a day on testnet. */
  readonly epochs: number
  /** Whether the owner may delete it before it expires. Default true. */
  readonly deletable?: boolean | undefined
  readonly onProgress?: UploadProgress | undefined
  /** Refuse with `walrus/cost-ceiling` before signing if the upload costs more WAL than this. */
  readonly maxCostFrost?: bigint | undefined
}

/** How long a blob is paid for. */
export type BlobExpiry = {
  readonly currentEpoch: number
  /** The first epoch it is no longer stored. */
  readonly endEpoch: number
  readonly deletable: boolean
  readonly isCertified: boolean
  /** Estimate of when `endEpoch` begins, milliseconds since the Unix epoch. Epochs start late, never early. */
  readonly expiresAtMs: number
}

/** Bytes read from an untrusted source, with where they came from, for blame. */
export type Sourced = { readonly bytes: Bytes; readonly source: string }
