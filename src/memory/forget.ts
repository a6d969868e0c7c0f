import { isAbort } from '../core/abort.ts'
import type { LocketError } from '../core/errors.ts'
import { rotateCategory } from './flush.ts'
import type { FlushOptions } from './flush-types.ts'
import { removeLocally } from './forget-local.ts'
import { requireEntry } from './local.ts'
import { asLocketError } from './remember.ts'
import type { MemoryState, Tombstone } from './state.ts'
import type { MemoryId } from './types.ts'
import { assertMemoryId } from './validate.ts'

/** What is left of a forgotten memory, honestly. */
export type ForgetReceipt = {
  readonly id: MemoryId
  readonly forgottenAtMs: number
  /**
   * Whether nobody can obtain the memory's key from the network any more: the
   * manifest was rewritten without it under a new key epoch, and the policy
   * refuses the epoch that could open older manifests. Copies of a data key
   * that a member took while it was allowed to cannot be called back.
   */
  readonly keyDestroyed: boolean
  /** Encrypted bytes that storage nodes still hold, and for how long. */
  readonly remaining: readonly { readonly blobId: string; readonly untilEpoch: number | undefined }[]
  /** Quilts that held nothing else and were deleted. */
  readonly removedBlobIds: readonly string[]
  /** Why the network part is not done. It is done with the next `forget`; `forget([])` does only that. */
  readonly pending: LocketError | undefined
}

/**
 * Forgets memories for good. On this device at once: records, versions and
 * index entries are gone when this resolves. On the network: a rewritten
 * manifest under a new key epoch, in one quilt, and quilts that hold nothing
 * else are deleted where the wallet may.
 *
 * If the network cannot be reached the local part stands and the receipt says
 * what is pending.
 *
 * @throws {LocketError} `memory/unknown-id` or `memory/forgotten`, before anything is removed.
 */
export async function forget(state: MemoryState, ids: readonly MemoryId[], options: FlushOptions): Promise<readonly ForgetReceipt[]> {
  const atMs = state.clock.nowMs()
  const stones = await state.writing.run(() => {
    const wanted = [...new Set(ids)].map((id) => {
      assertMemoryId(id, 'memory.forget')
      return { id, category: requireEntry(state, id, 'memory.forget').category, atMs }
    })
    return removeLocally(state, wanted, { keysDestroyed: false })
  }, options)
  const { failures, removed } = await eraseForgotten(state, options)
  const endEpochs = await knownEndEpochs(state, stones, options)
  return stones.map(({ id, category }): ForgetReceipt => {
    const stone = state.tombstones.get(id) as Tombstone
    const left = stone.blobIds.filter((blobId) => !removed.has(blobId))
    return Object.freeze({
      id,
      forgottenAtMs: stone.atMs,
      keyDestroyed: !stone.keyAlive,
      remaining: left.map((blobId) => ({ blobId, untilEpoch: endEpochs.get(blobId) })),
      removedBlobIds: stone.blobIds.filter((blobId) => removed.has(blobId)),
      pending: failures.get(category),
    })
  })
}

/** Does the network part of every forgotten memory whose key can still be had. */
async function eraseForgotten(
  state: MemoryState,
  options: FlushOptions,
): Promise<{ readonly failures: ReadonlyMap<string, LocketError>; readonly removed: ReadonlySet<string> }> {
  const failures = new Map<string, LocketError>()
  const removed = new Set<string>()
  await state.uploading.run(async () => {
    const waiting = [...state.tombstones.values()].filter(({ keyAlive }) => keyAlive)
    for (const category of new Set(waiting.map((stone) => stone.category))) {
      try {
        await rotateCategory(state, category, options)
        const blobIds = waiting.filter((stone) => stone.category === category).flatMap((stone) => stone.blobIds)
        for (const blobId of await removableBlobs(state, category, blobIds)) {
          if (await state.network.quilts.remove(blobId, options)) removed.add(blobId)
        }
      } catch (error) {
        if (isAbort(error, options)) throw error
        failures.set(category, asLocketError(error))
      }
    }
  }, options)
  return { failures, removed }
}

/** Quilts that no surviving memory lies in. Only a device that knows everything in the space may say so. */
async function removableBlobs(state: MemoryState, category: string, blobIds: readonly string[]): Promise<readonly string[]> {
  const known = state.spaces.get(category)
  if (known === undefined || known.syncedVersion !== known.headVersion) return []
  const alive = new Set([known.headBlobId])
  for (const entry of state.catalog.values()) for (const { placement } of entry.versions) alive.add(placement?.blobId)
  return [...new Set(blobIds)].filter((blobId) => !alive.has(blobId))
}

async function knownEndEpochs(
  state: MemoryState,
  stones: readonly Tombstone[],
  options: FlushOptions,
): Promise<ReadonlyMap<string, number>> {
  if (stones.every(({ blobIds }) => blobIds.length === 0)) return new Map()
  try {
    return await state.network.quilts.endEpochs({ signal: options.signal })
  } catch (error) {
    if (isAbort(error, options)) throw error
    // The receipt is owed even when the chain does not answer; `undefined` says "not known".
    return new Map()
  }
}
