import type { AbortOptions } from '../../core/abort.ts'
import { abortable } from '../../core/abortable.ts'
import { copyBytes, type Bytes } from '../../core/bytes.ts'
import { LocketError } from '../../core/errors.ts'
import { padMessage, type ReadMessage } from './compose.ts'
import { KIND } from './frame.ts'
import type { DeviceIdentity } from './identity.ts'
import type { Participants } from './participants.ts'
import { encodeResult } from './result.ts'
import type { Steps } from './steps.ts'
import type { Incoming, Outgoing, Session } from './types.ts'

/** Largest published result, in bytes: it goes in one frame of any relay. */
export const MAX_RESULT_BYTES: number = 32 * 1024

const EMPTY = new Uint8Array()
/** Steps before round 1. */
const HANDSHAKE_STEPS = 2

/** What a caller has of a session whose handshake is done. */
export function createSession(input: {
  readonly steps: Steps
  readonly sessionId: Bytes
  readonly setupHash: Bytes
  readonly identity: DeviceIdentity
  readonly participants: Participants
  /** Called once it is finished. Its failure is not the session's. */
  onFinished(): Promise<void>
}): Session {
  const { steps, sessionId, setupHash, identity } = input
  const { own, others } = input.participants
  let finished: Promise<void> | undefined
  let lastRound: number | undefined

  const assertOutgoing = (broadcast: Uint8Array, direct: ReadonlyMap<number, Uint8Array>) => {
    const invalid = (parameter: string, message: string) =>
      new LocketError('usage/invalid-argument', { operation: 'session.exchange', message, details: { parameter } })
    if (!(broadcast instanceof Uint8Array)) throw invalid('broadcast', 'a broadcast is bytes')
    for (const [party, bytes] of direct) {
      const isMessage = bytes instanceof Uint8Array && others.some(({ index }) => index === party)
      if (!isMessage) throw invalid('direct', 'a direct message is bytes for another party of this session')
    }
  }

  const closed = () => new LocketError('usage/closed', { operation: 'session.close' })
  const close = () => steps.fail(closed(), 'closed')

  return Object.freeze({
    sessionId: copyBytes(sessionId),
    party: own.index,
    async exchange({ round, broadcast = EMPTY, direct = new Map() }: Outgoing, options?: AbortOptions) {
      const step = round - 1 + HANDSHAKE_STEPS
      const isNext = step === steps.current + 1 || step === steps.current
      if (!Number.isInteger(round) || round < 1 || !isNext || lastRound !== undefined) {
        const message = `round ${round} does not follow what was exchanged`
        throw new LocketError('usage/wrong-state', { operation: 'session.exchange', message })
      }
      assertOutgoing(broadcast, direct)
      const heard = await steps.run({ step, kind: KIND.round, context: sessionId, broadcast, direct }, options)
      return new Map(Array.from(heard, ([party, message]): [number, Incoming] => [party, incomingOf(message)]))
    },
    async finish(options?: AbortOptions) {
      const last = lastRound ?? steps.current
      const closing = steps.run({ step: last + 1, kind: KIND.closing, context: sessionId, broadcast: EMPTY, direct: new Map() }, options)
      // Only what was begun is the end.
      if (steps.current > last) lastRound = last
      await closing
      steps.finish()
      finished ??= input.onFinished()
      await finished
    },
    async publishResult(result: Uint8Array, options?: AbortOptions) {
      options?.signal?.throwIfAborted()
      if (result.length > MAX_RESULT_BYTES) {
        throw new LocketError('codec/too-large', { operation: 'session.publishResult', details: { limitBytes: MAX_RESULT_BYTES } })
      }
      const published = { context: setupHash, sessionId, party: own.index, result: copyBytes(result) }
      const content = padMessage(encodeResult(published, (body) => identity.sign('result', body)))
      const sent = Promise.all(others.map(({ index, lanes }) => steps.post(index, lanes.out.resultMailbox, KIND.result, content)))
      await abortable(sent, options)
    },
    settled: (options?: AbortOptions) => steps.settled(options),
    close,
    [Symbol.asyncDispose]: close,
  })
}

function incomingOf({ broadcast, direct }: ReadMessage): Incoming {
  return Object.freeze({ broadcast, direct })
}
