import type { AbortOptions } from '../core/abort.ts'
import { equalBytes } from '../core/bytes.ts'
import type { StoreOp } from '../store/port.ts'
import { indexItems } from './index-items.ts'
import { encodeItem, type Item } from './item.ts'
import { keepCertified, rewriteGroups, type CertifiedPatch, type PlacementGroup } from './certified.ts'
import { readItem } from './local.ts'
import { recordKey, recordOp, type Placement } from './record.ts'
import type { MemoryState } from './state.ts'
import type { MemoryId } from './types.ts'

/** A version that came from the network, with the patch it came in. */
export type Arrival = CertifiedPatch & { readonly item: Item }

/** A version number that the network has given away. */
type Taken = { readonly id: MemoryId; readonly version: number }

/**
 * Stores, catalogues and indexes versions that came from the network.
 *
 * Two devices may have updated one memory at the same time and given the new
 * version the same number. Whoever was certified first keeps it; what waits
 * here becomes a version after it. So neither is lost, and every device ends
 * with the same history in the same order. A version that waits here and is
 * the very one the network has was certified by this device in a run that was
 * cut off: it is not uploaded again.
 *
 * @param unreadable versions the network names but could not give: their numbers are taken all the same.
 */
export function takeOver(
  state: MemoryState,
  quilt: Omit<PlacementGroup, 'entries'>,
  arrivals: readonly Arrival[],
  unreadable: readonly Taken[],
  options: AbortOptions,
): Promise<void> {
  return state.writing.run(() => takeOverNow(state, quilt, arrivals, unreadable, options), options)
}

async function takeOverNow(
  state: MemoryState,
  quilt: Omit<PlacementGroup, 'entries'>,
  arrivals: readonly Arrival[],
  unreadable: readonly Taken[],
  options: AbortOptions,
): Promise<void> {
  const versionsOf = (id: MemoryId) => state.catalog.get(id)?.versions ?? []
  const waitsHere = ({ id, version }: Taken) => versionsOf(id).find((known) => known.version === version && known.placement === undefined)
  // What was forgotten, or came by another way, while it was being read.
  const accepted = arrivals.filter(
    ({ item: { id, version } }) =>
      !state.tombstones.has(id) &&
      !versionsOf(id).some((known) => known.version === version && known.placement !== undefined && !known.isLost),
  )
  const collided = new Map<MemoryId, number>()
  const ours: StoreOp[] = []
  for (const { item } of accepted) {
    const known = waitsHere(item)
    if (known === undefined) continue
    const waiting = await readItem(state, item.id, known, options)
    if (equalBytes(encodeItem(waiting), encodeItem(item))) ours.push({ type: 'delete', key: recordKey(item.id, item.version) })
    else collided.set(item.id, Math.min(item.version, collided.get(item.id) ?? Infinity))
  }
  for (const taken of unreadable) {
    if (waitsHere(taken)) collided.set(taken.id, Math.min(taken.version, collided.get(taken.id) ?? Infinity))
  }

  const moves: { readonly from: number; readonly item: Item }[] = []
  for (const [id, first] of collided) {
    const isOurs = (version: number) => ours.some(({ key }) => key === recordKey(id, version))
    const given = [...accepted.map(({ item }) => item), ...unreadable].filter((other) => other.id === id)
    let next = Math.max(...versionsOf(id).map(({ version }) => version), ...given.map(({ version }) => version))
    for (const known of versionsOf(id)) {
      if (known.version < first || known.placement !== undefined || isOurs(known.version)) continue
      next += 1
      moves.push({ from: known.version, item: { ...(await readItem(state, id, known, options)), version: next } })
    }
  }

  // Moved before what takes their place is written: whatever interrupts, each version is in one of the stores.
  await state.vault.batch(moves.flatMap(({ from, item }): StoreOp[] => [recordOp(item), { type: 'delete', key: recordKey(item.id, from) }]))
  for (const { from, item } of moves) {
    state.catalog.add({ item, placement: undefined })
    state.catalog.removeVersion(item.id, from)
  }
  const replaced = new Set<string>()
  for (const { item } of accepted) {
    const known = versionsOf(item.id).find(({ version }) => version === item.version)
    if (known?.placement !== undefined) replaced.add(known.placement.group)
  }
  const placements = await keepCertified(state, quilt, accepted)
  for (const [i, { item }] of accepted.entries()) state.catalog.add({ item, placement: placements[i] as Placement })
  if (replaced.size > 0) await state.cache.batch(rewriteGroups(state, replaced))
  await state.vault.batch(ours)

  const items = [...accepted.map(({ item }) => item), ...moves.map(({ item }) => item)]
  const newestItems = items.filter(({ id, version }) => versionsOf(id).at(-1)?.version === version)
  await indexItems(state, newestItems, options)
  const isMoved = new Set(moves.map(({ item }) => item))
  for (const item of newestItems) state.events.emit('state', { id: item.id, state: isMoved.has(item) ? 'local' : 'certified' })
}
