import { bcs } from '@mysten/bcs'
import { LocketError } from '../core/errors.ts'
import { u64Type } from './bcs-types.ts'
import type { Flow, Party } from './flow.ts'
import { seenSchema, standingFields, type Standing } from './key-record.ts'
import { showAll } from './show-all.ts'

/**
 * The first round of every ceremony with a key: each party says how far it has
 * come and what it last saw of the others.
 *
 * A share store that is opened begins where it was left: at least as far as anybody has heard of it
 * before. One that begins further back is an older copy, and stops before its share is
 * used. Within one opening, ceremonies may overtake each other.
 *
 * A party that lies here stops this ceremony and nothing else.
 *
 * @throws {LocketError} `mpc/rolled-back`, of this device or, with `details.party`, of another; `mpc/disagreement` for
 *   what cannot be read.
 */
export async function showStanding({ shares }: Party, flow: Flow, keyId: string): Promise<void> {
  // On disk before it is shown: what others remember of this device is never ahead of it by honest means.
  const record = await shares.advance(keyId, undefined, { signal: flow.signal })
  const { incarnation, revision } = record
  const own = { incarnation, opening: shares.opening, base: shares.base(keyId), revision }
  const shown = await showAll(flow, schema(), { ...own, seen: record.seen }, OPERATION)
  const news = new Map<number, Standing>()
  for (const [party, theirs] of shown) {
    if (isBehind(own, theirs.seen.get(record.current?.self ?? 0))) throw rolledBack({ keyId })
    if (isBehind(theirs, record.seen.get(party))) throw rolledBack({ keyId, party })
    news.set(party, theirs)
  }
  await shares.advance(keyId, news, { signal: flow.signal })
}

/** @param now.base - The revision at which this opening began. */
function isBehind(now: Standing & { readonly base: bigint }, seen: Standing | undefined): boolean {
  return seen !== undefined && seen.incarnation === now.incarnation && seen.opening !== now.opening && now.base < seen.revision
}

function rolledBack(details: { readonly keyId: string; readonly party?: number }): LocketError {
  return new LocketError('mpc/rolled-back', { operation: OPERATION, details })
}

const OPERATION = 'mpc.showStanding'

/** What a party shows: its standing, the revision at which this opening began, and what it last saw of the others. */
function schema() {
  return bcs.struct('Shown', { ...standingFields(), base: u64Type(), seen: seenSchema() })
}
