import { removeCertified } from './certified.ts'
import { recordKey } from './record.ts'
import { tombstoneOp, type MemoryState, type Tombstone } from './state.ts'
import type { MemoryId } from './types.ts'
import { unfinishedBatches } from './unfinished-batches.ts'

/**
 * Removes memories from this device: every version's record, their index
 * entries, and from then on their names. The tombstone is written first and in
 * the vault; what a crash leaves of the records is removed at the next open.
 * Called by whoever holds `state.writing`.
 */
export async function removeLocally(
  state: MemoryState,
  wanted: readonly { readonly id: MemoryId; readonly category: string; readonly atMs: number }[],
  options: { readonly keysDestroyed: boolean },
): Promise<readonly Tombstone[]> {
  const fresh = wanted.filter(({ id }) => !state.tombstones.has(id))
  if (fresh.length === 0) return []
  // A batch under way will take the key to the network although the memory is gone here.
  const underWay = new Set((await unfinishedBatches(state)).flatMap(({ entries }) => entries.map(({ id }) => id)))
  const stones = fresh.map(({ id, category, atMs }): Tombstone => {
    const blobIds = new Set<string>()
    for (const { placement } of state.catalog.get(id)?.versions ?? []) if (placement !== undefined) blobIds.add(placement.blobId)
    return { id, category, atMs, blobIds: [...blobIds], keyAlive: underWay.has(id) || (!options.keysDestroyed && blobIds.size > 0) }
  })
  const removals = fresh.flatMap(({ id }) =>
    (state.catalog.get(id)?.versions ?? []).map(({ version }) => ({ type: 'delete' as const, key: recordKey(id, version) })),
  )
  const fromCache = removeCertified(state, new Set(fresh.map(({ id }) => id)))
  await state.vault.batch([...stones.map(tombstoneOp), ...removals])
  for (const stone of stones) {
    state.tombstones.set(stone.id, stone)
    state.catalog.remove(stone.id)
  }
  await state.cache.batch(fromCache)
  await state.search.remove(fresh.map(({ id }) => id))
  for (const { id } of fresh) state.events.emit('state', { id, state: 'forgotten' })
  return stones
}
