import { bcs } from '@mysten/bcs'
import { sha256 } from '@noble/hashes/sha2.js'
import { copyBytes, equalBytes, fromHex, utf8, type Bytes } from '../core/bytes.ts'
import { decodeStrict, encode } from '../core/codec.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { chooseParticipants } from './checks.ts'
import { acknowledgementText, areComplete } from './epoch.ts'
import { runFlow, type CeremonyOptions, type Flow, type Party } from './flow.ts'
import type { EpochRecord, KeyRecord } from './key-record.ts'

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
  const context = copyBytes(sha256(utf8('locket/mpc/settle/v1')))
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
    context,
  }
  return runFlow(party, setup, { keyId }, options, async (flow) => {
    const shown = await flow.broadcast(encodeView(before, flow))
    const views = [...shown].map(([from, bytes]) => ({ from, ...decodeView(bytes, from) }))
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

type View = {
  readonly committed: Pick<EpochRecord, 'epoch' | 'digest' | 'acknowledgements'> | undefined
  /** This party's signature for the epoch it has prepared. */
  readonly prepared: Bytes | undefined
}

function encodeView({ current, next }: KeyRecord, { session }: Flow): Bytes {
  return encode(schema(), {
    committed:
      current === undefined ? null : { epoch: current.epoch, digest: current.digest, acknowledgements: [...current.acknowledgements] },
    prepared: next === undefined ? null : session.sign(acknowledgementText(next.digest)),
  })
}

function decodeView(bytes: Bytes, party: number): View {
  try {
    const { committed, prepared } = decodeStrict(schema(), bytes, OPERATION)
    return {
      committed:
        committed === null
          ? undefined
          : {
              epoch: committed.epoch,
              digest: Uint8Array.from(committed.digest),
              acknowledgements: committed.acknowledgements.map((word) => ({
                party: word.party,
                signature: Uint8Array.from(word.signature),
              })),
            },
      prepared: prepared === null ? undefined : Uint8Array.from(prepared),
    }
  } catch (cause) {
    if (!isLocketError(cause)) throw cause
    throw new LocketError('mpc/disagreement', { operation: OPERATION, details: { party }, cause })
  }
}

function schema() {
  const word = bcs.struct('Acknowledgement', { party: bcs.u8(), signature: bcs.byteVector() })
  const committed = bcs.struct('Committed', { epoch: bcs.u32(), digest: bcs.bytes(32), acknowledgements: bcs.vector(word) })
  return bcs.struct('View', { committed: bcs.option(committed), prepared: bcs.option(bcs.byteVector()) })
}
