import type { AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import type { BundleSecret } from '../memory/bundle-key.ts'
import type { MemoryEvents } from '../memory/events.ts'
import type { FlushReceipt } from '../memory/flush-types.ts'
import type { ForgetReceipt } from '../memory/forget.ts'
import type { ListOptions, Page } from '../memory/list.ts'
import type { Renewal } from '../memory/renew.ts'
import type { RestoreReport } from '../memory/restore.ts'
import type { LocketStatus } from '../memory/status.ts'
import type { Hit, Memory, MemoryId, MemoryInput, Outcome, RecallOptions } from '../memory/types.ts'
import type { MemoryPatch } from '../memory/update.ts'
import type { KeyServerStatus, MemberRole } from '../seal/types.ts'
import type { CostQuote } from '../walrus/types.ts'

/** How a write to the network is to be made. */
export type NetworkOptions = AbortOptions & {
  /** Only this category. Default: all. */
  readonly category?: string | undefined
  /** Walrus epochs to pay for: two weeks each on mainnet, a day on testnet. Default: what the locket was opened with. */
  readonly epochs?: number | undefined
  /** Refuse with `walrus/cost-ceiling` above this many FROST (1e-9 WAL). */
  readonly maxCostFrost?: bigint | undefined
}

/** Everything about a locket that can be said without asking a network. */
export type Status = LocketStatus & {
  readonly address: string
  readonly network: string
  /** Whether memories outlive the process on this device. */
  readonly isDurable: boolean
  readonly embedder: string
  /** Where texts go to be embedded; `null` when nowhere. */
  readonly sendsTextTo: string | null
  readonly keyServers: readonly KeyServerStatus[]
}

/**
 * A person's memories on this device, and their encrypted copies on the network.
 *
 * Everything that can take long takes `{ signal }`; aborting leaves what is
 * durable as it is and everything else resumable. Errors are `LocketError`s
 * with a stable `code`, a `retry` class and a `remedy`.
 *
 * In a browser the tabs of an origin share it: one has the stores open and does
 * what all of them ask. When that tab ends, another opens the stores, unlocking
 * as it was opened. `remember` and what only reads is then asked again; anything
 * else that was under way rejects with `tabs/outcome-unknown`.
 */
export type Locket = AsyncDisposable & {
  /** The wallet that owns the memories. */
  readonly address: string

  /**
   * Keeps one memory: embedded, indexed and durable on this device when it
   * resolves, findable at once, and not yet uploaded.
   *
   * Throws `memory/invalid-item`, `memory/too-large`, `index/*` for a vector of
   * the caller's own, `store/*`.
   */
  remember(text: string, details?: Omit<MemoryInput, 'text'> & AbortOptions): Promise<Memory>
  /** Keeps many. Each has its own outcome, in order; one that is refused does not stop the others. */
  remember(inputs: readonly MemoryInput[], options?: AbortOptions): Promise<readonly Outcome<Memory>[]>

  /** Finds memories on this device, best first, uploaded or not. Nothing of the question leaves the device. */
  recall(query: string, options?: RecallOptions): Promise<readonly Hit[]>
  /** Throws `memory/unknown-id`, `memory/forgotten`. */
  get(id: MemoryId, options?: AbortOptions): Promise<Memory>
  /** Every version, oldest first. */
  history(id: MemoryId, options?: AbortOptions): Promise<readonly Memory[]>
  /** One page, newest first by when they happened. */
  list(options?: ListOptions): Promise<Page>
  /** All of them, newest first. */
  all(options?: Omit<ListOptions, 'cursor'>): AsyncIterable<Memory>
  /**
   * Writes a new version; the older ones stay readable through `history`. If two devices update one memory before
   * either has heard of the other, both updates are kept, in the order in which they were certified.
   */
  update(id: MemoryId, patch: MemoryPatch, options?: AbortOptions): Promise<Memory>
  /**
   * Forgets for good: on this device at once, on the network by destroying the
   * keys. The receipt says what ciphertext remains and until when.
   */
  forget(ids: MemoryId | readonly MemoryId[], options?: NetworkOptions): Promise<readonly ForgetReceipt[]>

  /** What flushing now would cost, and what single blobs would have cost. */
  cost(options?: NetworkOptions): Promise<CostQuote>
  /**
   * Uploads what is only here: quilts of encrypted memories, two signatures each. Resumes what was interrupted, never pays twice.
   * `memory/conflict` if another device, or `unshare`, was faster: nothing is lost, flush again; the quilt that was in its way
   * then, if it was paid for already, is paid for and not used.
   */
  flush(options?: NetworkOptions): Promise<FlushReceipt>
  /** Brings everything the wallet can read to this device. On an empty device it needs nothing but the wallet. */
  restore(options?: AbortOptions): Promise<RestoreReport>
  /** Pays for more epochs for every quilt that a restore would read and that ends before `beforeEpoch`. */
  renew(options: AbortOptions & { readonly epochs: number; readonly beforeEpoch: number }): Promise<readonly Renewal[]>

  /** Lets another wallet read (or also write) a category, its past included. Refused for `personal`. */
  share(
    category: string,
    member: { readonly address: string; readonly role?: MemberRole | undefined; readonly expiresAtMs?: number | undefined },
    options?: AbortOptions,
  ): Promise<void>
  /**
   * Ends it: what is written from then on is unreadable to them. What they could read they may have kept.
   * `chain/not-found` for a category without a space, `usage/invalid-argument` for somebody it was never shared with.
   */
  unshare(category: string, address: string, options?: AbortOptions): Promise<void>

  /** All memories in one encrypted file. The format is documented at `encodeBundle`. */
  export(secret: BundleSecret, options?: AbortOptions): Promise<Bytes>
  /** Takes a bundle's memories in; `outcomes` are those of versions that were not here. Nothing is imported unless the whole bundle is authentic. */
  import(
    bundle: Uint8Array,
    secret: BundleSecret,
    options?: AbortOptions,
  ): Promise<{ readonly imported: number; readonly present: number; readonly outcomes: readonly Outcome<Memory>[] }>

  status(): Status
  /** Asks every key server for a sign of life and proof of its key. */
  checkKeyServers(options?: AbortOptions): Promise<readonly KeyServerStatus[]>
  /** Calls `listener`, also for what other tabs do, until the returned function is called. Events never hold content. */
  on<Name extends keyof MemoryEvents>(name: Name, listener: (event: MemoryEvents[Name]) => void): () => void
  /** Ends everything in this tab; where its stores were open, the vault's keys in memory are overwritten. May be repeated. */
  close(): Promise<void>
}
