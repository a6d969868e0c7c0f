import type { CeremonyOptions, Party } from './flow.ts'
import { assertFounders, foundKey, type CreateKeyRequest } from './found-key.ts'
import type { ThresholdKey } from './types.ts'

export type { CreateKeyRequest } from './found-key.ts'

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
  assertFounders(request, 'mpc.createKey')
  return foundKey(party, request, { protocol: 'create', roles: new Uint8Array(), secrets: [] }, options)
}
