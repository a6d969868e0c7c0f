import type { Clock, Entropy } from '../../core/capabilities.ts'
import { equalBytes, toHex, type Bytes } from '../../core/bytes.ts'
import { isLocketError } from '../../core/errors.ts'
import { createAlarm } from '../alarm.ts'
import type { Relay } from '../port.ts'
import { decodeFrame, frameTag, KIND, openFrame, sealSingle, setAttempt, type Frame } from './frame.ts'
import type { LanePair } from './lanes.ts'
import { listen } from './listen.ts'

/** Another party, as far as frames to and from it go. */
export type Peer = { readonly index: number; readonly lanes: LanePair }

/** Why a frame went no further. `replayed`, `early` and `late` ones may be authentic; nothing of the others is believed. */
export type DropReason = 'malformed' | 'foreign' | 'replayed' | 'unauthenticated' | 'early' | 'late'

/** What became of a frame. Of one that was `taken`, or taken before (`replayed`), its sender is told that it arrived; `heard` is what needs no answer. */
export type Reception = 'taken' | 'heard' | DropReason

/** Gets frames to the other parties, as often as it takes, and theirs to the session. */
export type Courier = {
  /** Sends `frames` (encoded) to `mailbox` of a party until each is acknowledged. `onSent` is called when a relay first took the last of them over. */
  post(peer: Peer, mailbox: Bytes, frames: readonly Bytes[], onSent?: () => void): void
  /** Sends once and does not look back. Resolves when that was tried. */
  attempt(peer: Peer, frame: Bytes): Promise<void>
  /** Parties that have not acknowledged everything sent to their session's mailbox, or had not when it was stopped. */
  unacknowledged(): readonly number[]
  stop(): void
}

export type CourierOptions = {
  readonly relay: Relay
  readonly clock: Clock
  readonly entropy: Entropy
  readonly peers: readonly Peer[]
  /** When relays may forget what was sent, milliseconds since the Unix epoch. */
  readonly deadlineMs: number
  onFrame(party: number, frame: Frame): Reception
  onDrop(party: number, reason: DropReason): void
  /** An acknowledgement arrived. */
  onAcknowledged(): void
  /** The relay failed to do something, and will be asked again. */
  onTrouble(party: number, operation: 'send' | 'receive' | 'acknowledge', error: unknown): void
  /** The relay was closed. */
  onClosed(error: unknown): void
}

/** Time to the second sending of a frame, in milliseconds; each further one waits twice as long. */
const RESEND_MS = 2_000
const MAX_RESEND_MS = 16_000
/** Frames on their way to one party at once. */
const WINDOW = 32

type Outgoing = {
  readonly mailbox: Bytes
  readonly frame: Bytes
  readonly onSent: (() => void) | undefined
  attempts: number
  dueAtMs: number
}
type Queue = { readonly peer: Peer; readonly waiting: Map<string, Outgoing>; isSending: boolean }

/**
 * Starts listening to every peer at once.
 *
 * A frame is encrypted once and sent until its receiver has acknowledged its tag under the pair's key; the relay's own
 * word that it took or delivered something counts for nothing. What the relay delivers is acknowledged to it
 * unseen, for what a session has heard lives in memory alone.
 */
export function createCourier(options: CourierOptions): Courier {
  const { relay, clock, entropy, peers, deadlineMs } = options
  let leftOver: readonly number[] | undefined
  const queues = new Map(peers.map((peer): [number, Queue] => [peer.index, { peer, waiting: new Map(), isSending: false }]))

  const timeToLive = () => Math.max(1, deadlineMs - clock.nowMs())
  const fail = (party: number, operation: 'send' | 'receive' | 'acknowledge', error: unknown) => {
    if (leftOver !== undefined) return
    if (isLocketError(error, 'usage/closed')) options.onClosed(error)
    else options.onTrouble(party, operation, error)
  }

  const unacknowledged = () =>
    Array.from(queues.values())
      .filter(({ peer, waiting }) => Array.from(waiting.values()).some(({ mailbox }) => mailbox === peer.lanes.out.mailbox))
      .map(({ peer }) => peer.index)

  const inWindow = (queue: Queue) => Array.from(queue.waiting.values()).slice(0, WINDOW)

  const pump = async (queue: Queue): Promise<void> => {
    if (queue.isSending) return
    queue.isSending = true
    for (;;) {
      const next = leftOver !== undefined ? undefined : inWindow(queue).find(({ dueAtMs }) => dueAtMs <= clock.nowMs())
      if (next === undefined) break
      await send(queue.peer.index, next)
    }
    queue.isSending = false
    arm()
  }

  const send = async (party: number, outgoing: Outgoing): Promise<void> => {
    let waitMs = Math.min(RESEND_MS * 2 ** outgoing.attempts, MAX_RESEND_MS)
    setAttempt(outgoing.frame, outgoing.attempts)
    outgoing.attempts += 1
    try {
      await relay.send(outgoing.mailbox, outgoing.frame, { ttlMs: timeToLive() })
      if (leftOver === undefined) outgoing.onSent?.()
    } catch (error) {
      if (isLocketError(error)) waitMs = Math.max(waitMs, Number(error.details['afterMs'] ?? 0))
      fail(party, 'send', error)
    }
    outgoing.dueAtMs = clock.nowMs() + waitMs
  }

  const alarm = createAlarm(clock, () => {
    for (const queue of queues.values()) void pump(queue)
  })

  /** Has the next frame that is due again sent then. */
  const arm = () => {
    if (leftOver !== undefined) return
    const idle = Array.from(queues.values()).filter(({ isSending }) => !isSending)
    alarm.ringBy(Math.min(...idle.flatMap((queue) => inWindow(queue).map(({ dueAtMs }) => dueAtMs))))
  }

  const attempt = async (peer: Peer, frame: Bytes): Promise<void> => {
    try {
      await relay.send(peer.lanes.out.mailbox, frame, { ttlMs: timeToLive() })
    } catch (error) {
      fail(peer.index, 'send', error)
    }
  }

  const take = (peer: Peer, body: Uint8Array): Reception => {
    let frame: Frame
    try {
      frame = decodeFrame(body)
    } catch {
      return 'malformed'
    }
    if (frame.kind === KIND.ack) return takeAcknowledgement(peer, frame)
    const reception = options.onFrame(peer.index, frame)
    if (reception === 'taken' || reception === 'replayed') {
      void attempt(peer, sealSingle(peer.lanes.out, KIND.ack, frameTag(frame.sealed), entropy))
    }
    return reception
  }

  const takeAcknowledgement = (peer: Peer, frame: Frame): Reception => {
    if (!isRouted(frame, peer.lanes.in.route)) return 'foreign'
    const tag = openFrame({ key: peer.lanes.in, frame })
    if (tag === undefined) return 'unauthenticated'
    const queue = queues.get(peer.index) as Queue
    if (!queue.waiting.delete(toHex(tag))) return 'replayed'
    // The window has moved on.
    void pump(queue)
    options.onAcknowledged()
    return 'heard'
  }

  const ears = peers.map((peer) => {
    const ear = new AbortController()
    const onBody = (body: Bytes) => {
      const reception = take(peer, body)
      if (reception !== 'taken' && reception !== 'heard') options.onDrop(peer.index, reception)
      return true
    }
    const onTrouble = (operation: 'receive' | 'acknowledge', error: unknown) => fail(peer.index, operation, error)
    const { signal } = ear
    listen({ relay, mailbox: peer.lanes.in.mailbox, clock, signal, onBody, onTrouble }).catch(options.onClosed)
    return ear
  })
  return Object.freeze({
    post(peer: Peer, mailbox: Bytes, frames: readonly Bytes[], onSent?: () => void) {
      const queue = queues.get(peer.index) as Queue
      for (const [i, frame] of frames.entries()) {
        const outgoing = { mailbox, frame, attempts: 0, dueAtMs: 0, onSent: i === frames.length - 1 ? onSent : undefined }
        queue.waiting.set(toHex(frameTag(frame)), outgoing)
      }
      void pump(queue)
    },
    attempt,
    unacknowledged: () => leftOver ?? unacknowledged(),
    stop() {
      leftOver ??= unacknowledged()
      for (const ear of ears) ear.abort()
      alarm.stop()
      for (const { waiting } of queues.values()) waiting.clear()
    },
  })
}

/** Whether a frame bears the route of a key: the first thing that is looked at. */
export function isRouted(frame: Frame, route: Uint8Array): boolean {
  return equalBytes(frame.route, route)
}
