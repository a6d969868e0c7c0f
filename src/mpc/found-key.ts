import type { Bytes } from '../core/bytes.ts'
import { encode } from '../core/codec.ts'
import { adoptEpoch } from './adopt-epoch.ts'
import { assertCommittee, badArgument } from './checks.ts'
import { contextHash } from './context-hash.ts'
import { runFlow, type CeremonyOptions, type Party } from './flow.ts'
import { membersSchema } from './key-record.ts'
import type { Member, Suite, ThresholdKey } from './types.ts'

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
 * Throws unless the members make a committee with this device in it.
 *
 * @throws {LocketError} `usage/invalid-argument`
 */
export function assertFounders({ members, threshold, self }: CreateKeyRequest, operation: string): void {
  assertCommittee(members, threshold, operation)
  if (!members.some(({ index }) => index === self)) throw badArgument(operation, 'self', 'this device is not among the members')
}

/** What every key begins with: a ceremony of all members, and the first epoch. `roles` are agreed on, `secrets` are not shown. */
export function foundKey(
  party: Party,
  request: CreateKeyRequest,
  kind: { readonly protocol: 'create' | 'import'; readonly roles: Bytes; readonly secrets: readonly Uint8Array[] },
  options: CeremonyOptions,
): Promise<ThresholdKey> {
  const { suite, threshold, members, self } = request
  const { protocol, roles, secrets } = kind
  const setup = {
    protocol,
    suite,
    keyId: new Uint8Array(),
    epoch: 0,
    threshold,
    partyCount: members.length,
    participants: members,
    self,
    context: contextHash(protocol, roles, encode(membersSchema(), members)),
  }
  return runFlow(party, setup, {}, options, async (flow) => {
    const secretShare = await flow.run([Uint8Array.of(self, threshold, members.length), roles, ...secrets])
    return adoptEpoch(party, flow, { suite, threshold, members, self, secretShare })
  })
}
