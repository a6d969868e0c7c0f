import type { ClientWithCoreApi } from '@mysten/sui/client'
import type { Signer } from '@mysten/sui/cryptography'
import type { Clock, Fetch } from './core/capabilities.ts'
import type { SealNetwork } from './seal/types.ts'
import type { WalrusNetwork } from './walrus/types.ts'

/** Everything Locket needs of the outside world: a chain, a wallet, key servers and storage. */
export type Network = {
  readonly name: string
  readonly client: ClientWithCoreApi
  readonly signer: Signer
  readonly seal: SealNetwork
  readonly walrus: WalrusNetwork
  /** Defaults to the platform's clock. A localnet brings its own, which can be advanced. */
  readonly clock?: Clock | undefined
  /** Transport for whatever has none of its own. Defaults to `globalThis.fetch`. */
  readonly fetch?: Fetch | undefined
}
