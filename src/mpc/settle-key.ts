import { bcs } from '@mysten/bcs'
import { equalBytes, fromHex } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { bytesType, optionalType } from './bcs-types.ts'
import { chooseParticipants } from './checks.ts'
import { contextHash } from './context-hash.ts'
import { acknowledgementText, areComplete } from './epoch.ts'
import { runFlow, type CeremonyOptions, type Flow, type Party } from './flow.ts'
import { acknowledgementsSchema, type EpochRecord, type KeyRecord } from './key-record.ts'
import { showAll } from './show-all.ts'

/**
 * How it stands with a key's epoch: `settled` at one; `dropped`, the change that had begun is off; `open`, because neither
 * everybody nor anybody who knows was there.
 */
export type SettleOutcome = { readonly outcome: 'settled' | 'dropped' | 'open'; readonly epoch: number | undefined }

/**
 * Finds out with other members how a change of epoch ended that this device
 * did not see the end of. Safe to call at any time, with any members, by all of them with the
 * same `participants`.
 *
 * Who moved on shows every member's signature, and who is in doubt follows: nobody can be led to an
 * epoch that a member does not hold. If all members of the epoch to be are there and all hold
 * it, they move to it; if one does not and nobody has moved, all drop it.
 *
 * @throws {LocketError} `mpc/unknown-key`; `mpc/rolled-back` if the others prove an epoch that was never prepared here: recover
 *   the share; `mpc/banned`, `mpc/disagreement`, `mpc/deadline`, and what the session fails with.
 */
export async function settleKey(
  party: Party,
  request: { readonly keyId: string; readonly participants: readonly number[] },
  options: CeremonyOptions,
): Promise<SettleOutcome> {
  const { keyId, participants: wanted } = request
  const { shares } = party
  const { current: kept, next: undecided } = shares.record(keyId)
  // A word that was never given can be taken back, and would be at the next opening.
  if (undecided?.isAcknowledged === false) {
    await shares.discard(keyId)
    // Of a new key that was all there was.
    if (kept === undefined) return { outcome: 'dropped', epoch: undefined }
  }
  const before = shares.record(keyId)
  const view = before.next ?? (before.current as EpochRecord)
  const participants = chooseParticipants(before, view, wanted, OPERATION)
  const setup = {
    protocol: 'settle',
    suite: before.suite,
    keyId: fromHex(keyId),
    // Not the epoch: that is what is in doubt.
    epoch: 0,
    threshold: view.threshold,
    partyCount: view.members.length,
    participants,
    self: view.self,
    context: contextHash('settle'),
  }
  return runFlow(party, setup, { keyId }, options, async (flow) => {
    const shown = await showAll(flow, schema(), viewOf(before, flow), OPERATION)
    const views = Array.from(shown, ([from, theirs]) => ({ from, ...theirs }))
    const { current, next } = before
    const proofs = views.flatMap(({ committed }) => (committed === undefined ? [] : [committed]))
    const ahead = proofs.filter(({ epoch }) => epoch > (current?.epoch ?? -1))
    const unknown = ahead.find(({ digest }) => next === undefined || !equalBytes(digest, next.digest))
    if (unknown !== undefined) throw new LocketError('mpc/rolled-back', { operation: OPERATION, details: { keyId, newest: unknown.epoch } })
    if (next === undefined) return { outcome: 'settled', epoch: current?.epoch }
    const own = { party: next.self, signature: flow.session.sign(acknowledgementText(next.digest)) }
    const words = views.flatMap(({ from, prepared }) => (prepared === undefined ? [] : [{ party: from, signature: prepared }]))
    const complete = [...ahead.map(({ acknowledgements }) => acknowledgements), [own, ...words]].find((all) =>
      areComplete(next, all, flow.session),
    )
    if (complete !== undefined) {
      await shares.commit(keyId, complete)
      return { outcome: 'settled', epoch: next.epoch }
    }
    const isEverybody = next.members.every(({ index }) => index === next.self || shown.has(index))
    if (!isEverybody || ahead.length > 0) return { outcome: 'open', epoch: current?.epoch }
    await shares.discard(keyId)
    return { outcome: 'dropped', epoch: current?.epoch }
  })
}

const OPERATION = 'mpc.settleKey'

function viewOf({ current, next }: KeyRecord, { session }: Flow) {
  return { committed: current, prepared: next && session.sign(acknowledgementText(next.digest)) }
}

/** What a party shows: its epoch with the proof of it, and its signature for the one it has prepared. */
function schema() {
  const committed = bcs.struct('Committed', { epoch: bcs.u32(), digest: bytesType(32), acknowledgements: acknowledgementsSchema() })
  return bcs.struct('View', { committed: optionalType(committed), prepared: optionalType(bytesType()) })
}
