import { copyBytes, type Bytes } from '../core/bytes.ts'
import { systemClock, systemEntropy, type Clock, type Entropy } from '../core/capabilities.ts'
import type { Relay } from '../relay/port.ts'
import { decodeDeviceCard, verifySignature } from '../relay/session/card.ts'
import { fetchResult } from '../relay/session/fetch-result.ts'
import type { DeviceIdentity } from '../relay/session/identity.ts'
import { openSession } from '../relay/session/open-session.ts'
import { labelled } from '../relay/session/purpose.ts'
import type { SessionSetup } from '../relay/session/setup.ts'
import type { Session, SessionEvent } from '../relay/session/types.ts'
import { byDeadline } from '../relay/session/waiting.ts'
import type { BlobStore } from '../store/port.ts'
import type { CeremonySession, CeremonySetup, Meeting } from './session.ts'

export type MeetOverOptions = {
  /** Any, or several as one (`combineRelays`). */
  readonly relay: Relay
  /** Whose card the members know. */
  readonly identity: DeviceIdentity
  /** Where begun ceremonies are written down, so that none is begun twice. */
  readonly store?: BlobStore | undefined
  readonly clock?: Clock | undefined
  readonly entropy?: Entropy | undefined
  /** Told whom a session waits for, and what was dropped. */
  readonly onEvent?: ((event: SessionEvent) => void) | undefined
}

/** How long a device that is done stays for those who are not, in milliseconds: some resends, over a relay that is slow and loses a fifth. */
const LINGER_MS = 60_000

/** Meets the others in sealed sessions over a relay nobody trusts. A member's `card` is its `encodeDeviceCard`. */
export function meetOver(options: MeetOverOptions): Meeting {
  const { relay, identity, store, clock = systemClock(), entropy = systemEntropy(), onEvent } = options
  return Object.freeze<Meeting>({
    async connect(setup, { signal }) {
      const session = await openSession({ relay, identity, setup: toSession(setup), store, clock, entropy, onEvent }, { signal })
      return Object.freeze<CeremonySession>({
        id: session.sessionId,
        exchange: (outgoing, exchangeOptions) => session.exchange(outgoing, exchangeOptions),
        finish: (finishOptions) => session.finish(finishOptions),
        sign: (message) => identity.sign('epoch', message),
        verify: (card, message, signature) => isSignedBy(card, message, signature),
        async close(outcome) {
          if ('published' in outcome) await part(session, clock, outcome.published)
          await session.close()
        },
      })
    },
    async fetchResult(setup, verify, { signal }) {
      const { result } = await fetchResult(
        { relay, identity, setup: toSession(setup), clock, entropy, verify: (published) => verify(published.result) },
        { signal },
      )
      return result
    },
  })
}

/** Leaves only when everybody has everything, or after a while; and leaves on the relay what a party that is gone may come back for. */
async function part(session: Session, clock: Clock, published: Bytes | undefined): Promise<void> {
  const limit = { clock, atMs: clock.nowMs() + LINGER_MS, late: () => undefined }
  // What the others make of a result that is there and was verified is theirs: no failure is this device's.
  await byDeadline(limit, undefined, async (signal) => {
    const finishing = session.finish({ signal }).then(() => session.settled({ signal }))
    const publishing = published && session.publishResult(published, { signal })
    await Promise.allSettled([finishing, publishing])
  }).catch(() => {})
}

function toSession({ participants, ...setup }: CeremonySetup): SessionSetup {
  // `self` is not in it: a session finds this device by its card.
  return { ...setup, parties: participants.map(({ index, card }) => ({ index, card: decodeDeviceCard(card) })) }
}

function isSignedBy(card: Bytes, message: Bytes, signature: Bytes): boolean {
  try {
    return verifySignature(decodeDeviceCard(card).signKey, copyBytes(labelled('epoch', message)), signature)
  } catch {
    return false
  }
}
