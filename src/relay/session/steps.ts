import { sha256 } from '@noble/hashes/sha2.js'
import { throwIfAborted, type AbortOptions } from '../../core/abort.ts'
import { abortable } from '../../core/abortable.ts'
import { concatBytes, equalBytes, toHex, utf8, type Bytes } from '../../core/bytes.ts'
import type { Clock, Entropy } from '../../core/capabilities.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { LocketError, type ErrorDetails } from '../../core/errors.ts'
import { unpad } from '../../crypto/padme.ts'
import type { Relay } from '../port.ts'
import { createAssembly, type Assembly } from './assembly.ts'
import { verifySignature } from './card.ts'
import { composeStep, openMessage, padMessage, splitMessage, verifyMessage, type ReadMessage } from './compose.ts'
import { createCourier, isRouted, type Courier, type Reception } from './courier.ts'
import { FRAME_OVERHEAD_BYTES, KIND, openFrame, sealFrame, sealSingle, type Frame, type Kind } from './frame.ts'
import type { DeviceIdentity } from './identity.ts'
import type { FrameKey, LanePair } from './lanes.ts'
import { createLedger } from './ledger.ts'
import { peekStatement, type Message } from './message.ts'
import { decodeNotice, encodeNotice, type GoneReason } from './notice.ts'
import { labelled } from './purpose.ts'
import type { Party, SessionSetup } from './setup.ts'
import { decodeStatement, type SignedStatement } from './statement.ts'
import type { SessionEvent, Stage } from './types.ts'
import { sleepUntil } from './waiting.ts'

/** Both directions of a channel. */
export type ChannelKeys = { readonly out: FrameKey; readonly in: FrameKey }

/** One step as this device wants it: what it gives out, and what it takes of others. */
export type Step = {
  readonly step: number
  readonly kind: Kind
  /** The setup's hash, or the session id. */
  readonly context: Uint8Array
  readonly broadcast: Uint8Array
  readonly direct: ReadonlyMap<number, Uint8Array>
  /** Looks at a message before its statement is. Throws what the session then fails with. */
  readonly check?: ((message: Message, sender: Party) => void) | undefined
}

/** The steps of a session, one after the other, and its one end. */
export type Steps = {
  /** Sends a step and resolves with everybody's, by ascending index. The same step may be run again after an abort. */
  run(step: Step, options?: AbortOptions): Promise<ReadonlyMap<number, ReadMessage>>
  /** The step that was run last; -1 before the first. */
  readonly current: number
  setChannel(party: number, keys: ChannelKeys): void
  /** Sends `content` to a party's mailbox until it is acknowledged. Rejects when the session ends before a relay took it. */
  post(party: number, mailbox: Bytes, kind: Kind, content: Bytes): Promise<void>
  /** Resolves when every step sent was acknowledged, or the session ended, with the parties that have not. */
  settled(options?: AbortOptions): Promise<readonly number[]>
  /** From now on notices of others do not matter, and the deadline is no failure. */
  finish(): void
  /** Ends it with `error`; resolves once the others were told, unless `reason` is left out. */
  fail(error: unknown, reason?: GoneReason): Promise<void>
}

export type StepsOptions = {
  readonly relay: Relay
  readonly clock: Clock
  readonly entropy: Entropy
  readonly identity: DeviceIdentity
  readonly setup: SessionSetup
  readonly setupHash: Bytes
  readonly own: Party
  readonly others: readonly (Party & { readonly lanes: LanePair })[]
  onEvent(event: SessionEvent): void
}

/** How often a wait is told of, in milliseconds. */
const WAITING_MS = 5_000
/** How long the others' views are waited for when views differ, in milliseconds: who said two things is to be named if it can be. */
const DISPUTE_MS = 10_000
const STAGES: readonly Stage[] = ['hello', 'confirm', 'round', 'closing']

type View = readonly SignedStatement[]
type Peer = Party & {
  readonly lanes: LanePair
  readonly assemblies: Map<number, Assembly>
  /** Whole messages that were not looked at yet, padded. */
  readonly waiting: Map<number, Bytes>
  readonly read: Map<number, ReadMessage>
  channel: ChannelKeys | undefined
}

/** Starts listening. See `openSession` for what is promised. */
export function createSteps(options: StepsOptions): Steps {
  const { relay, clock, entropy, identity, setup, setupHash, own, onEvent } = options
  const peers = new Map(
    options.others.map((other): [number, Peer] => [
      other.index,
      { ...other, assemblies: new Map(), waiting: new Map(), read: new Map(), channel: undefined },
    ]),
  )
  const ledger = createLedger(setup.parties)
  /** Aborted with what the session ended with. */
  const over = new AbortController()
  const waiters: (() => void)[] = []
  let courier: Courier
  let running: { readonly step: Step; readonly digest: string } | undefined
  let isAwaited = false
  let isFinished = false
  let isDisputed = false

  /** Something changed that is waited for: whoever waits looks again. */
  const tell = () => {
    for (const wake of waiters.splice(0)) wake()
  }
  /** Waits until `isSo`, or the session has ended. */
  const until = async (isSo: () => boolean, untilOptions?: AbortOptions): Promise<void> => {
    while (!isSo() && !over.signal.aborted) await abortable(new Promise<void>((resolve) => waiters.push(resolve)), untilOptions)
  }

  const errorOf = (code: ErrorCode, details: ErrorDetails) => new LocketError(code, { operation: 'session.run', details })
  /** An error that names a party, and the round a step is as callers count. */
  const against = (code: ErrorCode, party: number, step: number, details?: ErrorDetails) =>
    errorOf(code, { party, round: roundOf(step), ...details })

  /** @param view - What was seen of a disputed step; it goes along. */
  const fail = async (error: unknown, reason?: GoneReason, view?: View): Promise<void> => {
    if (over.signal.aborted) return
    const told = reason === undefined || isFinished ? undefined : sendNotice(reason, view)
    over.abort(error)
    courier.stop()
    for (const peer of peers.values()) {
      for (const key of [peer.lanes.out, peer.lanes.in, peer.channel?.out, peer.channel?.in]) key?.secretKey.fill(0)
      peer.waiting.clear()
      peer.read.clear()
    }
    tell()
    await told
  }

  const sendNotice = async (reason: GoneReason, view: View = []): Promise<void> => {
    const sign = (body: Uint8Array) => identity.sign('notice', body)
    const write = (statements: View) => padMessage(encodeNotice({ context: setupHash, sender: own.index, reason, view: statements }, sign))
    const whole = write(view)
    // A relay of small messages carries the news, if not the proof.
    const content = whole.length <= pieceBytes() ? whole : write([])
    const sends = Array.from(peers.values(), (peer) => courier.attempt(peer, sealSingle(peer.lanes.out, KIND.gone, content, entropy)))
    await Promise.all(sends)
  }

  const pieceBytes = () => relay.features.maxBodyBytes - FRAME_OVERHEAD_BYTES

  const sealMessage = (peer: Peer, kind: Kind, step: number, message: Bytes): readonly Bytes[] => {
    const { out: key } = keysOf(peer, kind) ?? peer.lanes
    const pieces = splitMessage(message, pieceBytes())
    return pieces.map((content, index) => sealFrame({ key, header: { kind, step, index, count: pieces.length }, content, entropy }))
  }

  // -- what arrives

  const receive = (party: number, frame: Frame): Reception => {
    const peer = peers.get(party) as Peer
    const { kind, step } = frame
    if (over.signal.aborted || kind > KIND.gone) return 'foreign'
    const key = keysOf(peer, kind)?.in
    if (key === undefined || (kind <= KIND.closing && step > current() + 1)) return 'early'
    if (!isRouted(frame, key.route)) return 'foreign'
    if (peer.assemblies.get(step)?.has(frame)) return 'replayed'
    // Everything was compared: what is said now changes nothing.
    if (isFinished && kind <= KIND.closing) return 'late'
    const content = openFrame({ key, frame })
    if (content === undefined) return 'unauthenticated'
    if (kind === KIND.gone) return takeNotice(peer, content)
    // Kinds belong to steps: 0 hello, 1 confirm, and from 2 the rounds and what closes them.
    if (kind !== Math.min(step, KIND.round) && !(kind === KIND.closing && step >= KIND.round)) return malformed(peer, step)
    const assembly = peer.assemblies.get(step) ?? createAssembly(frame)
    peer.assemblies.set(step, assembly)
    const placement = assembly.add(frame, content)
    if (placement === 'oversize') return malformed(peer, step)
    if (placement === 'different') return contradicted(peer, frame, content)
    if (placement === 'completed') {
      peer.waiting.set(step, assembly.take() as Bytes)
      if (step === running?.step.step) read(peer, running.step)
      tell()
    }
    return placement === 'repeated' ? 'replayed' : 'taken'
  }

  const malformed = (peer: Peer, step: number): Reception => {
    void fail(against('session/malformed', peer.index, step), 'failed')
    return 'heard'
  }

  /** An authentic frame for a slot that holds another. */
  const contradicted = (peer: Peer, frame: Frame, content: Bytes): Reception => {
    const { step } = frame
    if (step === 0) {
      // A party that lost its first hello lost its session, and says so by sending another.
      void fail(against('session/gone', peer.index, step, { reason: 'restarted' }), 'failed')
      return 'heard'
    }
    // The statement is at the very beginning, behind the padding's length.
    const other = frame.index === 0 ? peekStatement(content.subarray(4)) : undefined
    const unread = peer.waiting.get(step)
    const first = ledger.get(step, peer.index) ?? (unread && peekStatement(unread.subarray(4)))
    if (first !== undefined) ledger.put(step, peer.index, first)
    const found = other && ledger.findEvidence([other])
    if (found) onEvent({ type: 'evidence', ...found })
    const error = against('session/equivocation', peer.index, step, { isProvable: found !== undefined })
    void fail(error, 'disagreement', ledger.view(step).concat(other ?? []))
    return 'heard'
  }

  const takeNotice = (peer: Peer, content: Bytes): Reception => {
    const verify = (body: Uint8Array, signature: Uint8Array) => verifySignature(peer.card.signKey, labelled('notice', body), signature)
    let notice: ReturnType<typeof decodeNotice>
    try {
      notice = decodeNotice(unpad(content), verify)
    } catch {
      notice = undefined
    }
    if (notice === undefined || notice.sender !== peer.index) return 'unauthenticated'
    if (isFinished) return 'heard'
    const { reason, view } = notice
    const found = ledger.findEvidence(view)
    if (found) {
      onEvent({ type: 'evidence', ...found })
      const { step } = decodeStatement(found.evidence.first.bytes)
      void fail(against('session/equivocation', found.party, step, { isProvable: true }), 'disagreement', ledger.view(step).concat(view))
    } else if (!isDisputed) {
      // Ours may hold what proves it to the other.
      const step = ledger.stepOf(view) ?? current() - 1
      if (reason === 'disagreement') {
        void fail(against('session/disagreement', peer.index, current(), { field: 'view' }), reason, ledger.view(step))
      } else void fail(errorOf('session/gone', { party: peer.index, reason }), 'failed')
    }
    return 'heard'
  }

  /** Looks at the message of the step that is running. */
  const read = (peer: Peer, { step, kind, context, check }: Step): void => {
    const padded = peer.waiting.get(step)
    if (padded === undefined || over.signal.aborted) return
    peer.waiting.delete(step)
    const sent = peer.assemblies.get(step)?.kind as Kind
    const opened = openMessage(padded)
    if (opened === undefined) return void malformed(peer, step)
    try {
      check?.(opened, peer)
    } catch (error) {
      return void fail(error, 'failed')
    }
    const message = verifyMessage({ message: opened, sender: peer, own, kind: sent, step })
    if (message === undefined) return void malformed(peer, step)
    const { statement, signed } = message
    ledger.put(step, peer.index, signed)
    if (sent !== kind) return void dispute(peer, step, 'kind')
    if (!equalBytes(statement.context, context)) return void dispute(peer, step, 'sessionId')
    if (step > 0 && !equalBytes(statement.echo, ledger.hash(step - 1))) return void dispute(peer, step, 'view')
    peer.read.set(step, message)
  }

  /** Two honest views of one step differ: tells what was seen, and waits a while for who can be shown to have said two things. */
  const dispute = async (peer: Peer, step: number, field: string): Promise<void> => {
    if (isDisputed) return
    isDisputed = true
    void sendNotice('disagreement', ledger.view(Math.max(0, step - 1)))
    await clock.sleep(Math.min(DISPUTE_MS, setup.expiresAtMs - clock.nowMs()), { signal: over.signal }).catch(() => {})
    await fail(against('session/disagreement', peer.index, step, { field }))
  }

  // -- time

  const missing = (step: number) => Array.from(peers.values()).filter((peer) => !peer.read.has(step))

  const watchDeadline = async (): Promise<void> => {
    await sleepUntil(clock, setup.expiresAtMs, over.signal).catch(() => {})
    // A dispute ends by itself, at the latest now.
    if (over.signal.aborted || isDisputed) return
    const waitingFor = missing(current()).map(({ index }) => index)
    await fail(errorOf('session/timeout', { waitingFor: isFinished ? [] : waitingFor, round: roundOf(current()) }))
  }

  const watchWait = async (step: Step, sinceMs: number, signal: AbortSignal): Promise<void> => {
    for (;;) {
      await clock.sleep(WAITING_MS, { signal }).catch(() => {})
      if (signal.aborted) return
      for (const { index } of missing(step.step)) {
        onEvent({ type: 'waiting', party: index, stage: STAGES[step.kind] as Stage, round: roundOf(step.step), sinceMs })
      }
    }
  }

  // -- what is asked for

  const current = () => running?.step.step ?? -1

  const begin = (step: Step): void => {
    const digest = digestOf(step)
    if (running?.step.step === step.step) {
      if (running.digest !== digest) throw wrongState('this round was sent with other bytes')
      return
    }
    const statement = { context: step.context, kind: step.kind, step: step.step, sender: own.index, echo: echoOf(step.step) }
    const others = Array.from(peers.values())
    const { signed, messages } = composeStep({ identity, entropy, others, statement, broadcast: step.broadcast, direct: step.direct })
    const frames = others.map((peer) => sealMessage(peer, step.kind, step.step, messages.get(peer.index) as Bytes))
    running = { step, digest }
    ledger.put(step.step, own.index, signed)
    for (const [i, peer] of others.entries()) {
      peer.read.delete(step.step - 1)
      courier.post(peer, peer.lanes.out.mailbox, frames[i] as readonly Bytes[])
    }
    for (const peer of others) read(peer, step)
  }

  const echoOf = (step: number) => (step === 0 ? new Uint8Array(32) : ledger.hash(step - 1))

  courier = createCourier({
    relay,
    clock,
    entropy,
    peers: Array.from(peers.values()),
    deadlineMs: setup.expiresAtMs,
    onFrame: receive,
    onDrop: (party, reason) => onEvent({ type: 'dropped', party, reason }),
    onAcknowledged: tell,
    onTrouble: (party, operation, error) => onEvent({ type: 'trouble', party, operation, error }),
    onClosed: (error) => void fail(error),
  })
  void watchDeadline()

  return Object.freeze({
    async run(step: Step, runOptions?: AbortOptions) {
      throwIfAborted(runOptions)
      over.signal.throwIfAborted()
      if (isAwaited) throw wrongState('another round is being waited for')
      begin(step)
      isAwaited = true
      const waited = new AbortController()
      void watchWait(step, clock.nowMs(), waited.signal)
      try {
        await until(() => missing(step.step).length === 0, runOptions)
        over.signal.throwIfAborted()
        return new Map(Array.from(peers, ([index, peer]) => [index, peer.read.get(step.step) as ReadMessage]))
      } finally {
        isAwaited = false
        waited.abort()
      }
    },
    get current() {
      return current()
    },
    setChannel(party: number, keys: ChannelKeys) {
      ;(peers.get(party) as Peer).channel = keys
    },
    async post(party: number, mailbox: Bytes, kind: Kind, content: Bytes) {
      const peer = peers.get(party) as Peer
      let isSent = false
      over.signal.throwIfAborted()
      courier.post(peer, mailbox, sealMessage(peer, kind, 0, content), () => {
        isSent = true
        tell()
      })
      await until(() => isSent)
      if (!isSent) throw over.signal.reason
    },
    async settled(settleOptions?: AbortOptions) {
      throwIfAborted(settleOptions)
      await until(() => courier.unacknowledged().length === 0, settleOptions)
      return courier.unacknowledged()
    },
    finish() {
      isFinished = true
    },
    fail,
  })
}

/** Which round a step is, as callers count. */
function roundOf(step: number): number {
  return Math.max(0, step - 1)
}

/** What frames of a kind are sealed with: the channel's keys, once there are any, for all that comes after the handshake. */
function keysOf({ channel, lanes }: Peer, kind: Kind): ChannelKeys | undefined {
  return kind === KIND.round || kind === KIND.closing ? channel : lanes
}

function wrongState(message: string): LocketError {
  return new LocketError('usage/wrong-state', { operation: 'session.exchange', message })
}

/** Tells whether a step is asked for again with the same bytes. */
function digestOf(step: Step): string {
  const direct = Array.from(step.direct).sort(([a], [b]) => a - b)
  const parts = direct.flatMap(([party, bytes]) => [utf8(`${party}:`), sha256(bytes)])
  return toHex(sha256(concatBytes(Uint8Array.of(step.kind), sha256(step.broadcast), ...parts)))
}
