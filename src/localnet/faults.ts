/** The machine does not answer: connections are refused, as a `TypeError` from `fetch`. */
export type DownFault = { readonly kind: 'down' }

/** Answers, after `delayMs` of the localnet's clock. */
export type SlowFault = { readonly kind: 'slow'; readonly delayMs: number }

/** Answers with an HTTP error, e.g. 429 or 503, and with `retry-after` if given. */
export type StatusFault = { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number | undefined }

/** Takes the request and never answers: settles only when the request's signal aborts, with its reason. */
export type HangFault = { readonly kind: 'hang' }

/** What can befall any HTTP service. */
export type HostFault = DownFault | SlowFault | StatusFault | HangFault

/**
 * `wrong-key`: hands out keys of another master key, properly encrypted.
 * `other-identity`: hands out true keys, of another identity. `wrong-proof`: proves
 * possession of another master key. `skewed-clock`: its clock is `skewMs` ahead of
 * (negative: behind) the ledger's.
 */
export type KeyServerFault =
  | HostFault
  | { readonly kind: 'wrong-key' }
  | { readonly kind: 'other-identity' }
  | { readonly kind: 'wrong-proof' }
  | { readonly kind: 'skewed-clock'; readonly skewMs: number }

/** `tampered`: serves altered bytes. `not-found`: says 404 although it has the blob. */
export type StorageNodeFault = HostFault | { readonly kind: 'tampered' } | { readonly kind: 'not-found' }

/** `tampered`: flips a byte of what it serves. `wrong-blob`: serves another blob's bytes. `not-found`: 404, as right after an upload. */
export type AggregatorFault = HostFault | { readonly kind: 'tampered' } | { readonly kind: 'wrong-blob' } | { readonly kind: 'not-found' }

/** `bad-certificate`: answers the upload with a certificate that does not verify. */
export type RelayFault = HostFault | { readonly kind: 'bad-certificate' }

/** `wrong-blob`: stores something else and reports that blob's id. */
export type PublisherFault = HostFault | { readonly kind: 'wrong-blob' }

/** `stale`: reads lag `transactions` transactions behind what was executed. */
export type FullNodeFault = DownFault | SlowFault | { readonly kind: 'stale'; readonly transactions: number }

/**
 * `out-of-gas`: execution uses up its gas budget. `no-sui`, `no-wal`: the wallet's
 * coins of that type are gone, as the full node sees it.
 */
export type WalletFault = { readonly kind: 'out-of-gas' } | { readonly kind: 'no-sui' } | { readonly kind: 'no-wal' }

/**
 * The epoch ends (`epochs` times, default 1): `after-register`, right after the
 * next transaction that registers a blob, so the certificate is of the new
 * epoch; `after-upload`, right after the next certificate is complete, so the
 * chain refuses it.
 */
export type EpochFault = { readonly kind: 'after-register' | 'after-upload'; readonly epochs?: number | undefined }

/** What can be broken, and how. Servers, nodes and aggregators are counted from 0. */
export type FaultPlan = {
  readonly [server: `key-server/${number}`]: KeyServerFault
  readonly [node: `storage-node/${number}`]: StorageNodeFault
  readonly [aggregator: `aggregator/${number}`]: AggregatorFault
  readonly relay: RelayFault
  readonly publisher: PublisherFault
  readonly 'full-node': FullNodeFault
  readonly wallet: WalletFault
  readonly epoch: EpochFault
}

/** A part of the localnet that can fail. */
export type FaultTarget = keyof FaultPlan

/** The switches. Unset switches change nothing. */
export type Faults = {
  /**
   * Breaks `target` until it is cleared, or for the next `times` requests it
   * would affect (so `{ kind: 'not-found' }` with 2 is "404 twice, then found").
   */
  set<T extends FaultTarget>(target: T, fault: FaultPlan[T], options?: { readonly times?: number | undefined }): void
  /** Mends `target`, or everything. */
  clear(target?: FaultTarget): void
  /** The fault set on `target`, without using up one of its `times`. */
  peek<T extends FaultTarget>(target: T): FaultPlan[T] | undefined
  /** The fault set on `target`, for a part that is about to act on it: uses up one of its `times`. */
  take<T extends FaultTarget>(target: T): FaultPlan[T] | undefined
  /** What is broken now, for display. */
  list(): readonly { readonly target: FaultTarget; readonly fault: FaultPlan[FaultTarget]; readonly timesLeft: number | undefined }[]
}

/** A set of switches, all unset. One is shared by every part of a localnet. */
export function createFaults(): Faults {
  const active = new Map<FaultTarget, { fault: FaultPlan[FaultTarget]; timesLeft: number | undefined }>()
  return Object.freeze<Faults>({
    set(target, fault, options = {}) {
      active.set(target, { fault, timesLeft: options.times })
    },
    clear(target) {
      if (target === undefined) active.clear()
      else active.delete(target)
    },
    peek<T extends FaultTarget>(target: T) {
      return active.get(target)?.fault as FaultPlan[T] | undefined
    },
    take<T extends FaultTarget>(target: T) {
      const entry = active.get(target)
      if (entry === undefined) return undefined
      if (entry.timesLeft !== undefined && --entry.timesLeft <= 0) active.delete(target)
      return entry.fault as FaultPlan[T]
    },
    list() {
      return [...active].map(([target, entry]) => ({ target, ...entry }))
    },
  })
}
