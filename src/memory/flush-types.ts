import type { AbortOptions } from '../core/abort.ts'
import type { CatalogVersion } from './catalog.ts'
import type { MemoryId } from './types.ts'

export type FlushOptions = AbortOptions & {
  /** Only this category. Default: all with something to write. */
  readonly category?: string | undefined
  /** Walrus epochs to pay for. Refused outside the network's range with `walrus/epochs-out-of-range`. */
  readonly epochs: number
  /** Whether the wallet may delete the quilt later; needed to burn what was forgotten. */
  readonly deletable: boolean
  /** Refuse a quilt that costs more than this, in FROST (1e-9 WAL). */
  readonly maxCostFrost?: bigint | undefined
}

export type FlushedQuilt = {
  readonly category: string
  readonly blobId: string
  readonly memories: number
  readonly endEpoch: number
  readonly costFrost: bigint
  readonly gasMist: bigint
  readonly signatures: number
}

/** What a flush wrote. Empty when there was nothing to write. */
export type FlushReceipt = {
  readonly quilts: readonly FlushedQuilt[]
  readonly memories: number
  readonly costFrost: bigint
  readonly gasMist: bigint
  /** Wallet signatures asked for by uploads: two per quilt. Making a space on first use asks for its own. */
  readonly signatures: number
}

/** One version waiting to be uploaded. */
export type Pending = { readonly id: MemoryId; readonly version: CatalogVersion }
