import type { Clock } from '../../core/capabilities.ts'
import type { Bytes } from '../../core/bytes.ts'
import type { MoveFunctionInfo } from '../move-vm/types.ts'
import type { RunResult, TransactionRecord } from './run-transaction.ts'
import type { Ledger, LedgerObject } from './types.ts'

/** The ledger at one point of its history, for reading. */
export type LedgerView = {
  get(id: string): LedgerObject | undefined
  objects(): Iterable<LedgerObject>
  /** In the order they were executed. */
  transactions(): readonly TransactionRecord[]
  transaction(digest: string): TransactionRecord | undefined
}

/** A ledger as plain data: survives `structuredClone` and IndexedDB. */
export type LedgerSnapshot = {
  readonly version: 1
  readonly epoch: number
  readonly epochStartMs: number
  readonly clockOffsetMs: number
  readonly idCounter: bigint
  readonly packages: readonly { readonly id: string; readonly modules: readonly Bytes[] }[]
  readonly objects: readonly LedgerObject[]
  readonly transactions: readonly TransactionRecord[]
}

/** The whole ledger: what {@link Ledger} promises the other parts, and what a full node needs. */
export type LocalLedger = Ledger & {
  readonly chainIdentifier: string
  /** Ledger time. */
  readonly clock: Clock
  readonly epochStartMs: () => number
  /** The state `transactionsBehind` transactions ago; 0 is now. */
  view(transactionsBehind?: number): LedgerView
  isPackage(id: string): boolean
  describe(packageId: string, module: string, name: string): MoveFunctionInfo | undefined
  /**
   * Verifies signatures, runs and keeps a transaction. The same transaction
   * sent again returns the first result.
   *
   * @throws {TransactionRejection} if it was not run at all. A transaction that ran and failed is a result.
   */
  execute(bytes: Uint8Array, signatures: readonly string[]): Promise<TransactionRecord>
  /** Runs a transaction and keeps nothing. `inspect` skips ownership and visibility. */
  simulate(bytes: Uint8Array, options?: { readonly inspect?: boolean | undefined }): RunResult
  /** Places a fresh coin of `amount` base units; returns its id. */
  mint(address: string, coinType: string, amount: bigint): string
  /** Moves ledger time ahead. Negative values move it back. */
  advance(ms: number): void
  advanceEpoch(epochs?: number): void
  snapshot(): LedgerSnapshot
  /** Replaces the whole state. Twins stay registered; packages are published again. */
  restore(snapshot: LedgerSnapshot): void
}
