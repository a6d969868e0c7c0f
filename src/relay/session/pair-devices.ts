import type { AbortOptions } from '../../core/abort.ts'
import { concatBytes, copyBytes, equalBytes, type Bytes } from '../../core/bytes.ts'
import { randomBytes, systemClock, systemEntropy, type Clock, type Entropy } from '../../core/capabilities.ts'
import { isLocketError, LocketError } from '../../core/errors.ts'
import { deriveKey } from '../../crypto/hkdf.ts'
import type { Relay } from '../port.ts'
import { decodeDeviceCard, encodeDeviceCard, isSameDevice, type DeviceCard } from './card.ts'
import { decodeFrame, KIND, openFrame, sealFrame } from './frame.ts'
import type { DeviceIdentity } from './identity.ts'
import { parsePairingInvite, type PairingInvite } from './invite.ts'
import { isRouted } from './courier.ts'
import { commitPairing, pairingCode } from './pairing-code.ts'
import { labelled } from './purpose.ts'

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
/** A card and 32 bytes: what both first messages are. */
const CARD_MESSAGE_BYTES = 129 + 32
const NO_CONTEXT = new Uint8Array()

/**
 * Exchanges cards with another device over a relay, and has two people make sure that nobody is in between.
 *
 * A short authentication string with commitment: S. Vaudenay, "Secure Communications over Insecure Channels Based on Short
 * Authenticated Strings" (CRYPTO 2005), in three moves as in S. Laur and K. Nyberg, "Efficient Mutual Data Authentication Using Manually
 * Authenticated Strings" (CANS 2006), and as ZRTP (RFC 6189 section 4.3) commits before it shows. The inviter sends its card with a
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
  const over = new AbortController()
  const onAbort = () => over.abort(abort.signal?.reason)
  abort.signal?.addEventListener('abort', onAbort, { once: true, signal: over.signal })

  /** Sends until told to stop. */
  const repeat = async (step: number, content: Uint8Array, stop: AbortSignal): Promise<void> => {
    while (!stop.aborted) {
      const frame = sealFrame({ key: out, header: { kind: KIND.hello, step, index: 0, count: 1 }, context: NO_CONTEXT, content, entropy })
      // A relay that cannot be reached now is tried again.
      await relay.send(out.mailbox, frame, { ttlMs: Math.max(1, expiresAtMs - clock.nowMs()) }).catch(() => {})
      await clock.sleep(RESEND_MS, { signal: stop }).catch(() => {})
    }
  }

  const listen = async function* (): AsyncGenerator<{ readonly step: number; readonly content: Bytes }> {
    for (;;) {
      try {
        for await (const delivery of relay.receive(into.mailbox, { signal: over.signal })) {
          delivery.acknowledge().catch(() => {})
          const opened = openPairing(delivery.body, into)
          if (opened !== undefined) yield opened
        }
        throw new LocketError('usage/closed', { operation, message: 'the relay was closed' })
      } catch (error) {
        if (over.signal.aborted || isLocketError(error, 'usage/closed')) throw error
        await clock.sleep(RESEND_MS, { signal: over.signal })
      }
    }
  }

  const inbox = listen()
  /** The first message of a step; others of it are not looked at. */
  const hear = async (wanted: number, lengthBytes: number): Promise<Bytes> => {
    for (;;) {
      const { value } = await inbox.next()
      if (value.step === wanted && value.content.length === lengthBytes) return value.content
    }
  }

  const random = randomBytes(entropy, RANDOM_BYTES)
  const own = encodeDeviceCard(identity.card)
  const mismatch = (message: string) => new LocketError('session/pairing-mismatch', { operation, message })
  const readCard = (bytes: Uint8Array) => {
    const card = decodeDeviceCard(bytes.subarray(0, 129))
    if (isSameDevice(card, identity.card)) throw mismatch('the other device is this one')
    return card
  }

  const run = async (): Promise<DeviceCard> => {
    const first = new AbortController()
    const last = new AbortController()
    const stopAll = () => {
      first.abort()
      last.abort()
    }
    over.signal.addEventListener('abort', stopAll, { once: true })
    try {
      let code: string
      let card: DeviceCard
      if (isInviter) {
        void repeat(0, concatBytes(own, commitPairing(identity.card, random)), first.signal)
        const answer = await hear(1, CARD_MESSAGE_BYTES)
        first.abort()
        card = readCard(answer)
        code = pairingCode({ inviter: identity.card, joiner: card, inviterRandom: random, joinerRandom: answer.subarray(129) })
        // Until the person has compared: only then has the other surely heard it.
        void repeat(2, random, last.signal)
      } else {
        const offer = await hear(0, CARD_MESSAGE_BYTES)
        card = readCard(offer)
        void repeat(1, concatBytes(own, random), first.signal)
        const opening = await hear(2, RANDOM_BYTES)
        first.abort()
        if (!equalBytes(commitPairing(card, opening), offer.subarray(129))) throw mismatch('the commitment does not open')
        code = pairingCode({ inviter: card, joiner: identity.card, inviterRandom: opening, joinerRandom: random })
      }
      if (!(await options.compare(code, { signal: over.signal }))) throw mismatch('the person says that the codes differ')
      return card
    } finally {
      over.signal.removeEventListener('abort', stopAll)
      stopAll()
    }
  }

  const timeUp = async (): Promise<never> => {
    for (let leftMs = expiresAtMs - clock.nowMs(); leftMs > 0; leftMs = expiresAtMs - clock.nowMs()) {
      await clock.sleep(Math.min(leftMs, 2 ** 30), { signal: over.signal })
    }
    throw new LocketError('session/timeout', { operation, details: { round: 0, waitingFor: [] } })
  }

  const runs = [run(), timeUp()]
  const aborted = new Promise<never>((_, reject) => over.signal.addEventListener('abort', () => reject(over.signal.reason), { once: true }))
  for (const each of [...runs, aborted]) each.catch(() => {})
  try {
    return await Promise.race([...runs, aborted])
  } finally {
    over.abort()
    random.fill(0)
  }
}

type Direction = { readonly mailbox: Bytes; readonly secretKey: Bytes; readonly route: Bytes }

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
    if (!isRouted(frame, key.route)) return undefined
    const content = openFrame({ key, frame, context: NO_CONTEXT })
    return content && { step: frame.step, content }
  } catch {
    return undefined
  }
}
