import type { Signer } from '@mysten/sui/cryptography'
import type { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import type { CoreClient } from '@mysten/sui/client'
import type { Clock, Fetch } from '../core/capabilities.ts'
import type { Network } from '../network.ts'
import type { Faults } from './faults.ts'
import type { LedgerSnapshot } from './ledger/local-ledger.ts'
import type { RequestLog } from './request-log.ts'
import type { StoredBlob } from './walrus/install-walrus.ts'

/** Whole coins to give. */
export type FaucetAmounts = {
  /** SUI, in whole coins. Default 0. */
  readonly sui?: number | undefined
  /** WAL, in whole coins. Default 0. */
  readonly wal?: number | undefined
}

/** A localnet as plain data: survives `structuredClone` and IndexedDB. Holds the key servers' master seeds, so treat it as a secret. */
export type LocalnetSnapshot = {
  readonly version: 1
  readonly seed: Uint8Array
  readonly nShards: 100 | 1000
  readonly keyServers: { readonly n: number; readonly threshold: number }
  readonly ledger: LedgerSnapshot
  readonly blobs: readonly StoredBlob[]
}

/** Sui, Seal and Walrus in one place, with the strings to pull. Whatever takes a {@link Network} takes one. */
export type Localnet = Network & {
  readonly client: CoreClient
  readonly signer: Signer
  /** Ledger time: what key servers, policies and epochs go by. */
  readonly clock: Clock
  /** Reaches the localnet's hosts, and no others. */
  readonly fetch: Fetch
  /** Type of the WAL coin here. */
  readonly walType: string
  /** Gives coins to `address`. */
  faucet(address: string, amounts: FaucetAmounts): Promise<void>
  /** A new wallet with money: 100 SUI and 100 WAL unless told otherwise. */
  createWallet(amounts?: FaucetAmounts): Promise<Ed25519Keypair>
  /** Moves ledger time ahead by `ms`. Sessions and time locks follow; the client's own clock does not. */
  advance(ms: number): Promise<void>
  /** Ends `epochs` epochs (default 1) of Sui and of Walrus. */
  advanceEpoch(epochs?: number): Promise<void>
  snapshot(): Promise<LocalnetSnapshot>
  /** Makes parts fail, at run time. */
  readonly faults: Faults
  /** Every request that left: to services, and to the full node as `http://fullnode.localnet/<method>`. */
  readonly requests: RequestLog
  /** After this every request is refused with `usage/closed`. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
