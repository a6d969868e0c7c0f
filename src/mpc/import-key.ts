import type { Bytes } from '../core/bytes.ts'
import { badArgument } from './checks.ts'
import type { CeremonyOptions, Party } from './flow.ts'
import { assertFounders, foundKey, type CreateKeyRequest } from './found-key.ts'
import type { ThresholdKey } from './types.ts'
import { sized } from './wire.ts'

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
  const { members, self, dealer, secretKey, form = 'scalar' } = request
  assertFounders(request, OPERATION)
  if (!members.some(({ index }) => index === dealer)) throw badArgument(OPERATION, 'dealer', 'the dealer is not among the members')
  if ((secretKey?.length === 32) !== (self === dealer))
    throw badArgument(OPERATION, 'secretKey', 'the dealer, and nobody else, gives 32 bytes')
  const roles = Uint8Array.of(dealer, form === 'scalar' ? 0 : 1)
  return foundKey(party, request, { protocol: 'import', roles, secrets: sized(secretKey ?? new Uint8Array()) }, options)
}

const OPERATION = 'mpc.importKey'
