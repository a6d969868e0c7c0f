import type { Bytes } from '../../core/bytes.ts'

/** A value between commands, as far as it can be known without running anything. */
export type Value =
  /** Plain data; `bytes` where they stand in the transaction. */
  | { readonly kind: 'plain'; readonly bytes: Bytes | undefined }
  /** Something of the account. */
  | Holding
  /** An object anybody may use, by its own rules. */
  | { readonly kind: 'shared' }
  | { readonly kind: 'vector'; readonly elements: readonly Value[]; isTaken: boolean }
  /** Whatever code returned, and whatever is not the account's. */
  | { readonly kind: 'foreign' }

/** A coin or another object of the account: at most what `amount` and `objects` say. */
export type Holding = {
  readonly kind: 'holding'
  readonly isGas: boolean
  /** Known to be no coin. */
  readonly isThing: boolean
  /** `undefined` while it is not known. */
  coinType: string | undefined
  /** The part of the balance that is known. */
  amount: bigint
  /** The objects in it of which the balance is not known, or which are no coins. */
  objects: readonly string[]
  /** Code has had it in hand since: its balance may be any. */
  isTouched: boolean
  /** It has been given away or used up. */
  isTaken: boolean
}

/** A coin of which everything is known. */
export function coin(coinType: string | undefined, amount: bigint): Holding {
  return { kind: 'holding', isGas: false, isThing: false, coinType, amount, objects: [], isTouched: false, isTaken: false }
}
