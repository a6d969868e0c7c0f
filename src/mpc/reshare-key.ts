import { equalBytes, fromHex, type Bytes } from '../core/bytes.ts'
import { encode } from '../core/codec.ts'
import { LocketError } from '../core/errors.ts'
import { adoptEpoch, leaveKey } from './adopt-epoch.ts'
import { assertCommittee, assertNotBanned, badArgument } from './checks.ts'
import { contextHash } from './context-hash.ts'
import { runFlow, type CeremonyOptions, type Party } from './flow.ts'
import { membersSchema } from './key-record.ts'
import type { Member, Suite, ThresholdKey } from './types.ts'
import { sized } from './wire.ts'

/** What all who take part in a resharing agree on. Plain data: send it to those who have no share yet. */
export type ResharePlan = {
  readonly keyId: string
  readonly suite: Suite
  /** The epoch that is left. */
  readonly epoch: number
  /** The threshold of that epoch, which is the number of dealers. */
  readonly oldThreshold: number
  /** Members of the old epoch who deal their shares out, with their old indices, ascending. */
  readonly dealers: readonly Member[]
  /** The committee to be, with the indices 1, 2, … in this order. */
  readonly members: readonly Member[]
  readonly threshold: number
}

/**
 * Plans to move a key to another committee: a lost device replaced, somebody added or removed, another
 * threshold. By default members and threshold stay, which is how a lost share is recovered: name the new
 * device's card in the lost one's place.
 *
 * @param changes.dealers - Old indices of exactly as many members as the present threshold.
 * @throws {LocketError} `usage/invalid-argument`
 */
export function planReshare(
  key: ThresholdKey,
  changes: {
    readonly dealers: readonly number[]
    readonly members?: readonly Omit<Member, 'index'>[] | undefined
    readonly threshold?: number | undefined
  },
): ResharePlan {
  const plan = {
    keyId: key.id,
    suite: key.suite,
    epoch: key.epoch,
    oldThreshold: key.threshold,
    dealers: key.members.filter(({ index }) => changes.dealers.includes(index)),
    members: (changes.members ?? key.members).map(({ name, card }, at) => ({ index: at + 1, name, card })),
    threshold: changes.threshold ?? key.threshold,
  }
  if (plan.dealers.length !== changes.dealers.length) throw badArgument(OPERATION, 'dealers', 'dealers are distinct members of the key')
  assertPlan(plan)
  return Object.freeze(plan)
}

/**
 * Moves a key to the planned committee: dealers, new members and all who are
 * both call this with the same plan. The key and its address stay.
 *
 * Who leaves erases its share when everybody else has a new one. Not promised: that a
 * device which took no part, or is not honest, erases its old share. Enough old shares
 * of one epoch are the key for ever: if they may be out, move the funds to a new key.
 *
 * @param card - This device's own card: its place in the plan.
 * @returns the key at its new epoch, or `undefined` for a dealer who left.
 * @throws {LocketError} `usage/invalid-argument`, `mpc/unsettled` if the epoch the plan leaves is not this device's, and as `refreshKey`.
 */
export async function reshareKey(
  party: Party,
  request: { readonly plan: ResharePlan; readonly card: Uint8Array },
  options: CeremonyOptions,
): Promise<ThresholdKey | undefined> {
  const { plan, card } = request
  const { keyId, suite, epoch, dealers, members, threshold } = plan
  assertPlan(plan)
  const participants = participantsOf(plan)
  const me = participants.find((member) => equalBytes(member.card, card))
  if (me === undefined) throw badArgument(OPERATION, 'card', 'this device is not in the plan')
  const isDealer = dealers.some((dealer) => equalBytes(dealer.card, card))
  const record = party.shares.records().find(({ id }) => id === keyId)
  if (record !== undefined) {
    assertNotBanned(record, participants, OPERATION)
    const isElsewhere = record.current?.epoch !== epoch || record.next !== undefined
    if (isElsewhere) throw new LocketError('mpc/unsettled', { operation: OPERATION, details: { keyId, epoch } })
  }
  const share = isDealer ? await party.shares.share(keyId, { signal: options.signal }) : new Uint8Array()
  const setup = {
    protocol: 'reshare',
    suite,
    keyId: fromHex(keyId),
    epoch,
    threshold,
    partyCount: participants.length,
    participants,
    self: me.index,
    context: contextOf(plan),
  }
  try {
    return await runFlow(party, setup, record === undefined ? {} : { keyId }, options, async (flow) => {
      const roles = participants.flatMap(({ index, card: theirs }) => {
        const dealer = dealers.find((member) => equalBytes(member.card, theirs))
        return dealer === undefined ? [] : [index, dealer.index]
      })
      const numbers = Uint8Array.of(me.index, threshold, members.length)
      const secretShare = await flow.run([numbers, ...sized(Uint8Array.from(roles)), fromHex(keyId), ...sized(share)])
      if (me.index > members.length) return leaveKey(party, flow, { keyId, members })
      return adoptEpoch(party, flow, { suite, threshold, members, self: me.index, secretShare, keyId })
    })
  } finally {
    share.fill(0)
  }
}

const OPERATION = 'mpc.reshareKey'

/** The new committee, and after it the dealers who leave. */
function participantsOf({ members, dealers }: ResharePlan): readonly Member[] {
  const leaving = dealers.filter((dealer) => !members.some((member) => equalBytes(member.card, dealer.card)))
  return [...members, ...leaving.map((dealer, at) => ({ ...dealer, index: members.length + 1 + at }))]
}

function assertPlan({ members, threshold, dealers, oldThreshold }: ResharePlan): void {
  assertCommittee(members, threshold, OPERATION)
  if (dealers.length !== oldThreshold) throw badArgument(OPERATION, 'dealers', `exactly ${oldThreshold} members deal`)
}

function contextOf({ oldThreshold, threshold, dealers, members }: ResharePlan): Bytes {
  const schema = membersSchema()
  return contextHash('reshare', Uint8Array.of(oldThreshold, threshold), encode(schema, dealers), encode(schema, members))
}
