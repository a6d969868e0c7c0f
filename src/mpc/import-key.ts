import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, copyBytes, utf8, type Bytes } from '../core/bytes.ts'
import { encode } from '../core/codec.ts'
import { adoptEpoch } from './adopt-epoch.ts'
import { assertCommittee, badArgument } from './checks.ts'
import type { CreateKeyRequest } from './create-key.ts'
import { runFlow, type CeremonyOptions, type Party } from './flow.ts'
import { membersSchema, SUITE_IDS } from './key-record.ts'
import { PROTOCOLS } from './operations.ts'
import type { ThresholdKey } from './types.ts'
import { createWireWriter } from './wire.ts'

export type ImportKeyRequest = CreateKeyRequest & {
  /** Index of the member who has the whole key. */
  readonly dealer: number
  /** The whole key, given by the dealer alone: 32 bytes. Not kept and not overwritten: it is the caller's. */
  readonly secretKey?: Bytes | undefined
  /** How `secretKey` is written: the suite's own scalar, or for Ed25519 a seed of RFC 8032, as wallets keep it. Default `scalar`. */
  readonly form?: 'scalar' | 'ed25519-seed' | undefined
}

/**
 * DANGEROUS: splits a key that one device has the whole of. It was whole before, so
 * every copy of it that exists or existed signs alone, whatever the shares do. Make a
 * new key with `createKey` and move the funds there wherever that can be done.
 *
 * Every member calls this with the same request, the dealer with `secretKey`.
 *
 * @throws {LocketError} as `createKey`; `usage/invalid-argument` if `secretKey` is missing at the dealer or given by another.
 */
export async function dangerouslyImportKey(party: Party, request: ImportKeyRequest, options: CeremonyOptions): Promise<ThresholdKey> {
  const { suite, threshold, members, self, dealer, secretKey, form = 'scalar' } = request
  assertCommittee(members, threshold, OPERATION)
  if (!members.some(({ index }) => index === self)) throw badArgument(OPERATION, 'self', 'this device is not among the members')
  if (!members.some(({ index }) => index === dealer)) throw badArgument(OPERATION, 'dealer', 'the dealer is not among the members')
  if ((secretKey?.length === 32) !== (self === dealer))
    throw badArgument(OPERATION, 'secretKey', 'the dealer, and nobody else, gives 32 bytes')
  const roles = Uint8Array.of(dealer, form === 'scalar' ? 0 : 1)
  const setup = {
    protocol: 'import',
    suite,
    keyId: new Uint8Array(),
    epoch: 0,
    threshold,
    partyCount: members.length,
    participants: members,
    self,
    context: copyBytes(sha256(concatBytes(utf8('locket/mpc/import/v1\0'), roles, encode(membersSchema(), [...members])))),
  }
  return runFlow(party, setup, {}, options, async (flow) => {
    const parameters = createWireWriter().raw(flow.session.id).u8(self).u8(threshold).u8(members.length).raw(roles)
    parameters.bytes(secretKey ?? new Uint8Array())
    const secretShare = await flow.run({ suite: SUITE_IDS[suite], protocol: PROTOCOLS.import, parameters: parameters.finish() })
    return adoptEpoch(party, flow, { suite, threshold, members, self, secretShare })
  })
}

const OPERATION = 'mpc.importKey'
