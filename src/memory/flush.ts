import { isAbort } from '../core/abort.ts'
import { isLocketError, type LocketError } from '../core/errors.ts'
import type { FlushedQuilt, FlushOptions, FlushReceipt, Pending } from './flush-types.ts'
import { IDENTIFIER_BYTES } from './envelope.ts'
import type { Batch } from './batch.ts'
import { pendingByCategory } from './pending.ts'
import { planBatch } from './plan-batch.ts'
import { runBatch } from './run-batch.ts'
import type { MemoryState } from './state.ts'
import { unfinishedBatches } from './unfinished-batches.ts'

/**
 * Uploads what is only on this device: memories as encrypted patches of
 * quilts, each quilt with an encrypted manifest, each certified and named by
 * its space's head in one transaction. Unfinished uploads of an earlier run go
 * first, from where they stopped. Nothing leaves the vault before the chain
 * has certified it.
 *
 * @throws {LocketError} `memory/conflict` if another device moved the head during the upload; `walrus/*`, `chain/*`, `seal/*`
 *   as the engines report them. Everything not yet certified stays queued on this device. What concerns one category only
 *   is thrown after the other categories were uploaded.
 */
export function flush(state: MemoryState, options: FlushOptions): Promise<FlushReceipt> {
  return state.uploading.run(async () => {
    const quilts: FlushedQuilt[] = []
    const total = [...pendingByCategory(state, options.category).values()].reduce((sum, list) => sum + list.length, 0)
    const report = (quilt: FlushedQuilt) => {
      quilts.push(quilt)
      state.events.emit('progress', { task: 'flush', done: quilts.reduce((sum, { memories }) => sum + memories, 0), total })
    }
    const failures = new Map<string, LocketError>()
    /** One category that is refused, such as one this wallet may only read, does not keep the others here. */
    const attempt = async (category: string, task: () => Promise<void>): Promise<void> => {
      if (failures.has(category)) return
      try {
        await task()
      } catch (error) {
        if (isAbort(error, options) || !isLocketError(error) || concernsAll(error)) throw error
        failures.set(category, error)
      }
    }
    for (const batch of await unfinishedBatches(state, options.category)) {
      await attempt(batch.category, async () => report(await runBatch(state, batch, options)))
    }
    for (const [category, pending] of pendingByCategory(state, options.category)) {
      // What arrives while this runs is for the next flush: a flush has an end.
      const ids = new Set(pending.map(({ id }) => id))
      await attempt(category, async () => {
        for (;;) {
          const batch = await planBatch(
            state,
            category,
            (list) =>
              splitGroups(
                state,
                list.filter(({ id }) => ids.has(id)),
              )[0] ?? [],
            options,
          )
          if (batch === undefined) break
          report(await runBatch(state, batch, options))
        }
      })
    }
    await state.search.flush()
    for (const failure of failures.values()) throw failure
    return summarise(quilts)
  }, options)
}

/** Whether the next category would meet the same: no wallet is asked again for what it just refused, or has not got. */
function concernsAll({ code }: LocketError): boolean {
  if (['chain/not-found', 'chain/rejected', 'chain/stale-object'].includes(code)) return false
  return ['chain/', 'usage/', 'store/'].some((prefix) => code.startsWith(prefix)) || code === 'walrus/epochs-out-of-range'
}

/**
 * Writes a snapshot of a category under a new key epoch: every surviving key is
 * wrapped anew, and the policy refuses the old data key from then on. This is
 * what destroys the keys of forgotten memories.
 */
export async function rotateCategory(state: MemoryState, category: string, options: FlushOptions): Promise<FlushedQuilt> {
  for (const batch of await unfinishedBatches(state, category)) await runBatch(state, batch, options)
  const batch = await planBatch(state, category, (pending) => splitGroups(state, pending)[0] ?? [], { ...options, rotate: true })
  return runBatch(state, batch as Batch, options)
}

/** Cuts a list into groups that each fit one quilt, leaving room for its manifest. */
export function splitGroups(state: Pick<MemoryState, 'network'>, pending: readonly Pending[]): Pending[][] {
  const { maxPatches, maxBytes } = state.network.quilts.limits
  const groups: Pending[][] = []
  let bytes = Infinity
  for (const item of pending) {
    const group = groups.at(-1)
    bytes += item.version.patchBytes + MANIFEST_ENTRY_BYTES
    if (group === undefined || group.length >= maxPatches - 1 || bytes > maxBytes) {
      groups.push([item])
      bytes = item.version.patchBytes + MANIFEST_ENTRY_BYTES
    } else {
      group.push(item)
    }
  }
  return groups
}

/** Id, version, identifier and key of one memory in a manifest. */
export const MANIFEST_ENTRY_BYTES = 16 + 4 + 1 + 2 * IDENTIFIER_BYTES + 32

function summarise(quilts: readonly FlushedQuilt[]): FlushReceipt {
  const sum = <T extends number | bigint>(zero: T, pick: (quilt: FlushedQuilt) => T) =>
    quilts.reduce((total, quilt) => ((total as number) + (pick(quilt) as number)) as T, zero)
  return Object.freeze({
    quilts,
    memories: sum(0, ({ memories }) => memories),
    costFrost: sum(0n, ({ costFrost }) => costFrost),
    gasMist: sum(0n, ({ gasMist }) => gasMist),
    signatures: sum(0, ({ signatures }) => signatures),
  })
}
