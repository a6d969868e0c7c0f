import type { AbortOptions } from '../../core/abort.ts'
import type { Bytes } from '../../core/bytes.ts'
import type { Intent } from '../../policy/intent.ts'
import type { OwnedObject } from './owned-object.ts'

export type SuiPayment = {
  readonly to: string
  /** Base units, above 0. */
  readonly amount: bigint
  /** Default SUI. */
  readonly coinType?: string | undefined
}

/** How an executed transaction ended well. */
export type SuiReceipt = {
  readonly digest: string
  /** What gas cost after the rebate; may be negative. */
  readonly gasMist: bigint
  /** It is in a checkpoint, and so cannot be undone. */
  readonly isFinal: boolean
}

/** By how much a transaction changes what an account has of a coin. */
export type SuiBalanceChange = { readonly coinType: string; readonly amount: bigint }

/**
 * A Sui network as a wallet needs it. The full node behind it is not trusted with more than being asked: what it says of objects is
 * checked against the digests in the transaction, and what it says of a simulation can only refuse.
 *
 * Every call rejects with the signal's reason when aborted, otherwise with `chain/unreachable` or as it says.
 */
export type SuiChain = {
  /** What the account has of a coin, in base units, as the full node says. */
  balance(request: { readonly account: string; readonly coinType?: string | undefined } & AbortOptions): Promise<bigint>
  /**
   * The bytes of a transaction that makes these payments, in their order. With a `sponsor` the gas is paid by that account, which must sign too;
   * payments of SUI then come from the account's own coins.
   *
   * @throws {LocketError} `chain/insufficient-funds`, `chain/insufficient-gas`, `usage/invalid-argument`, `usage/missing-peer`
   */
  build(
    request: { readonly account: string; readonly payments: readonly SuiPayment[]; readonly sponsor?: string | undefined } & AbortOptions,
  ): Promise<Bytes>
  /**
   * What is certain of the objects a transaction names: those of which the full node gave bytes that have the digest the
   * transaction names. The others are left out.
   *
   * @throws {LocketError} `codec/*` for bytes that are no transaction
   */
  owned(request: { readonly bytes: Uint8Array } & AbortOptions): Promise<readonly OwnedObject[]>
  /**
   * Simulates an intent's bytes and compares: no coin of the account may lose more than its effects say.
   *
   * @returns what would change for the account
   * @throws {LocketError} `chain/unexpected-effects`, `chain/rejected` if it would fail
   */
  dryRun(request: { readonly intent: Intent } & AbortOptions): Promise<readonly SuiBalanceChange[]>
  /**
   * Sends a signed transaction unless it has run already. May be called again with the same bytes at any time:
   * a digest runs at most once.
   *
   * @throws {LocketError} `chain/unreachable` while the outcome is unknown; otherwise why it failed, with `details.executed` true if it ran
   */
  submit(request: { readonly bytes: Uint8Array; readonly signatures: readonly string[] } & AbortOptions): Promise<SuiReceipt>
  /**
   * Waits until a transaction is final. Asks again for as long as the full node does not know it or does not answer:
   * only the signal ends that.
   *
   * @throws {LocketError} `chain/rejected` if it ran and failed
   */
  watch(request: { readonly digest: string } & AbortOptions): Promise<SuiReceipt>
}
