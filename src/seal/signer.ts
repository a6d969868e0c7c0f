import type { ClientWithCoreApi } from '@mysten/sui/client'

/**
 * The wallet, as far as the engine needs one. Every `Signer` of `@mysten/sui`
 * is one: key pairs, and dapp-kit's `CurrentAccountSigner`. `toSuiAddress` may
 * change between calls when a person switches accounts.
 */
export type SealSigner = {
  toSuiAddress(): string
  signPersonalMessage(bytes: Uint8Array): Promise<{ readonly bytes: string; readonly signature: string }>
  signTransaction(bytes: Uint8Array): Promise<{ readonly bytes: string; readonly signature: string }>
}

/** A Sui client of any transport: gRPC, GraphQL, JSON-RPC or the localnet's. */
export type SealClientApi = ClientWithCoreApi
