import type { AbortOptions } from '../core/abort.ts'
import { concatBytes, fromHex, toHex, type Bytes } from '../core/bytes.ts'
import { randomBytes, systemClock, systemEntropy, type Clock, type Entropy } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { byDeadline } from '../relay/session/waiting.ts'
import { SUITE_IDS } from './key-record.ts'
import { PROTOCOLS } from './operations.ts'
import type { OpenMpc } from './port.ts'
import { runCeremony, type CeremonyProgress, type Exchange } from './run-ceremony.ts'
import type { CeremonySession, CeremonySetup, Meeting } from './session.ts'
import type { ShareStore } from './share-store.ts'

/** This device, as it takes part in ceremonies. */
export type Party = {
  readonly shares: ShareStore
  /** `() => loadMpc()`, or `openMpcWorker` in a page. */
  readonly openMpc: OpenMpc
  /** How the others are reached: `meetOver({ relay, identity, … })`. */
  readonly meeting: Meeting
  readonly clock?: Clock | undefined
}

/** What makes one attempt at a ceremony that attempt. Plain data: the one who proposes it sends it to the others with the request. */
export type Invitation = {
  /** 32 random bytes in hexadecimal, never used before. */
  readonly ceremonyId: string
  /** When to give up, whatever happens: milliseconds since the Unix epoch. */
  readonly deadlineMs: number
}

export type CeremonyOptions = AbortOptions & {
  /** The same for all who take part, like the request: whoever was given another is told so by a typed error. */
  readonly invitation: Invitation
  readonly onProgress?: ((progress: CeremonyProgress) => void) | undefined
}

/** Ten minutes: people have to find their other device. */
export const CEREMONY_TIMEOUT_MS = 600_000

/** A fresh invitation. Propose a ceremony again by a new one. */
export function invite(
  options: { readonly clock?: Clock | undefined; readonly entropy?: Entropy | undefined; readonly timeoutMs?: number | undefined } = {},
): Invitation {
  const { clock = systemClock(), entropy = systemEntropy(), timeoutMs = CEREMONY_TIMEOUT_MS } = options
  return Object.freeze({ ceremonyId: toHex(randomBytes(entropy, 32)), deadlineMs: clock.nowMs() + timeoutMs })
}

/** How much later than the session a ceremony gives up: the session knows better whom it waited for. */
const GRACE_MS = 5_000

/** What a flow works with between its opening and its end. */
export type Flow = {
  readonly session: CeremonySession
  readonly signal: AbortSignal
  /** Numbers the rounds of everything that runs in this session one after the other. */
  readonly exchange: Exchange
  /** Sends the same to everybody and gives back what each sent. */
  broadcast(body: Bytes): Promise<ReadonlyMap<number, Bytes>>
  /**
   * Runs the core's ceremony of the setup's protocol to its end, with the session's id and these parts as its parameters. Overwrite
   * the result when it is a secret.
   *
   * @param id - In the place of the session's id, where several run in one session.
   */
  run(parts: readonly Uint8Array[], id?: Uint8Array): Promise<Bytes>
  /** One operation of the core outside a ceremony. */
  call(op: number, payload: Bytes): Promise<Bytes>
}

/** A setup without what the invitation adds. */
export type ProposedSetup = Omit<CeremonySetup, 'ceremonyId' | 'expiresAtMs'>

/** What all participants of one attempt have in common. */
export function invited(setup: ProposedSetup, { ceremonyId, deadlineMs }: Invitation): CeremonySetup {
  return { ...setup, ceremonyId: fromHex(ceremonyId), expiresAtMs: deadlineMs }
}

/**
 * Opens a session and a core of its own, runs `task`, and closes both whatever
 * happens. A session that ended well stays on after the result is returned, for those who still need it: `meetOver` says
 * how long. A ban is on disk before its error is returned.
 *
 * @param about.keyId - The key whose bans are kept, if there is one yet.
 * @param about.publish - What of the result is left for a participant that misses the end.
 * @throws {LocketError} `mpc/deadline`, `mpc/unsettled` if the others are at another epoch, and what session, core and task fail with. An abort rejects with its reason.
 */
export async function runFlow<T>(
  party: Party,
  setup: ProposedSetup,
  about: { readonly keyId?: string | undefined; readonly publish?: ((result: T) => Bytes) | undefined },
  options: CeremonyOptions,
  task: (flow: Flow) => Promise<T>,
): Promise<T> {
  const { shares, clock = systemClock() } = party
  const { onProgress } = options
  const { deadlineMs } = options.invitation
  const late = () => new LocketError('mpc/deadline', { operation: `mpc.${setup.protocol}`, details: { deadlineMs } })
  if (!(deadlineMs > clock.nowMs())) throw late()
  return byDeadline({ clock, atMs: deadlineMs + GRACE_MS, late }, options, async (signal) => {
    let session: CeremonySession | undefined
    let outcome: Parameters<CeremonySession['close']>[0] = { error: undefined }
    const mpc = await party.openMpc({ signal })
    try {
      const opened = await connect(party, invited(setup, options.invitation), signal)
      session = opened
      let round = 0
      const exchange: Exchange = (outgoing, exchangeOptions) => opened.exchange({ ...outgoing, round: ++round }, exchangeOptions)
      const result = await task({
        session: opened,
        signal,
        exchange,
        async broadcast(body) {
          const received = await exchange({ round: 0, broadcast: body, direct: new Map() }, { signal })
          return new Map(Array.from(received, ([from, { broadcast }]) => [from, broadcast]))
        },
        run(parts, id = opened.id) {
          const protocol = PROTOCOLS[setup.protocol as keyof typeof PROTOCOLS]
          const parameters = concatBytes(id, ...parts)
          return runCeremony({ mpc, suite: SUITE_IDS[setup.suite], protocol, parameters, exchange, onProgress, signal })
        },
        call: (op, payload) => mpc.call(op, payload, { signal }),
      })
      outcome = { published: about.publish?.(result) }
      return result
    } catch (error) {
      outcome = { error }
      const culprit = isLocketError(error, 'mpc/banned') ? error.details['party'] : undefined
      // Not under the signal: that the caller gave up does not unsay what was seen.
      const member = setup.participants.find(({ index }) => index === culprit)
      if (member !== undefined && about.keyId !== undefined) await shares.ban(about.keyId, member)
      throw error
    } finally {
      mpc.close()
      const closing = session?.close(outcome)
      // Who has the result waits for nobody; the session stays a while for those who have not.
      if ('error' in outcome) await closing
    }
  })
}

async function connect({ meeting }: Party, setup: CeremonySetup, signal: AbortSignal): Promise<CeremonySession> {
  try {
    return await meeting.connect(setup, { signal })
  } catch (cause) {
    if (!isLocketError(cause, 'session/setup-mismatch') || cause.details['field'] !== 'epoch') throw cause
    const { party = null } = cause.details
    throw new LocketError('mpc/unsettled', { operation: `mpc.${setup.protocol}`, details: { keyId: toHex(setup.keyId), party }, cause })
  }
}
