import type { AbortOptions } from '../../core/abort.ts'
import { abortable } from '../../core/abortable.ts'
import { equalBytes } from '../../core/bytes.ts'
import { systemClock, systemEntropy, type Clock, type Entropy } from '../../core/capabilities.ts'
import { LocketError } from '../../core/errors.ts'
import { unpad } from '../../crypto/padme.ts'
import type { Relay } from '../port.ts'
import { isRouted } from './courier.ts'
import { decodeFrame, frameTag, KIND, openFrame, sealSingle } from './frame.ts'
import type { DeviceIdentity } from './identity.ts'
import { listen } from './listen.ts'
import { resolveParticipants, type Participants } from './participants.ts'
import { decodeResult, type PublishedResult } from './result.ts'
import { copySetup, setupHash, type SessionSetup } from './setup.ts'
import { byDeadline } from './waiting.ts'

export type FetchResultOptions = {
  readonly relay: Relay
  readonly identity: DeviceIdentity
  readonly setup: SessionSetup
  /** Whether the result is what the ceremony was about: a signature, checked against the public key and the message. */
  readonly verify: (published: PublishedResult) => boolean | Promise<boolean>
  readonly clock?: Clock | undefined
  readonly entropy?: Entropy | undefined
}

/**
 * The result that another party published, for a device that missed the end: its session, and even its process, may be gone.
 *
 * Waits for one until the deadline. The first that is signed by its party, is of this very setup and passes `verify` is returned;
 * others are passed over. It stays on the relay, so that a crash before it is kept loses nothing.
 *
 * @throws {LocketError} `session/timeout` at the deadline; `session/invalid-setup` or `session/expired`; `usage/closed` if the relay is closed.
 */
export async function fetchResult(options: FetchResultOptions, abort: AbortOptions = {}): Promise<PublishedResult> {
  abort.signal?.throwIfAborted()
  const { relay, identity, clock = systemClock(), entropy = systemEntropy() } = options
  const setup = copySetup(options.setup)
  const { others } = resolveParticipants({ setup, identity, clock })
  const hash = setupHash(setup)

  const judge = async (other: Participants['others'][number], body: Uint8Array): Promise<PublishedResult | undefined> => {
    const { lanes } = other
    let found: ReturnType<typeof decodeResult>
    try {
      const frame = decodeFrame(body)
      if (frame.kind !== KIND.result || !isRouted(frame, lanes.in.route)) return undefined
      const content = openFrame({ key: lanes.in, frame })
      found = content && decodeResult(unpad(content), other)
      if (found === undefined || !equalBytes(found.context, hash)) return undefined
      const { result, sessionId, party } = found
      const published = Object.freeze({ result, sessionId, party })
      if (!(await options.verify(published))) return undefined
      const ack = sealSingle(lanes.out, KIND.ack, frameTag(frame.sealed), entropy)
      // Whoever published it may stop sending; if this is lost it sends on, and no harm done.
      relay.send(lanes.out.mailbox, ack, { ttlMs: Math.max(1, setup.expiresAtMs - clock.nowMs()) }).catch(() => {})
      return published
    } catch {
      // Of a result that cannot be read, or verified, nothing is believed.
      return undefined
    }
  }

  const waitingFor = others.map(({ index }) => index)
  const late = () => new LocketError('session/timeout', { operation: 'session.fetchResult', details: { waitingFor, round: 0 } })
  const ears: AbortController[] = []
  try {
    return await byDeadline({ clock, atMs: setup.expiresAtMs, late }, abort, (signal) => {
      const found = new Promise<PublishedResult>((resolve, reject) => {
        for (const other of others) {
          const ear = new AbortController()
          ears.push(ear)
          const onBody = async (body: Uint8Array) => {
            const published = await judge(other, body)
            if (published !== undefined) resolve(published)
            return published === undefined
          }
          listen({ relay, mailbox: other.lanes.in.resultMailbox, clock, signal: ear.signal, onBody }).catch(reject)
        }
      })
      return abortable(found, { signal })
    })
  } finally {
    for (const ear of ears) ear.abort()
    for (const { lanes } of others) for (const key of [lanes.out, lanes.in]) key.secretKey.fill(0)
  }
}
