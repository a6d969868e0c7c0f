import type { AbortOptions } from '../../core/abort.ts'
import { equalBytes } from '../../core/bytes.ts'
import { systemClock, systemEntropy, type Clock, type Entropy } from '../../core/capabilities.ts'
import { isLocketError, LocketError } from '../../core/errors.ts'
import { unpad } from '../../crypto/padme.ts'
import type { Delivery, Relay } from '../port.ts'
import { isRouted } from './courier.ts'
import { decodeFrame, frameTag, KIND, openFrame, sealFrame } from './frame.ts'
import type { DeviceIdentity } from './identity.ts'
import { resolveParticipants, type Participants } from './participants.ts'
import { decodeResult, type PublishedResult } from './result.ts'
import { copySetup, setupHash, type SessionSetup } from './setup.ts'

export type FetchResultOptions = {
  readonly relay: Relay
  readonly identity: DeviceIdentity
  readonly setup: SessionSetup
  /** Whether the result is what the ceremony was about: a signature, checked against the public key and the message. */
  readonly verify: (published: PublishedResult) => boolean | Promise<boolean>
  readonly clock?: Clock | undefined
  readonly entropy?: Entropy | undefined
}

/** How soon a relay that failed is asked again, in milliseconds. */
const ASK_AGAIN_MS = 2_000
const MAX_SLEEP_MS = 2 ** 30
const NO_CONTEXT = new Uint8Array()

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
  const ears: AbortController[] = []
  const operation = 'session.fetchResult'

  const judge = async (other: Participants['others'][number], body: Uint8Array): Promise<PublishedResult | undefined> => {
    const { lanes } = other
    let found: ReturnType<typeof decodeResult>
    try {
      const frame = decodeFrame(body)
      if (frame.kind !== KIND.result || !isRouted(frame, lanes.in.route)) return undefined
      const content = openFrame({ key: lanes.in, frame, context: NO_CONTEXT })
      found = content && decodeResult(unpad(content), other)
      if (found === undefined || !equalBytes(found.context, hash)) return undefined
      const { result, sessionId, party } = found
      const published = Object.freeze({ result, sessionId, party })
      if (!(await options.verify(published))) return undefined
      const header = { kind: KIND.ack, step: 0, index: 0, count: 1 } as const
      const ack = sealFrame({ key: lanes.out, header, context: NO_CONTEXT, content: frameTag(frame.sealed), entropy })
      // Whoever published it may stop sending; if this is lost it sends on, and no harm done.
      relay.send(lanes.out.mailbox, ack, { ttlMs: Math.max(1, setup.expiresAtMs - clock.nowMs()) }).catch(() => {})
      return published
    } catch {
      // Of a result that cannot be read, or verified, nothing is believed.
      return undefined
    }
  }

  const discard = (delivery: Delivery) => void delivery.acknowledge().catch(() => {})

  const listen = async (other: Participants['others'][number]): Promise<PublishedResult> => {
    // Of its own: many listeners on one signal would look like a leak.
    const ear = new AbortController()
    ears.push(ear)
    const { signal } = ear
    for (;;) {
      try {
        for await (const delivery of relay.receive(other.lanes.in.resultMailbox, { signal })) {
          const published = await judge(other, delivery.body)
          if (published !== undefined) return published
          discard(delivery)
        }
        throw new LocketError('usage/closed', { operation, message: 'the relay was closed' })
      } catch (error) {
        if (signal.aborted || isLocketError(error, 'usage/closed')) throw error
        await clock.sleep(ASK_AGAIN_MS, { signal })
      }
    }
  }

  const deadline = async (): Promise<never> => {
    const { signal } = timer
    for (;;) {
      const leftMs = setup.expiresAtMs - clock.nowMs()
      if (leftMs <= 0)
        throw new LocketError('session/timeout', { operation, details: { waitingFor: others.map(({ index }) => index), round: 0 } })
      await clock.sleep(Math.min(leftMs, MAX_SLEEP_MS), { signal })
    }
  }

  const timer = new AbortController()
  ears.push(timer)
  const onAbort = () => timer.abort(abort.signal?.reason)
  abort.signal?.addEventListener('abort', onAbort, { once: true })
  const runs = [...others.map(listen), deadline()]
  for (const run of runs) run.catch(() => {})
  try {
    return await Promise.race(runs)
  } finally {
    abort.signal?.removeEventListener('abort', onAbort)
    for (const ear of ears) ear.abort()
    for (const { lanes } of others) for (const key of [lanes.out, lanes.in]) key.secretKey.fill(0)
  }
}
