/** What the upload relay asks for each blob, in MIST, paid to `address`. */
export type TipConfig =
  | { readonly kind: 'const'; readonly address: string; readonly tipMist: number }
  | { readonly kind: 'linear'; readonly address: string; readonly baseMist: number; readonly mistPerEncodedKib: number }

/** What the relay must see of a transaction to believe that it paid. */
export type PaidTransaction = {
  /** BCS `TransactionData`. */
  readonly transactionBytes: Uint8Array
  readonly timestampMs: number
  /** Net changes; `amount` is negative for what was spent. */
  readonly balanceChanges: readonly { readonly address: string; readonly coinType: string; readonly amount: bigint }[]
}

/** Finds an executed transaction by its base58 digest. */
export type FindTransaction = (digest: string) => PaidTransaction | undefined
