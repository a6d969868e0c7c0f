import { equalBytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import type { EpochRecord, KeyRecord } from './key-record.ts'
import type { Member } from './types.ts'

/** Most members of a key. */
export const MAX_MEMBERS = 32

/** The caller's mistake, by the name of the argument. */
export function badArgument(operation: string, parameter: string, message: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation, message, details: { parameter } })
}

/**
 * Throws unless `members` and `threshold` make a committee: 2 to {@link MAX_MEMBERS} members with
 * the indices 1, 2, … in this order, distinct devices, and a threshold from 2 to their number.
 * A threshold of 1 would give every member the whole key.
 *
 * @throws {LocketError} `usage/invalid-argument`
 */
export function assertCommittee(members: readonly Member[], threshold: number, operation: string): void {
  const count = members.length
  if (!(count >= 2 && count <= MAX_MEMBERS)) throw badArgument(operation, 'members', `a key has 2 to ${MAX_MEMBERS} members`)
  for (const [at, { index, card }] of members.entries()) {
    if (index !== at + 1) throw badArgument(operation, 'members', 'members have the indices 1, 2, 3 and so on; 0 is the key itself')
    if (members.some((other, place) => place < at && equalBytes(other.card, card))) {
      throw badArgument(operation, 'members', 'one device cannot hold two shares of a key')
    }
  }
  if (!Number.isInteger(threshold) || threshold < 2 || threshold > count) {
    throw badArgument(operation, 'threshold', 'a threshold is a whole number from 2 to the number of members')
  }
}

/**
 * The members that `participants` name, this device among them.
 *
 * @throws {LocketError} `usage/invalid-argument` for duplicates, strangers, a set without this device, or fewer
 *   or more than `count`; `mpc/banned` if one of them is banned from this key.
 */
export function chooseParticipants(
  record: Pick<KeyRecord, 'bans' | 'id'>,
  epoch: Pick<EpochRecord, 'members' | 'self'>,
  participants: readonly number[],
  operation: string,
  count?: number,
): readonly Member[] {
  const chosen = new Set(participants)
  const members = epoch.members.filter(({ index }) => chosen.has(index))
  if (members.length !== participants.length) throw badArgument(operation, 'participants', 'participants are distinct members of the key')
  if (!chosen.has(epoch.self)) throw badArgument(operation, 'participants', 'this device is not among the participants')
  if (count !== undefined && members.length !== count)
    throw badArgument(operation, 'participants', `exactly ${count} participants are needed`)
  assertNotBanned(record, members, operation)
  return members
}

/**
 * Throws if one of `members` is banned from the key, by device: another index does not help it.
 *
 * @throws {LocketError} `mpc/banned`
 */
export function assertNotBanned({ bans, id }: Pick<KeyRecord, 'bans' | 'id'>, members: readonly Member[], operation: string): void {
  const banned = members.find(({ card }) => bans.some((ban) => equalBytes(ban.card, card)))
  if (banned !== undefined) throw new LocketError('mpc/banned', { operation, details: { keyId: id, party: banned.index } })
}
