import type { Bytes } from '../../core/bytes.ts'
import type { Clock, Entropy } from '../../core/capabilities.ts'
import type { SealNetwork } from '../../seal/types.ts'
import type { Faults } from '../faults.ts'

/** What became of the requests a server received. */
export type KeyServerTally = {
  readonly service: number
  readonly fetchKey: number
  /** Keys handed out, one for each identity of each granted request. */
  readonly keys: number
}

/** One key server, seen from the outside of its HTTP interface. */
export type LocalKeyServer = {
  readonly objectId: string
  readonly url: string
  /** 96 bytes, compressed G2. */
  readonly publicKey: Bytes
  tally(): KeyServerTally
  /** Rejects with a `TypeError`, as `fetch` does, while the server is down. */
  handle(request: Request): Promise<Response>
}

export type KeyServersOptions = {
  /** How many servers, 1 to 20. Default 3. */
  readonly servers?: number | undefined
  /** Shares needed to decrypt. Default: a majority, at least 2 when there are 2 servers. */
  readonly threshold?: number | undefined
  /** Source of the master seeds (unless given) and of the encryption of every answer. */
  readonly entropy: Entropy
  /** One 32-byte master seed for each server, to bring back the same servers. */
  readonly seeds?: readonly Uint8Array[] | undefined
  /** Times `slow` faults. The time of day comes from the ledger. */
  readonly clock?: Clock | undefined
  /** Switches of the targets `key-server/<index>`. Default: nothing ever fails. */
  readonly faults?: Faults | undefined
  /** Base URL of server `index` (from 0), without a trailing slash. */
  readonly urlOf?: ((index: number) => string) | undefined
  /** On-chain layout of server `index`. Default: 1 for the first server and 2 for the others. */
  readonly objectVersionOf?: ((index: number) => 1 | 2) | undefined
  /**
   * First version of the package lineage `packageId` belongs to, or `undefined` if there
   * is no such package. Default: the package is its own first version.
   */
  readonly firstPackageOf?: ((packageId: string) => string | undefined) | undefined
  /** Serve these packages only (a permissioned server). Default: all. */
  readonly servedPackages?: readonly string[] | undefined
  /** Longest session, in minutes. Default 30, as on the public servers. */
  readonly ttlMaxMin?: number | undefined
}

export type LocalKeyServers = {
  /** What a client needs to know to use them. */
  readonly network: Required<Pick<SealNetwork, 'servers' | 'threshold' | 'pinnedPublicKeys'>>
  readonly servers: readonly LocalKeyServer[]
  /** The answer of the server whose host the request names; `undefined` if it is none of them. */
  handle(request: Request): Promise<Response> | undefined
}
