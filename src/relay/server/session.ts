import { equalBytes, toHex, utf8 } from '../../core/bytes.ts'
import { LocketError } from '../../core/errors.ts'
import { sha256 } from '@noble/hashes/sha2.js'
import { tokenAddress } from '../address.ts'
import { decodeClientFrame, encodeServerFrame, type ClientFrame, type Refusal, type ServerFrame } from '../wire.ts'
import type { Quota, RelayLimits } from './limits.ts'
import type { Mailboxes } from './mailboxes.ts'

/** All that a relay server knows of what happens: which mailbox, how many bytes, when. */
export type RelayEvent = {
  readonly type: 'send' | 'open' | 'deliver' | 'acknowledge' | 'refuse'
  /** Address in hex, or the reason of a refusal. */
  readonly subject: string
  readonly sizeBytes: number
  readonly atMs: number
}

/** One connection, without the socket. */
export type Session = {
  /** Takes one frame. Resolves when it is answered. */
  receive(bytes: Uint8Array): Promise<void>
  /** The socket has room again. */
  drained(): void
  /** Mailboxes that are read are in use. */
  touch(): void
  close(): void
}

/** What all connections of a server share. */
export type SessionContext = {
  readonly mailboxes: Mailboxes
  readonly quota: Quota
  readonly limits: RelayLimits
  /** When each mailbox was last used, by address in hex, in milliseconds. */
  readonly lastUsedMs: Map<string, number>
  readonly admissions: readonly string[] | undefined
  nowMs(): number
  onEvent?: ((event: RelayEvent) => void) | undefined
}

/** A connection's far end. */
export type Peer = {
  /** Who pays for what is asked. */
  readonly networkAddress: string
  write(bytes: Uint8Array): void
  /** Bytes written and not yet sent. */
  bufferedBytes(): number
  /** Ends the connection after what was written. */
  end(): void
}

type Reading = { readonly address: string; credit: number; sequence: number; isPumping: boolean; readonly stop: () => void }

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Serves one connection. */
export function createSession(context: SessionContext, peer: Peer): Session {
  const { mailboxes, quota, limits, lastUsedMs } = context
  const readings = new Map<number, Reading>()
  let isAdmitted = context.admissions === undefined
  let isOver = false

  const write = (frame: ServerFrame) => {
    if (!isOver) peer.write(encodeServerFrame(frame))
  }
  const tell = (type: RelayEvent['type'], subject: string, sizeBytes: number) =>
    context.onEvent?.({ type, subject, sizeBytes, atMs: context.nowMs() })
  const refuse = (request: number, reason: Refusal, afterMs = 0) => {
    tell('refuse', reason, 0)
    write({ type: 'refused', request, reason, afterMs: Math.min(afterMs, 0xffff_ffff) })
    if (request === 0) end()
  }
  const end = () => {
    close()
    peer.end()
  }
  const close = () => {
    isOver = true
    for (const reading of readings.values()) reading.stop()
    readings.clear()
  }
  const take = (request: number, what: 'request' | 'message' | 'mailbox', limit: number, windowMs: number): boolean => {
    const afterMs = quota.take(peer.networkAddress, what, limit, windowMs)
    if (afterMs > 0) refuse(request, what === 'mailbox' ? 'too-many-mailboxes' : 'rate', afterMs)
    return afterMs === 0
  }
  /** Whether the mailbox exists, or may be made. */
  const use = (request: number, address: string): boolean => {
    const isKnown = lastUsedMs.has(address) || mailboxes.has(address)
    if (!isKnown && !take(request, 'mailbox', limits.mailboxesPerDay, DAY_MS)) return false
    lastUsedMs.set(address, context.nowMs())
    return true
  }

  /** Delivers as long as there is something, credit, and room in the socket. */
  const pump = async (request: number, reading: Reading): Promise<void> => {
    if (reading.isPumping) return
    reading.isPumping = true
    try {
      while (readings.get(request) === reading && reading.credit > 0 && peer.bufferedBytes() < limits.bufferedBytes) {
        const message = mailboxes.after(reading.address, reading.sequence)
        if (message === undefined) break
        reading.sequence = message.sequence
        const body = await mailboxes.read(reading.address, message)
        if (body === undefined || readings.get(request) !== reading) continue
        reading.credit -= 1
        tell('deliver', reading.address, body.length)
        write({ type: 'delivery', request, handle: message.handle, body })
      }
    } catch {
      // The store failed: the reader comes again, to a server that can read or not at all.
      refuse(0, 'unavailable')
    } finally {
      reading.isPumping = false
    }
  }

  const handlers: { readonly [Type in ClientFrame['type']]: (frame: Extract<ClientFrame, { type: Type }>) => Promise<void> | void } = {
    hello({ request, admission }) {
      const isKnown = context.admissions?.some((each) => equalBytes(sha256(utf8(each)), sha256(utf8(admission)))) ?? true
      if (!isKnown) return refuse(0, 'admission')
      isAdmitted = true
      write({ type: 'ok', request })
    },
    async send({ request, token, ttlSeconds, body }) {
      const address = toHex(tokenAddress(token))
      if (body.length > limits.maxBodyBytes) return refuse(request, 'oversize')
      if (!take(request, 'message', limits.messagesPerMinute, MINUTE_MS) || !use(request, address)) return
      const refusal = await mailboxes.add(address, body, ttlSeconds * 1_000)
      if (refusal !== undefined) return refuse(request, refusal)
      tell('send', address, body.length)
      write({ type: 'ok', request })
    },
    open({ request, token, credit, after }) {
      const address = toHex(tokenAddress(token))
      if (readings.has(request)) return refuse(0, 'malformed')
      if (readings.size >= limits.readersPerConnection) return refuse(request, 'too-many-readers')
      if (!take(request, 'request', limits.requestsPerMinute, MINUTE_MS) || !use(request, address)) return
      const stop = mailboxes.onAdd(address, () => void pump(request, reading))
      const reading: Reading = { address, credit, sequence: mailboxes.sequenceOf(after), isPumping: false, stop }
      readings.set(request, reading)
      tell('open', address, 0)
      write({ type: 'ok', request })
      void pump(request, reading)
    },
    async acknowledge({ request, token, id }) {
      const address = toHex(tokenAddress(token))
      await mailboxes.remove(address, toHex(id))
      tell('acknowledge', address, 0)
      write({ type: 'ok', request })
    },
    credit({ request, credit }) {
      const reading = readings.get(request)
      // It may have been left meanwhile.
      if (reading === undefined) return
      reading.credit += credit
      void pump(request, reading)
    },
    leave({ request }) {
      const reading = readings.get(request)
      if (reading === undefined) return
      reading.stop()
      readings.delete(request)
      lastUsedMs.set(reading.address, context.nowMs())
    },
    ping({ request }) {
      write({ type: 'ok', request })
    },
  }

  return Object.freeze({
    async receive(bytes: Uint8Array) {
      if (isOver) return
      let frame: ClientFrame
      try {
        frame = decodeClientFrame(bytes)
      } catch (error) {
        if (!(error instanceof LocketError)) throw error
        return refuse(0, 'malformed')
      }
      if (!isAdmitted && frame.type !== 'hello') return refuse(0, 'admission')
      try {
        await handlers[frame.type](frame as never)
      } catch {
        refuse(frame.request, 'unavailable')
      }
    },
    drained() {
      for (const [request, reading] of readings) void pump(request, reading)
    },
    touch() {
      for (const { address } of readings.values()) lastUsedMs.set(address, context.nowMs())
    },
    close,
  })
}
