import { adoptEpoch } from './adopt-epoch.ts'
import type { CeremonyOptions, Party } from './flow.ts'
import type { ThresholdKey } from './types.ts'
import { withKey } from './with-key.ts'
import { sized } from './wire.ts'

/**
 * Replaces every share of a key by a new one, with all members taking part.
 * The key and its address stay; shares, backups and presignatures of the epoch before are
 * worthless from then on, so make backups anew.
 *
 * @returns the key at its new epoch, once every member has signed that it holds its new share.
 * @throws {LocketError} as `sign`. Before everybody has its new share the old ones go on; if this device does not
 *   learn whether everybody has, both are kept and `settleKey` decides.
 */
export function refreshKey(party: Party, request: { readonly keyId: string }, options: CeremonyOptions): Promise<ThresholdKey> {
  const { keyId } = request
  return withKey(party, { protocol: 'refresh', keyId, context: new Uint8Array(32) }, options, async (flow, record, share) => {
    const { suite, current } = record
    return adoptEpoch(party, flow, { ...current, suite, secretShare: await flow.run(sized(share)), keyId })
  })
}
