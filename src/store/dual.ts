import type { AbortOptions } from '../core/abort.ts'
import { equalBytes, type Bytes } from '../core/bytes.ts'
import { randomBytes, systemEntropy, type Entropy } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import { assertKey, assertOps, assertUsable } from './checks.ts'
import { createCommitQueue } from './commit-queue.ts'
import { encodeHead, HEAD_KEY, RESERVED_PREFIX, type DualHead } from './dual-head.ts'
import { healSides, type DualHealth } from './dual-heal.ts'
import type { DualSide } from './dual-side.ts'
import { collectKeys, iterateKeys } from './keys.ts'
import type { BlobStore, StoreOp } from './port.ts'

/** How a repair ended. `unrepairable`: neither side has an authentic copy. */
export type RepairOutcome = 'sound' | 'repaired' | 'unrepairable'

/** A {@link BlobStore} kept twice. */
export type DualStore = BlobStore & {
  /** What opening found and did. */
  readonly health: DualHealth
  /**
   * Whether both sides were empty at opening. Either nothing was ever written
   * here or both copies were wiped; only the caller knows which.
   */
  readonly isFresh: boolean
  /**
   * For a record that failed authentication: looks at both copies with
   * `verify` and overwrites a bad or missing one with the good one.
   */
  readonly repair: (key: string, verify: (value: Bytes) => Promise<boolean>, options?: AbortOptions) => Promise<RepairOutcome>
}

export type OpenDualStoreOptions = AbortOptions & {
  /** Read from first. In a browser IndexedDB. */
  readonly primary: DualSide
  /** In a browser the OPFS journal. Breaks a tie. */
  readonly journal: DualSide
  readonly entropy?: Entropy | undefined
}

/**
 * Keeps every record in two stores of different make and acknowledges a write
 * only when both have it, because one of them is not enough: Chromium can
 * delete a whole IndexedDB after a hard kill (google/leveldb #1287).
 *
 * - Each batch carries a head (sequence and random tag) to both sides in the
 *   same atomic batch. Opening compares the heads and rebuilds the side that
 *   was wiped, is behind, or was interrupted, from the other; see `health`.
 * - A write that fails on one side rejects with that side's error. It may still
 *   be found later, whole, never in part. The next write first brings the two
 *   sides together again; while that fails, writes keep failing and reads go on.
 * - `get` asks the journal when the primary fails or has nothing, so a primary
 *   wiped while open does not look like an empty store.
 * - Keys beginning with `~dual/` are refused.
 * - Where only one side can be had, pass `createMemoryStore()` as the journal:
 *   the heads go on, so that a real journal is caught up when it comes back. Never
 *   write to one side directly; deletions made behind the other's back come back.
 * - Owns both sides: `close` closes them. Exactly one dual store may be open
 *   on a pair of sides; the journal's lock sees to that.
 *
 * Not promised: surviving the loss of both sides (cleared site data, eviction);
 * that is what the network backup is for.
 *
 * @throws {LocketError} `usage/invalid-argument` if a side has no atomic batch; otherwise what reading or healing a side fails with.
 */
export async function openDualStore(options: OpenDualStoreOptions): Promise<DualStore> {
  const { primary, journal, entropy = systemEntropy() } = options
  assertSides(primary, journal)
  options.signal?.throwIfAborted()
  const opened = await healSides({ primary, journal })
  let head: DualHead | undefined = opened.head
  let isDiverged = false
  let isClosed = false

  const queue = createCommitQueue(async (ops) => {
    if (isDiverged) {
      head = (await healSides({ primary, journal })).head
      isDiverged = false
    }
    const next: DualHead = { state: 'whole', sequence: (head?.sequence ?? 0n) + 1n, tag: randomBytes(entropy, 16) }
    const batch: readonly StoreOp[] = [...ops, { type: 'put', key: HEAD_KEY, value: encodeHead(next) }]
    const outcomes = await Promise.allSettled([journal.batch(batch), primary.batch(batch)])
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failure !== undefined) {
      isDiverged = true
      throw failure.reason
    }
    head = next
  })

  const write = async (ops: readonly StoreOp[], operation: string, writeOptions?: AbortOptions) => {
    assertUsable(isClosed, operation, writeOptions)
    assertOps(ops, operation)
    for (const { key } of ops) assertNotReserved(key, operation)
    if (ops.length > 0) await queue.write(ops, writeOptions)
  }

  const read = async (key: string, readOptions?: AbortOptions): Promise<Bytes | undefined> => {
    let failure: unknown
    try {
      const value = await primary.get(key, readOptions)
      if (value !== undefined) return value
    } catch (error) {
      readOptions?.signal?.throwIfAborted()
      failure = error
    }
    const kept = await journal.get(key, readOptions)
    if (kept === undefined && failure !== undefined) throw failure
    return kept
  }

  const keysOf = async (prefix: string, listOptions?: AbortOptions): Promise<readonly string[]> => {
    assertUsable(isClosed, 'store.list', listOptions)
    const listSides = () => collectKeys(journal.list(prefix, listOptions)).catch(() => collectKeys(primary.list(prefix, listOptions)))
    const keys = await queue.read(listSides)
    return keys.filter((key) => !key.startsWith(RESERVED_PREFIX))
  }

  const repairNow = async (key: string, verify: (value: Bytes) => Promise<boolean>): Promise<RepairOutcome> => {
    const [first, second] = await Promise.allSettled([primary.get(key), journal.get(key)])
    const fromPrimary = await authentic(first, verify)
    const fromJournal = await authentic(second, verify)
    const good = fromPrimary ?? fromJournal
    if (good === undefined) return 'unrepairable'
    if (fromPrimary !== undefined && fromJournal !== undefined && equalBytes(fromPrimary, fromJournal)) return 'sound'
    await Promise.all([primary, journal].map((side) => side.put(key, good)))
    return 'repaired'
  }

  return Object.freeze({
    features: Object.freeze({ atomicBatch: true, durable: primary.features.durable && journal.features.durable, crossTab: false }),
    health: Object.freeze(opened.health),
    isFresh: opened.head === undefined,
    async get(key: string, getOptions?: AbortOptions) {
      assertUsable(isClosed, 'store.get', getOptions)
      assertKey(key, 'store.get')
      assertNotReserved(key, 'store.get')
      return queue.read(() => read(key, getOptions))
    },
    put: (key: string, value: Uint8Array, putOptions?: AbortOptions) => write([{ type: 'put', key, value }], 'store.put', putOptions),
    delete: (key: string, deleteOptions?: AbortOptions) => write([{ type: 'delete', key }], 'store.delete', deleteOptions),
    batch: (ops: readonly StoreOp[], batchOptions?: AbortOptions) => write(ops, 'store.batch', batchOptions),
    list: (prefix: string, listOptions?: AbortOptions) => iterateKeys(keysOf(prefix, listOptions)),
    async repair(key: string, verify: (value: Bytes) => Promise<boolean>, repairOptions?: AbortOptions) {
      assertUsable(isClosed, 'store.repair', repairOptions)
      return queue.exclusive(() => repairNow(key, verify))
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await queue.settled()
      await Promise.all([primary.close(), journal.close()])
    },
  })
}

async function authentic(
  read: PromiseSettledResult<Bytes | undefined>,
  verify: (value: Bytes) => Promise<boolean>,
): Promise<Bytes | undefined> {
  if (read.status === 'rejected' || read.value === undefined) return undefined
  return (await verify(read.value)) ? read.value : undefined
}

function assertSides(primary: DualSide, journal: DualSide): void {
  if (primary.features.atomicBatch && journal.features.atomicBatch) return
  throw new LocketError('usage/invalid-argument', {
    operation: 'store.openDual',
    message: 'both sides must have atomic batches',
    details: { parameter: primary.features.atomicBatch ? 'journal' : 'primary' },
  })
}

function assertNotReserved(key: string, operation: string): void {
  if (!key.startsWith(RESERVED_PREFIX)) return
  throw new LocketError('usage/invalid-argument', {
    operation,
    message: `keys beginning with ${RESERVED_PREFIX} belong to the dual store`,
    details: { parameter: 'key' },
  })
}
