import type { Clock } from '../../core/capabilities.ts'
import { LocketError } from '../../core/errors.ts'
import { isSameDevice } from './card.ts'
import type { DeviceIdentity } from './identity.ts'
import { deriveLanes, type LanePair } from './lanes.ts'
import { assertSetup, type Party, type SessionSetup } from './setup.ts'

/** A ceremony from where one device stands. */
export type Participants = { readonly own: Party; readonly others: readonly (Party & { readonly lanes: LanePair })[] }

/**
 * Finds this device among the parties, and its lanes to the others.
 *
 * @throws {LocketError} `session/invalid-setup` if the setup cannot be or this device is no party of it; `session/expired`.
 */
export function resolveParticipants(input: {
  readonly setup: SessionSetup
  readonly identity: DeviceIdentity
  readonly clock: Clock
}): Participants {
  const { setup, identity, clock } = input
  const operation = 'session.open'
  assertSetup(setup)
  const own = setup.parties.find(({ card }) => isSameDevice(card, identity.card))
  if (own === undefined) {
    throw new LocketError('session/invalid-setup', { operation, message: 'this device is no party of it', details: { field: 'parties' } })
  }
  if (clock.nowMs() >= setup.expiresAtMs) throw new LocketError('session/expired', { operation })
  const others = setup.parties
    .filter((party) => party !== own)
    .map((party) => {
      try {
        return { ...party, lanes: deriveLanes({ identity, other: party.card, ceremonyId: setup.ceremonyId }) }
      } catch (cause) {
        throw new LocketError('session/invalid-setup', { operation, details: { field: 'parties', party: party.index }, cause })
      }
    })
  return { own, others }
}
