import type { AbortOptions } from '../core/abort.ts'
import { equalBytes } from '../core/bytes.ts'
import type { StoreOp } from '../store/port.ts'
import { indexItems } from './index-items.ts'
import { encodeItem, type Item } from './item.ts'
import { readRecord } from './local.ts'
import { encodeRecord, recordKey, type LocalRecord } from './record.ts'
import type { MemoryState } from './state.ts'
import type { MemoryId } from './types.ts'

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
  records: readonly LocalRecord[],
  unreadable: readonly Taken[],
  options: AbortOptions,
): Promise<void> {
  return state.writing.run(() => takeOverNow(state, records, unreadable, options), options)
}

async function takeOverNow(
  state: MemoryState,
  records: readonly LocalRecord[],
  unreadable: readonly Taken[],
  options: AbortOptions,
): Promise<void> {
  const versionsOf = (id: MemoryId) => state.catalog.get(id)?.versions ?? []
  const waitsHere = ({ id, version }: Taken) => versionsOf(id).find((known) => known.version === version && known.placement === undefined)
  // What was forgotten, or came by another way, while it was being read.
  const accepted = records.filter(
    ({ item: { id, version } }) =>
      !state.tombstones.has(id) && !versionsOf(id).some((known) => known.version === version && known.placement !== undefined),
  )
  const collided = new Map<MemoryId, number>()
  const ours: StoreOp[] = []
  for (const { item } of accepted) {
    const known = waitsHere(item)
    if (known === undefined) continue
    const waiting = await readRecord(state, item.id, known, options)
    if (equalBytes(encodeItem(waiting.item), encodeItem(item))) ours.push({ type: 'delete', key: recordKey(item.id, item.version) })
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
      moves.push({ from: known.version, item: { ...(await readRecord(state, id, known, options)).item, version: next } })
    }
  }

  // Moved before what takes their place is written: whatever interrupts, each version is in one of the stores.
  await state.vault.batch(
    moves.flatMap(({ from, item }): StoreOp[] => [
      { type: 'put', key: recordKey(item.id, item.version), value: encodeRecord({ item, placement: undefined }) },
      { type: 'delete', key: recordKey(item.id, from) },
    ]),
  )
  for (const { from, item } of moves) {
    state.catalog.add({ item, placement: undefined })
    state.catalog.removeVersion(item.id, from)
  }
  await state.cache.batch(
    accepted.map((record) => ({ type: 'put', key: recordKey(record.item.id, record.item.version), value: encodeRecord(record) })),
  )
  await state.vault.batch(ours)
  for (const record of accepted) state.catalog.add(record)

  const items = [...accepted.map(({ item }) => item), ...moves.map(({ item }) => item)]
  const newestItems = items.filter(({ id, version }) => versionsOf(id).at(-1)?.version === version)
  await indexItems(state, newestItems, options)
  const isMoved = new Set(moves.map(({ item }) => item))
  for (const item of newestItems) state.events.emit('state', { id: item.id, state: isMoved.has(item) ? 'local' : 'certified' })
}
