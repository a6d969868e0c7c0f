import type { Clock } from '../../core/capabilities.ts'

/** What a relay server grants. Every number may be changed by the operator. */
export type RelayLimits = {
  /** Largest body, in bytes. */
  readonly maxBodyBytes: number
  /** Longest time a message is held, in milliseconds; a longer wish is cut to it. */
  readonly maxTtlMs: number
  /** Messages held for one mailbox. */
  readonly messagesPerMailbox: number
  /** Bytes held in all. */
  readonly totalBytes: number
  /** A mailbox that is empty, unread and unused for so long is forgotten; using it again counts as a new one. Milliseconds. */
  readonly mailboxIdleMs: number
  /** New mailboxes per day, for each network address. */
  readonly mailboxesPerDay: number
  /** Connections and openings of mailboxes per minute, for each network address. */
  readonly requestsPerMinute: number
  /** Messages taken over per minute, for each network address. */
  readonly messagesPerMinute: number
  /** Connections at once, for each network address. */
  readonly connectionsPerAddress: number
  /** Readings at once, for each connection. */
  readonly readersPerConnection: number
  /** A connection with so many bytes waiting to leave gets no more until they have. */
  readonly bufferedBytes: number
  /** A connection with so many requests under way is read no further until one is answered. */
  readonly requestsUnderWay: number
  /** How often expired messages and idle mailboxes are looked for, in milliseconds. */
  readonly sweepMs: number
}

/** The limits unless told otherwise. */
export const DEFAULT_RELAY_LIMITS: RelayLimits = {
  maxBodyBytes: 256 * 1024,
  maxTtlMs: 3_600_000,
  messagesPerMailbox: 1_000,
  totalBytes: 1024 ** 3,
  mailboxIdleMs: 600_000,
  mailboxesPerDay: 100,
  requestsPerMinute: 60,
  messagesPerMinute: 600,
  connectionsPerAddress: 20,
  readersPerConnection: 32,
  bufferedBytes: 1024 * 1024,
  requestsUnderWay: 64,
  sweepMs: 60_000,
}

/** Counts what each network address takes. Keeps an address for as long as it matters to a limit. */
export type Quota = {
  /** Takes one of `limit` per `windowMs`: 0, or how long to wait, in milliseconds. Nothing is taken then. */
  take(address: string, what: string, limit: number, windowMs: number): number
  /** Forgets addresses that have everything back. */
  sweep(): void
  /** How many counts are kept. */
  readonly size: number
}

/** A quota of its own, by token buckets: what was taken comes back evenly over the window. */
export function createQuota(clock: Clock): Quota {
  const buckets = new Map<string, { left: number; atMs: number; readonly limit: number; readonly windowMs: number }>()
  const refill = (bucket: { left: number; atMs: number; readonly limit: number; readonly windowMs: number }) => {
    const nowMs = clock.nowMs()
    bucket.left = Math.min(bucket.limit, bucket.left + ((nowMs - bucket.atMs) * bucket.limit) / bucket.windowMs)
    bucket.atMs = nowMs
  }
  return Object.freeze({
    take(address: string, what: string, limit: number, windowMs: number) {
      const key = `${what} ${address}`
      const bucket = buckets.get(key) ?? { left: limit, atMs: clock.nowMs(), limit, windowMs }
      buckets.set(key, bucket)
      refill(bucket)
      if (bucket.left < 1) return Math.ceil(((1 - bucket.left) * windowMs) / limit)
      bucket.left -= 1
      return 0
    },
    sweep() {
      for (const [key, bucket] of buckets) {
        refill(bucket)
        if (bucket.left >= bucket.limit) buckets.delete(key)
      }
    },
    get size() {
      return buckets.size
    },
  })
}
