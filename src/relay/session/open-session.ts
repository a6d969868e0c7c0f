import type { AbortOptions } from '../../core/abort.ts'
import { systemClock, systemEntropy, type Clock, type Entropy } from '../../core/capabilities.ts'
import { LocketError } from '../../core/errors.ts'
import type { BlobStore } from '../../store/port.ts'
import type { Relay } from '../port.ts'
import { shakeHands } from './handshake.ts'
import type { DeviceIdentity } from './identity.ts'
import { resolveParticipants } from './participants.ts'
import { createSession } from './session.ts'
import { createSessionRecords } from './session-records.ts'
import { copySetup, setupHash, type SessionSetup } from './setup.ts'
import { createSteps } from './steps.ts'
import type { Session, SessionEvent } from './types.ts'

export type OpenSessionOptions = {
  /** Any, or several as one (`combineRelays`). */
  readonly relay: Relay
  readonly identity: DeviceIdentity
  /** The same for every party. This device is found in it by its card. */
  readonly setup: SessionSetup
  /** Where begun ceremonies are written down, so that none is begun twice. Without it that is forgotten with the process. */
  readonly store?: BlobStore | undefined
  readonly clock?: Clock | undefined
  readonly entropy?: Entropy | undefined
  /** Told of what happens beside results, from the handshake on. */
  readonly onEvent?: ((event: SessionEvent) => void) | undefined
}

/**
 * Opens a session among the parties of `setup`, over relays that nobody trusts: resolves when every party has signed the
 * same session id.
 *
 * A relay may lose, repeat, delay, reorder, alter and invent messages; the session loses none, takes each once, and believes only what
 * a party's keys made for this session, step, direction and place. What does not open is dropped and counted by
 * {@link OpenSessionOptions.onEvent}; it ends nothing. All waiting ends at `setup.expiresAtMs` by the given clock.
 *
 * What a session holds lives in memory: a ceremony whose process died is dead, for going on with restored secrets is how nonces
 * are used twice. A second opening of one ceremony on one store is refused, and the others are told. Two tabs that may open the same
 * ceremony need a lock above this.
 *
 * No failure convicts anybody, except where evidence is at hand: that is an event, and can be verified by anyone.
 *
 * @throws {LocketError} `session/invalid-setup`, `session/expired`, `session/spent`, `session/setup-mismatch`,
 *   `session/gone`, `session/disagreement`, `session/equivocation`, `session/malformed`, `session/timeout`, `relay/oversize` if the
 *   relay's messages are too small, `usage/closed` if the relay is closed, or what the store fails with. The methods of the session throw the same.
 */
export async function openSession(options: OpenSessionOptions, abort: AbortOptions = {}): Promise<Session> {
  abort.signal?.throwIfAborted()
  const { relay, identity, store, clock = systemClock(), entropy = systemEntropy() } = options
  const participants = resolveParticipants({ setup: options.setup, identity, clock })
  const { own, others } = participants
  const setup = copySetup(options.setup)
  const hash = setupHash(setup)
  const records = store && createSessionRecords({ store, setup, own: own.card, nowMs: clock.nowMs() })
  const state = await records?.begin(abort)

  const emit = (event: SessionEvent) => {
    try {
      options.onEvent?.(event)
    } catch {
      // A listener's mistake is its own: the session goes on.
    }
  }
  const steps = createSteps({ relay, clock, entropy, identity, setup, setupHash: hash, own, others, onEvent: emit })
  if (state !== undefined) {
    const error = new LocketError('session/spent', { operation: 'session.open', details: { state } })
    await steps.fail(error, state === 'begun' ? 'restarted' : undefined)
    throw error
  }
  try {
    const sessionId = await shakeHands({ steps, setup, setupHash: hash, identity, entropy, participants }, abort)
    const onFinished = async () => {
      // What was finished is finished; a record that says only "begun" refuses as well.
      await records?.finish().catch((error: unknown) => emit({ type: 'trouble', party: own.index, operation: 'store', error }))
    }
    return createSession({ steps, sessionId, setupHash: hash, identity, participants, onFinished })
  } catch (error) {
    await steps.fail(error, 'closed')
    throw error
  }
}
