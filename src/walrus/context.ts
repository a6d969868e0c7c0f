import type { ClientWithCoreApi } from '@mysten/sui/client'
import type { Signer } from '@mysten/sui/cryptography'
import type { WalrusClient } from '@mysten/walrus'
import type { Clock, Entropy, Fetch } from '../core/capabilities.ts'
import type { BoundedFetch } from './bounded-fetch.ts'
import type { Limiter } from './limiter.ts'
import type { WalrusNetwork } from './types.ts'

/** Deadlines, in milliseconds. */
export type WalrusTimeouts = {
  /** One HTTP request, body included. Default 20,000. */
  readonly requestMs: number
  /** One question to the full node, or building one transaction. Default 30,000. */
  readonly chainMs: number
  /** Sending one quilt to the relay, the publisher or the storage nodes. Default 180,000. */
  readonly uploadMs: number
  /** One attempt to read from one source. Default 30,000. */
  readonly readMs: number
  /** First pause between attempts; doubles, with jitter. Default 500. */
  readonly backoffMs: number
  /** After a quorum of storage nodes has confirmed, how long to wait for more. Default 500. */
  readonly graceMs: number
}

/** What the parts of one engine share. */
export type WalrusContext = {
  readonly client: ClientWithCoreApi
  readonly signer: Signer
  readonly network: WalrusNetwork
  readonly clock: Clock
  readonly entropy: Entropy
  readonly timeouts: WalrusTimeouts
  /** Attempts at anything that may be tried again. */
  readonly attempts: number
  /** For relay and publisher. */
  readonly fetch: Fetch
  /** For aggregators. */
  readonly answer: BoundedFetch['answer']
  /** The SDK's client, loaded on first use. */
  sdk(): Promise<WalrusClient>
  /** One write at a time per signer: two would spend the same coins. */
  readonly writes: Limiter
  /** Requests to storage nodes, to tell a read that waits from one that hangs. */
  nodeTraffic(): { readonly made: number; readonly open: number }
  /** Which host answered for a sliver, for blame. */
  servedBy(blobId: string, pairIndex: number): string | undefined
}

export const DEFAULT_TIMEOUTS: WalrusTimeouts = /* @__PURE__ */ Object.freeze({
  requestMs: 20_000,
  chainMs: 30_000,
  uploadMs: 180_000,
  readMs: 30_000,
  backoffMs: 500,
  graceMs: 500,
})
