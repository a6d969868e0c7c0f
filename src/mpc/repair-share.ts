import { equalBytes, fromHex, type Bytes } from '../core/bytes.ts'
import { decodeStrict, encode } from '../core/codec.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { assertCommittee, assertNotBanned, badArgument } from './checks.ts'
import { contextHash } from './context-hash.ts'
import { describeShare } from './describe-share.ts'
import { areComplete, epochDigest } from './epoch.ts'
import { runFlow, type CeremonyOptions, type Flow, type Party } from './flow.ts'
import { acknowledgementsSchema, membersSchema, publicPart, type EpochRecord } from './key-record.ts'
import type { Member, Suite, ThresholdKey } from './types.ts'
import { committed } from './with-key.ts'
import { sized } from './wire.ts'

/** What all who take part in a repair agree on. Plain data: send it to the device that lost its share. */
export type RepairPlan = {
  readonly keyId: string
  readonly suite: Suite
  readonly epoch: number
  readonly threshold: number
  readonly members: readonly Member[]
  /** Index of the member that lost its share. */
  readonly lost: number
  /** Indices of exactly as many others as the threshold, ascending. */
  readonly helpers: readonly number[]
}

/**
 * Plans to give a member of a FROST key its lost share again, on the same device identity.
 * If the identity is lost too, or somebody else may have the share, move the key with `planReshare`; an
 * ECDSA key knows no other way, since what each pair of its members has in common is lost with the share.
 *
 * @throws {LocketError} `usage/invalid-argument`
 */
export function planRepair(key: ThresholdKey, loss: { readonly lost: number; readonly helpers: readonly number[] }): RepairPlan {
  const { id: keyId, suite, epoch, threshold, members } = key
  const plan = { keyId, suite, epoch, threshold, members, lost: loss.lost, helpers: loss.helpers.toSorted((a, b) => a - b) }
  assertPlan(plan)
  return Object.freeze(plan)
}

/**
 * Rebuilds a lost share from those of a quorum of others. Nobody but the
 * device that lost it learns it; no share changes, so epoch, backups and those who take no part stay as they are.
 * The enrolment protocol of Laing and Stinson, "A survey and refinement of repairable threshold schemes"
 * (ePrint 2017/1155), with every value checked in the exponent (part 4 of `wasm/SPEC.md`).
 *
 * Helpers and the device that lost its share call this with the same plan.
 *
 * @param card - This device's own card: its place in the plan.
 * @returns the key. It is on disk, with the signed words of all members that this is its epoch.
 * @throws {LocketError} `usage/invalid-argument`, `mpc/unsettled` for a helper at another epoch, `mpc/disagreement` if no
 *   helper can show that all members are at this epoch, `mpc/rolled-back` if this device has seen a newer one, and as `refreshKey`.
 */
export async function repairShare(
  party: Party,
  request: { readonly plan: RepairPlan; readonly card: Uint8Array },
  options: CeremonyOptions,
): Promise<ThresholdKey> {
  const { plan, card } = request
  const { keyId, suite, epoch, threshold, members, lost, helpers } = plan
  assertPlan(plan)
  const participants = members.filter(({ index }) => index === lost || helpers.includes(index))
  const me = participants.find((member) => equalBytes(member.card, card))
  if (me === undefined) throw badArgument(OPERATION, 'card', 'this device is not in the plan')
  const isHelper = me.index !== lost
  const record = party.shares.records().find(({ id }) => id === keyId)
  if (record !== undefined) assertNotBanned(record, participants, OPERATION)
  if (isHelper) {
    const { current, next } = committed(party, keyId, OPERATION)
    if (current.epoch !== epoch || next !== undefined)
      throw new LocketError('mpc/unsettled', { operation: OPERATION, details: { keyId, epoch } })
  }
  const share = isHelper ? await party.shares.share(keyId, { signal: options.signal }) : new Uint8Array()
  const who = Uint8Array.from(helpers)
  const setup = {
    protocol: 'repair',
    suite,
    keyId: fromHex(keyId),
    epoch,
    threshold,
    partyCount: members.length,
    participants,
    self: me.index,
    context: contextHash('repair', Uint8Array.of(lost, who.length), who, encode(membersSchema(), members)),
  }
  try {
    return await runFlow(party, setup, record === undefined ? {} : { keyId }, options, async (flow) => {
      const secretShare = await flow.run([Uint8Array.of(lost), ...sized(who), fromHex(keyId), ...sized(share)])
      if (!isHelper) return adopt(party, flow, plan, secretShare)
      const { current } = committed(party, keyId, OPERATION)
      await flow.broadcast(encode(acknowledgementsSchema(), current.acknowledgements))
      return publicPart(committed(party, keyId, OPERATION))
    })
  } finally {
    share.fill(0)
  }
}

/** Keeps a rebuilt share once a helper has shown that all members stand behind the epoch it is of. */
async function adopt({ shares }: Party, flow: Flow, plan: RepairPlan, secretShare: Bytes): Promise<ThresholdKey> {
  const { keyId, suite, threshold, members, lost } = plan
  try {
    const about = await describeShare(flow, secretShare)
    const isMeant =
      about.keyId === keyId && about.suite === suite && about.epoch === plan.epoch && about.threshold === threshold && about.self === lost
    if (!isMeant || about.memberCount !== members.length) throw disagreement()
    const { epoch, publicKey, commitments } = about
    const digest = epochDigest({ keyId, suite, epoch, threshold, members, publicKey, commitments })
    const shown = await flow.broadcast(new Uint8Array())
    const acknowledgements = [...shown.values()].map(readable).find((words) => areComplete({ members, digest }, words, flow.session))
    if (acknowledgements === undefined) throw disagreement()
    const current = { epoch, threshold, members, self: lost, publicKey, digest, acknowledgements }
    const fresh = { incarnation: '', revision: 0n, next: undefined, bans: [], presignatures: [], seen: new Map() }
    const record = { ...fresh, id: keyId, suite, current }
    await shares.restore(record, secretShare, { signal: flow.signal })
    return publicPart(record)
  } finally {
    secretShare.fill(0)
  }
}

/** What a helper sent, or nothing if it cannot be read: another may have sent what can. */
function readable(bytes: Bytes): EpochRecord['acknowledgements'] {
  try {
    return decodeStrict(acknowledgementsSchema(), bytes, OPERATION)
  } catch (error) {
    if (!isLocketError(error)) throw error
    return []
  }
}

const OPERATION = 'mpc.repairShare'

function assertPlan({ suite, members, threshold, lost, helpers }: RepairPlan): void {
  if (suite === 'ecdsa-secp256k1') throw badArgument(OPERATION, 'suite', 'a share of an ECDSA key is replaced by resharing')
  assertCommittee(members, threshold, OPERATION)
  const isMember = (wanted: number) => members.some(({ index }) => index === wanted)
  if (!isMember(lost)) throw badArgument(OPERATION, 'lost', 'the one that lost its share is a member of the key')
  const areOthers = helpers.every((helper, at) => isMember(helper) && helper !== lost && !helpers.includes(helper, at + 1))
  if (!areOthers || helpers.length !== threshold) throw badArgument(OPERATION, 'helpers', `exactly ${threshold} other members help`)
}

function disagreement(): LocketError {
  return new LocketError('mpc/disagreement', {
    operation: OPERATION,
    message: 'no helper can show that all members are at this epoch',
  })
}
