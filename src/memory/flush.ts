import type { FlushedQuilt, FlushOptions, FlushReceipt, Pending } from './flush-types.ts'
import { IDENTIFIER_BYTES } from './envelope.ts'
import { planBatch } from './plan-batch.ts'
import { runBatch, unfinishedBatches } from './run-batch.ts'
import type { MemoryState } from './state.ts'

/**
 * Uploads what is only on this device: memories as encrypted patches of
 * quilts, each quilt with an encrypted manifest, each certified and named by
 * its space's head in one transaction. Unfinished uploads of an earlier run go
 * first, from where they stopped. Nothing leaves the vault before the chain
 * has certified it.
 *
 * @throws {LocketError} `memory/conflict` if another device moved the head during the upload; `walrus/*`, `chain/*`, `seal/*`
 *   as the engines report them. Everything not yet certified stays queued on this device.
 */
export function flush(state: MemoryState, options: FlushOptions): Promise<FlushReceipt> {
  return state.uploading.run(async () => {
    const quilts: FlushedQuilt[] = []
    const total = [...pendingByCategory(state, options.category).values()].reduce((sum, list) => sum + list.length, 0)
    const report = (quilt: FlushedQuilt) => {
      quilts.push(quilt)
      state.events.emit('progress', { task: 'flush', done: quilts.reduce((sum, { memories }) => sum + memories, 0), total })
    }
    for (const batch of await unfinishedBatches(state, options.category)) report(await runBatch(state, batch, options))
    for (const [category, pending] of pendingByCategory(state, options.category)) {
      for (const group of splitGroups(state, pending)) {
        // Uploads take long: all of it may have been forgotten while the ones before were under way.
        if (group.every(({ id }) => state.catalog.get(id) === undefined)) continue
        report(await runBatch(state, await planBatch(state, category, group, options), options))
      }
    }
    await state.search.flush()
    return summarise(quilts)
  }, options)
}

/**
 * Writes a snapshot of a category under a new key epoch: every surviving key is
 * wrapped anew, and the policy refuses the old data key from then on. This is
 * what destroys the keys of forgotten memories.
 */
export async function rotateCategory(state: MemoryState, category: string, options: FlushOptions): Promise<FlushedQuilt> {
  for (const batch of await unfinishedBatches(state, category)) await runBatch(state, batch, options)
  const pending = pendingByCategory(state, category).get(category) ?? []
  const group = splitGroups(state, pending)[0] ?? []
  return runBatch(state, await planBatch(state, category, group, { ...options, rotate: true }), options)
}

/** Versions that are in no certified quilt, by category, oldest first. */
export function pendingByCategory(state: MemoryState, only?: string): Map<string, Pending[]> {
  const pending = new Map<string, Pending[]>()
  for (const entry of state.catalog.values()) {
    if (only !== undefined && entry.category !== only) continue
    for (const version of entry.versions) {
      if (version.placement !== undefined) continue
      const list = pending.get(entry.category) ?? []
      list.push({ id: entry.id, version })
      pending.set(entry.category, list)
    }
  }
  return pending
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
