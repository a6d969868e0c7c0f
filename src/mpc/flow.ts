import type { AbortOptions } from '../core/abort.ts'
import { fromHex, toHex, type Bytes } from '../core/bytes.ts'
import { randomBytes, type Clock, type Entropy } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { OpenMpc } from './port.ts'
import { runCeremony, type CeremonyProgress, type CeremonyRun, type Exchange } from './run-ceremony.ts'
import type { CeremonySession, CeremonySetup, Connect } from './session.ts'
import type { ShareStore } from './share-store.ts'

/** This device, as it takes part in ceremonies. */
export type Party = {
  readonly shares: ShareStore
  /** `() => loadMpc()`, or `openMpcWorker` in a page. */
  readonly openMpc: OpenMpc
  /** How the others are reached: `connectOver({ relay, identity, … })`. */
  readonly connect: Connect
  readonly clock: Clock
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
export function invite(deps: { readonly clock: Clock; readonly entropy: Entropy; readonly timeoutMs?: number | undefined }): Invitation {
  const { clock, entropy, timeoutMs = CEREMONY_TIMEOUT_MS } = deps
  return Object.freeze({ ceremonyId: toHex(randomBytes(entropy, 32)), deadlineMs: clock.nowMs() + timeoutMs })
}

/** What a flow works with between its opening and its end. */
export type Flow = {
  readonly session: CeremonySession
  readonly signal: AbortSignal
  /** Numbers the rounds of everything that runs in this session one after the other. */
  readonly exchange: Exchange
  /** Sends the same to everybody and gives back what each sent. */
  broadcast(body: Bytes): Promise<ReadonlyMap<number, Bytes>>
  run(request: Pick<CeremonyRun, 'suite' | 'protocol' | 'parameters'>): Promise<Bytes>
  /** One operation of the core outside a ceremony. */
  call(op: number, payload: Bytes): Promise<Bytes>
}

/**
 * Opens a session and a core of its own, runs `task`, and closes both whatever
 * happens. A ban is on disk before its error is returned.
 *
 * @param keyId - The key whose bans are kept, if there is one yet.
 * @throws {LocketError} `mpc/deadline`, and what session, core and task fail with. An abort rejects with its reason.
 */
export async function runFlow<T>(
  party: Party,
  setup: Omit<CeremonySetup, 'ceremonyId' | 'expiresAtMs'>,
  keyId: string | undefined,
  options: CeremonyOptions,
  task: (flow: Flow) => Promise<T>,
): Promise<T> {
  const { clock, shares } = party
  const { onProgress } = options
  const { ceremonyId, deadlineMs } = options.invitation
  const late = () => new LocketError('mpc/deadline', { operation: `mpc.${setup.protocol}`, details: { deadlineMs } })
  if (!(deadlineMs > clock.nowMs())) throw late()
  const ended = new AbortController()
  const deadline = new AbortController()
  const signal = options.signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, options.signal])
  signal.throwIfAborted()
  clock.sleep(deadlineMs - clock.nowMs(), { signal: ended.signal }).then(
    () => deadline.abort(late()),
    () => undefined,
  )
  let session: CeremonySession | undefined
  let failure: unknown
  const mpc = await party.openMpc({ signal }).catch((error: unknown) => {
    ended.abort()
    throw error
  })
  try {
    session = await party.connect({ ...setup, ceremonyId: fromHex(ceremonyId), expiresAtMs: deadlineMs }, { signal })
    const { exchange: send } = session
    let round = 0
    const exchange: Exchange = (outgoing, exchangeOptions) => send({ ...outgoing, round: ++round }, exchangeOptions)
    return await task({
      session,
      signal,
      exchange,
      async broadcast(body) {
        const received = await exchange({ round: 0, broadcast: body, direct: new Map() }, { signal })
        return new Map([...received].map(([from, { broadcast }]) => [from, broadcast]))
      },
      run: (request) => runCeremony({ ...request, mpc, exchange, onProgress, signal }),
      call: (op, payload) => mpc.call(op, payload, { signal }),
    })
  } catch (error) {
    failure = error
    const culprit = isLocketError(error, 'mpc/banned') ? error.details['party'] : undefined
    // Not under the signal: that the caller gave up does not unsay what was seen.
    const member = setup.participants.find(({ index }) => index === culprit)
    if (member !== undefined && keyId !== undefined) await shares.ban(keyId, member)
    throw error
  } finally {
    ended.abort()
    mpc.close()
    await session?.close(failure).catch(() => undefined)
  }
}
