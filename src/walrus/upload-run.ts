import type { Transaction } from '@mysten/sui/transactions'
import type { Bytes } from '../core/bytes.ts'
import type { WalrusContext } from './context.ts'
import type { UploadJournal, UploadOptions, UploadState } from './types.ts'
import type { StateChange } from './upload-state.ts'

export type UploadRequest = UploadOptions & {
  readonly quilt: Bytes
  readonly journal: UploadJournal
  /** Adds calls to the transaction that certifies, such as moving a space's head: both happen or neither. */
  readonly extendCertify?: ((transaction: Transaction) => void | Promise<void>) | undefined
}

/** One upload under way: what its parts share. */
export type UploadRun = {
  readonly context: WalrusContext
  readonly request: UploadRequest
  readonly step: { readonly operation: 'walrus.upload'; readonly signal: AbortSignal | undefined }
  readonly rootHash: Uint8Array
  /** SHA-256 of the quilt. */
  readonly quiltDigest: Uint8Array
  /** Price of this upload now. */
  readonly costFrost: bigint
  state: () => UploadState
  /** Makes a change durable, then visible. */
  advance(change: StateChange): Promise<void>
}
