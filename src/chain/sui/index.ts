/** Sui for a signer: what a transaction does, from the bytes to be signed; and the network it goes to. */

export { createSuiChain } from './create-sui-chain.ts'
export { decodeSuiTransaction } from './decode-sui-transaction.ts'
export { describeIntent } from './describe-intent.ts'
export { canonicalCoinType, canonicalSuiAddress, suiAssetId } from './names.ts'
export { decodeOwnedObject, type OwnedObject } from './owned-object.ts'
export type { SuiBalanceChange, SuiChain, SuiPayment, SuiReceipt } from './port.ts'
export { MAX_TRANSACTION_BYTES } from './transaction-data.ts'
export type { AssetId, ChainId, Argument, Effect, Intent } from '../../policy/intent.ts'
