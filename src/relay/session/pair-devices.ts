import type { AbortOptions } from '../../core/abort.ts'
import { abortable } from '../../core/abortable.ts'
import { concatBytes, copyBytes, equalBytes, type Bytes } from '../../core/bytes.ts'
import { randomBytes, systemClock, systemEntropy, type Clock, type Entropy } from '../../core/capabilities.ts'
import { LocketError } from '../../core/errors.ts'
import { deriveKey } from '../../crypto/hkdf.ts'
import type { Relay } from '../port.ts'
import { CARD_BYTES, decodeDeviceCard, encodeDeviceCard, isSameDevice, type DeviceCard } from './card.ts'
import { isRouted } from './courier.ts'
import { decodeFrame, KIND, openFrame, sealFrame } from './frame.ts'
import type { DeviceIdentity } from './identity.ts'
import { parsePairingInvite, type PairingInvite } from './invite.ts'
import type { FrameKey } from './lanes.ts'
import { listen } from './listen.ts'
import { commitPairing, pairingCode } from './pairing-code.ts'
import { labelled } from './purpose.ts'
import { byDeadline } from './waiting.ts'

export type PairDevicesOptions = {
  readonly relay: Relay
  readonly identity: DeviceIdentity
  readonly invite: PairingInvite
  /** Who made the invitation, and who was given it. */
  readonly role: 'inviter' | 'joiner'
  /**
   * Shows the code, and resolves with whether the person says that the other device shows the same. The two people read it
   * to each other, or hold the devices side by side; never over the way the invitation came.
   */
  readonly compare: (code: string, options: AbortOptions) => Promise<boolean>
  /** When waiting ends, milliseconds since the Unix epoch. */
  readonly expiresAtMs: number
  readonly clock?: Clock | undefined
  readonly entropy?: Entropy | undefined
}

const RESEND_MS = 2_000
const RANDOM_BYTES = 32
/** Step by step: card and commitment, card and random bytes, the commitment's opening. */
const STEP_BYTES = [CARD_BYTES + 32, CARD_BYTES + RANDOM_BYTES, RANDOM_BYTES] as const

/**
 * Exchanges cards with another device over a relay, and has two people make sure that nobody is in between.
 *
 * A short authentication string with commitment: S. Vaudenay, "Secure Communications over Insecure Channels Based on Short
 * Authenticated Strings" (CRYPTO 2005), in three moves as in S. Laur and K. Nyberg, "Efficient Mutual Data Authentication Using Manually
 * Authenticated Strings" (CANS 2006), and as ZRTP (RFC 6189) commits before it shows. The inviter sends its card with a
 * commitment to it and to 32 random bytes; the joiner answers with its card and 32 random bytes; the inviter opens its commitment. Both
 * show a code over both cards and both random values.
 *
 * Whoever swaps cards in between must commit to the joiner before it has the joiner's random bytes, and answer the inviter before
 * it has the inviter's: so it cannot try codes, and has one guess of 1 in 10^10 (2^-33) for each pairing two people carry out. The first
 * answer is the one that counts; a second is ignored. The invitation keeps the cards from the relay; the code does not rest on it.
 *
 * @returns the other's card, once this device's person has confirmed. The other's may not have yet.
 * @throws {LocketError} `session/pairing-mismatch` if the person says the codes differ, the commitment does not open, or the other is this
 *   very device; `session/expired` or `session/timeout`; `codec/invalid` for no invitation; `usage/closed` if the relay is closed.
 */
export async function pairDevices(options: PairDevicesOptions, abort: AbortOptions = {}): Promise<DeviceCard> {
  const { relay, identity, role, expiresAtMs, clock = systemClock(), entropy = systemEntropy() } = options
  const operation = 'session.pairDevices'
  abort.signal?.throwIfAborted()
  const secret = parsePairingInvite(options.invite)
  if (clock.nowMs() >= expiresAtMs) throw new LocketError('session/expired', { operation })
  const [toJoiner, toInviter] = deriveDirections(secret)
  const isInviter = role === 'inviter'
  const [out, into] = isInviter ? [toJoiner, toInviter] : [toInviter, toJoiner]
  const heard = new Map<number, Bytes>()
  let wake = () => {}

  const onBody = (body: Bytes) => {
    const opened = openPairing(body, into)
    // The first of each step counts; another is not looked at.
    if (opened !== undefined && !heard.has(opened.step)) {
      heard.set(opened.step, opened.content)
      wake()
    }
    return true
  }
  const hear = (step: number): Promise<Bytes> =>
    new Promise((resolve) => {
      wake = () => {
        const content = heard.get(step)
        if (content !== undefined) resolve(content)
      }
      wake()
    })

  /** Sends a step until the returned function is called. */
  const repeat = (step: number, content: Uint8Array): (() => void) => {
    const stop = new AbortController()
    const send = async () => {
      while (!stop.signal.aborted) {
        const frame = sealFrame({ key: out, header: { kind: KIND.hello, step, index: 0, count: 1 }, content, entropy })
        // A relay that cannot be reached now is tried again.
        await relay.send(out.mailbox, frame, { ttlMs: Math.max(1, expiresAtMs - clock.nowMs()) }).catch(() => {})
        await clock.sleep(RESEND_MS, { signal: stop.signal }).catch(() => {})
      }
    }
    void send()
    stops.push(() => stop.abort())
    return () => stop.abort()
  }

  const stops: (() => void)[] = []
  const random = randomBytes(entropy, RANDOM_BYTES)
  const own = encodeDeviceCard(identity.card)
  const mismatch = (message: string) => new LocketError('session/pairing-mismatch', { operation, message })
  const readCard = (bytes: Uint8Array) => {
    const card = decodeDeviceCard(bytes.subarray(0, CARD_BYTES))
    if (isSameDevice(card, identity.card)) throw mismatch('the other device is this one')
    return card
  }

  const invitePerson = async () => {
    const stop = repeat(0, concatBytes(own, commitPairing(identity.card, random)))
    const answer = await hear(1)
    stop()
    const card = readCard(answer)
    // Until the person has compared: only then has the other surely heard it.
    repeat(2, random)
    return {
      card,
      code: pairingCode({ inviter: identity.card, joiner: card, inviterRandom: random, joinerRandom: answer.subarray(CARD_BYTES) }),
    }
  }

  const joinPerson = async () => {
    const offer = await hear(0)
    const card = readCard(offer)
    const stop = repeat(1, concatBytes(own, random))
    const opening = await hear(2)
    stop()
    if (!equalBytes(commitPairing(card, opening), offer.subarray(CARD_BYTES))) throw mismatch('the commitment does not open')
    return { card, code: pairingCode({ inviter: card, joiner: identity.card, inviterRandom: opening, joinerRandom: random }) }
  }

  const pair = async (signal: AbortSignal): Promise<DeviceCard> => {
    const { card, code } = await (isInviter ? invitePerson() : joinPerson())
    if (await options.compare(code, { signal })) return card
    throw mismatch('the person says that the codes differ')
  }

  const late = () => new LocketError('session/timeout', { operation, details: { round: 0, waitingFor: [] } })
  try {
    return await byDeadline({ clock, atMs: expiresAtMs, late }, abort, (signal) => {
      const paired = new Promise<DeviceCard>((resolve, reject) => {
        listen({ relay, mailbox: into.mailbox, clock, signal, onBody }).catch(reject)
        pair(signal).then(resolve, reject)
      })
      return abortable(paired, { signal })
    })
  } finally {
    for (const stop of stops) stop()
    random.fill(0)
  }
}

type Direction = FrameKey & { readonly mailbox: Bytes }

/** To the joiner, to the inviter. */
function deriveDirections(secret: Uint8Array): readonly [Direction, Direction] {
  const bytes = deriveKey({ secret, salt: new Uint8Array(), info: labelled('invite'), lengthBytes: 144 })
  const direction = (at: number): Direction => ({
    mailbox: copyBytes(bytes.subarray(at, at + 32)),
    secretKey: copyBytes(bytes.subarray(at + 32, at + 64)),
    route: copyBytes(bytes.subarray(at + 64, at + 72)),
  })
  return [direction(0), direction(72)]
}

function openPairing(body: Uint8Array, key: Direction): { readonly step: number; readonly content: Bytes } | undefined {
  try {
    const frame = decodeFrame(body)
    const content = isRouted(frame, key.route) ? openFrame({ key, frame }) : undefined
    if (content === undefined || content.length !== STEP_BYTES[frame.step]) return undefined
    return { step: frame.step, content }
  } catch {
    return undefined
  }
}
