import { equalBytes } from '../core/bytes.ts'
import { isLocketError } from '../core/errors.ts'
import type { DualSide } from './dual-side.ts'
import { decodeHead, encodeHead, HEAD_KEY, type DualHead } from './dual-head.ts'
import { collectKeys } from './keys.ts'
import type { StoreOp } from './port.ts'

/** Copying is written in batches of about this many bytes. */
const COPY_BATCH_BYTES = 2 * 1024 * 1024
const COPY_BATCH_RECORDS = 500

/** Why the two sides differed. `none`: they did not. */
export type HealReason = 'none' | 'missing' | 'behind' | 'diverged' | 'damaged' | 'incomplete'

/** What opening a dual store found and did. */
export type DualHealth = {
  /** The side that was repaired. */
  readonly healed: 'none' | 'primary' | 'journal' | 'both'
  readonly reason: HealReason
  /** Records copied to or removed from the repaired side. */
  readonly records: number
  /** Damaged records the journal found in its file. They were restored from the primary where it had them. */
  readonly damagedRecords: number
}

type Plan = {
  readonly source: 'primary' | 'journal'
  readonly reason: Exclude<HealReason, 'none'>
  /** Copy what only the target has back to the source instead of deleting it: the source may have lost it. */
  readonly union: boolean
}

/**
 * Brings two sides to the same contents and head. Interrupted at any point, the
 * next call does the rest: the target's head says `copying` until all is there.
 *
 * @returns the common head, `undefined` if both sides are empty, and what was done.
 */
export async function healSides(sides: {
  readonly primary: DualSide
  readonly journal: DualSide
}): Promise<{ readonly head: DualHead | undefined; readonly health: DualHealth }> {
  const [primaryHead, journalHead] = await Promise.all([readHead(sides.primary), readHead(sides.journal)])
  const damagedRecords = sides.journal.damagedRecords ?? 0
  const plan = choose(primaryHead, journalHead, damagedRecords)
  if (plan === undefined) {
    const head = primaryHead
    const records = head === undefined ? 0 : await levelKeys(sides)
    const healed = records === 0 ? 'none' : 'both'
    return { head, health: { healed, reason: records === 0 ? 'none' : 'incomplete', records, damagedRecords } }
  }
  const target = plan.source === 'primary' ? 'journal' : 'primary'
  const head = (plan.source === 'primary' ? primaryHead : journalHead) as DualHead
  const records = await rebuild(sides[plan.source], sides[target], head, plan.union)
  // Only now: until the target is whole, the record of its damage must outlive a crash.
  if (damagedRecords > 0) await sides.journal.compact?.()
  return { head, health: { healed: target, reason: plan.reason, records, damagedRecords } }
}

async function readHead(side: DualSide): Promise<DualHead | undefined> {
  return decodeHead(await side.get(HEAD_KEY))
}

/** Which side to believe. `undefined`: both say the same. */
function choose(primary: DualHead | undefined, journal: DualHead | undefined, damagedRecords: number): Plan | undefined {
  if (primary === undefined && journal === undefined) return undefined
  if (journal === undefined) return { source: 'primary', reason: 'missing', union: false }
  if (primary === undefined) return { source: 'journal', reason: 'missing', union: false }
  if (primary.state !== journal.state) {
    return { source: primary.state === 'whole' ? 'primary' : 'journal', reason: 'incomplete', union: false }
  }
  const lead = primary.sequence - journal.sequence
  if (damagedRecords > 0) {
    // A batch is acknowledged only when both have it, so a whole primary one batch behind has lost nothing.
    if (lead >= -1n) return { source: 'primary', reason: 'damaged', union: false }
    return { source: 'journal', reason: 'damaged', union: true }
  }
  if (lead > 0n) return { source: 'primary', reason: 'behind', union: false }
  if (lead < 0n) return { source: 'journal', reason: 'behind', union: false }
  if (equalBytes(primary.tag, journal.tag)) return undefined
  return { source: 'journal', reason: 'diverged', union: true }
}

/**
 * Makes `target` equal to `source`, head last.
 *
 * @returns how many records had to change.
 */
async function rebuild(source: DualSide, target: DualSide, head: DualHead, union: boolean): Promise<number> {
  const [sourceKeys, targetKeys] = await Promise.all([dataKeys(source), dataKeys(target)])
  const present = new Set(targetKeys)
  const wanted = new Set(sourceKeys)
  const writer = createBatchWriter(target)
  await target.batch([{ type: 'put', key: HEAD_KEY, value: encodeHead({ ...head, state: 'copying' }) }])
  let changed = 0
  for (const key of sourceKeys) {
    const value = await readSound(source, key)
    if (value === undefined) continue
    const current = present.has(key) ? await readSound(target, key) : undefined
    if (current !== undefined && equalBytes(current, value)) continue
    changed++
    await writer.add({ type: 'put', key, value })
  }
  const extra = targetKeys.filter((key) => !wanted.has(key))
  if (union) changed += await copyKeys(target, source, extra)
  else for (const key of extra) await writer.add({ type: 'delete', key })
  if (!union) changed += extra.length
  await writer.add({ type: 'put', key: HEAD_KEY, value: encodeHead({ ...head, state: 'whole' }) })
  await writer.flush()
  if (head.state === 'copying') await source.batch([{ type: 'put', key: HEAD_KEY, value: encodeHead({ ...head, state: 'whole' }) }])
  return changed
}

/**
 * For equal heads: copies what one side lacks from the other. Batches are atomic
 * and carry the head, so a difference can only be records a side lost, as when
 * site data was cleared while the store was open.
 */
async function levelKeys({ primary, journal }: { readonly primary: DualSide; readonly journal: DualSide }): Promise<number> {
  const [primaryKeys, journalKeys] = await Promise.all([dataKeys(primary), dataKeys(journal)])
  const inPrimary = new Set(primaryKeys)
  const inJournal = new Set(journalKeys)
  const toPrimary = journalKeys.filter((key) => !inPrimary.has(key))
  const toJournal = primaryKeys.filter((key) => !inJournal.has(key))
  return (await copyKeys(journal, primary, toPrimary)) + (await copyKeys(primary, journal, toJournal))
}

async function copyKeys(from: DualSide, to: DualSide, keys: readonly string[]): Promise<number> {
  const writer = createBatchWriter(to)
  for (const key of keys) {
    const value = await readSound(from, key)
    if (value !== undefined) await writer.add({ type: 'put', key, value })
  }
  await writer.flush()
  return keys.length
}

async function dataKeys(side: DualSide): Promise<string[]> {
  return (await collectKeys(side.list(''))).filter((key) => key !== HEAD_KEY)
}

/** The value, or `undefined` where there is none or only a damaged one. */
async function readSound(side: DualSide, key: string): Promise<Uint8Array | undefined> {
  try {
    return await side.get(key)
  } catch (error) {
    if (isLocketError(error, 'store/corrupt')) return undefined
    throw error
  }
}

function createBatchWriter(side: DualSide): { add(op: StoreOp): Promise<void>; flush(): Promise<void> } {
  let ops: StoreOp[] = []
  let bytes = 0
  const flush = async () => {
    if (ops.length === 0) return
    const batch = ops
    ops = []
    bytes = 0
    await side.batch(batch)
  }
  return {
    async add(op) {
      ops.push(op)
      bytes += op.type === 'put' ? op.value.length : 0
      if (bytes >= COPY_BATCH_BYTES || ops.length >= COPY_BATCH_RECORDS) await flush()
    },
    flush,
  }
}
