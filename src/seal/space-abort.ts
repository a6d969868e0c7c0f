import type { ErrorCode } from '../core/error-codes.ts'

/** The abort codes of `contracts/move/sources/space.move`, by number. */
const ABORTS: readonly (readonly [name: string, code: ErrorCode] | undefined)[] = [
  undefined,
  ['EWrongVersion', 'seal/wrong-package'],
  ['ENotOwner', 'seal/no-access'],
  ['ENotWriter', 'seal/no-access'],
  ['EStaleEpoch', 'seal/stale-epoch'],
  ['EStaleHead', 'memory/conflict'],
  ['EKeyAlreadySet', 'seal/stale-epoch'],
  ['EKeyNotSet', 'usage/wrong-state'],
  ['EEnvelopeSize', 'codec/too-large'],
  ['EHistorySize', 'codec/too-large'],
  ['ELabelSize', 'codec/too-large'],
  ['EHeadSize', 'usage/invalid-argument'],
  ['ETooManyMembers', 'chain/rejected'],
  ['EUnknownRole', 'usage/invalid-argument'],
  ['EExpiryInPast', 'usage/invalid-argument'],
  ['EOwnerAsMember', 'usage/invalid-argument'],
  ['ENotMember', 'usage/invalid-argument'],
  ['EReleaseInPast', 'usage/invalid-argument'],
  ['ESilenceTooShort', 'usage/invalid-argument'],
  ['ENothingToMigrate', 'usage/wrong-state'],
]

/**
 * What an abort of the space contract means to a caller: its name in the
 * contract and the error code it becomes. Unknown numbers become `chain/rejected`.
 */
export function explainSpaceAbort(abortCode: number): { readonly name: string; readonly code: ErrorCode } {
  const known = ABORTS[abortCode]
  return known ? { name: known[0], code: known[1] } : { name: `abort ${abortCode}`, code: 'chain/rejected' }
}
