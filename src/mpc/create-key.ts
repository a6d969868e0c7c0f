import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, copyBytes, utf8 } from '../core/bytes.ts'
import { encode } from '../core/codec.ts'
import { adoptEpoch } from './adopt-epoch.ts'
import { assertCommittee, badArgument } from './checks.ts'
import { runFlow, type CeremonyOptions, type Party } from './flow.ts'
import { membersSchema, SUITE_IDS } from './key-record.ts'
import { PROTOCOLS } from './operations.ts'
import type { Member, Suite, ThresholdKey } from './types.ts'
import { createWireWriter } from './wire.ts'

export type CreateKeyRequest = {
  readonly suite: Suite
  /** How many of the members sign together: 2 to their number. */
  readonly threshold: number
  /** All of them, with the indices 1, 2, … in this order. */
  readonly members: readonly Member[]
  /** This device's index. */
  readonly self: number
}

/**
 * Makes a new key together with all its members. Nobody ever has the whole of
 * it. Every member calls this with the same request but its own `self`.
 *
 * @returns the key, once every member has signed that it holds its share.
 * @throws {LocketError} `usage/invalid-argument` for a committee that is none; `mpc/disagreement`, `mpc/misbehaved`, `mpc/banned` with
 *   `details.party`; `mpc/deadline`; what the session fails with. Nothing is kept but, if it came that far, a share that
 *   is not known to be everybody's: `settleKey` decides it.
 */
export async function createKey(party: Party, request: CreateKeyRequest, options: CeremonyOptions): Promise<ThresholdKey> {
  const { suite, threshold, members, self } = request
  assertCommittee(members, threshold, OPERATION)
  if (!members.some(({ index }) => index === self)) throw badArgument(OPERATION, 'self', 'this device is not among the members')
  const setup = {
    protocol: 'create',
    suite,
    keyId: new Uint8Array(),
    epoch: 0,
    threshold,
    partyCount: members.length,
    participants: members,
    self,
    context: copyBytes(sha256(concatBytes(utf8('locket/mpc/create/v1\0'), encode(membersSchema(), [...members])))),
  }
  return runFlow(party, setup, {}, options, async (flow) => {
    const parameters = createWireWriter().raw(flow.session.id).u8(self).u8(threshold).u8(members.length).finish()
    const secretShare = await flow.run({ suite: SUITE_IDS[suite], protocol: PROTOCOLS.create, parameters })
    return adoptEpoch(party, flow, { suite, threshold, members, self, secretShare })
  })
}

const OPERATION = 'mpc.createKey'
