import type { Bytes } from '../core/bytes.ts'

/** A CAIP-2 chain id: `sui:localnet`, `eip155:1`. */
export type ChainId = string
/** A CAIP-19 asset id: `sui:localnet/coin:0x2::sui::SUI`, `eip155:1/erc20:0x…`. Addresses in it are canonical. */
export type AssetId = string

/** One thing a transaction does, as the signer itself decoded it from the bytes it will sign. */
export type Effect =
  /** Value leaves the account. `to` is the true beneficiary, in the chain's canonical spelling. */
  | { readonly kind: 'transfer'; readonly asset: AssetId; readonly amount: bigint; readonly to: string }
  /** Somebody else may take up to `amount` from the account: an approval, a permit. `undefined` is without limit. */
  | { readonly kind: 'allow'; readonly asset: AssetId; readonly amount: bigint | undefined; readonly spender: string }
  /** The most the account pays the network. */
  | { readonly kind: 'fee'; readonly asset: AssetId; readonly amount: bigint }
  /** Code that is called. What it moves, as far as known, stands in effects of its own. */
  | { readonly kind: 'call'; readonly target: string; readonly method: string; readonly arguments: readonly Argument[] }
  /** A thing that is one of its kind leaves the account. */
  | { readonly kind: 'give'; readonly object: string; readonly to: string }
  /** Something the decoder cannot vouch for. Always denied. */
  | { readonly kind: 'unknown'; readonly reason: string }

export type Argument = { readonly name: string; readonly value: bigint | string | boolean }

/** What a signature is asked for. */
export type Intent = {
  readonly chain: ChainId
  /** Whose it is, in canonical spelling. */
  readonly account: string
  readonly effects: readonly Effect[]
  /** The very bytes to be signed. */
  readonly bytes: Bytes
}
