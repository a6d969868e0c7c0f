import type { Bytes } from '../core/bytes.ts'
import type { Clock } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import { decodeServerFrame, encodeClientFrame, type ClientFrame, type ServerFrame } from './wire.ts'

/** What is used of a `WebSocket`. */
export type WebSocketLike = {
  binaryType: string
  readonly bufferedAmount: number
  send(data: Bytes): void
  close(): void
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: { readonly data?: unknown; readonly code?: number }) => void,
  ): void
}

type Delivery = Extract<ServerFrame, { type: 'delivery' }>
type Unnumbered<Frame> = Frame extends ClientFrame ? Omit<Frame, 'request'> : never

/** One connection to a relay server, from open to close. It does not come back; another takes its place. */
export type WsConnection = {
  /** Sends a frame and waits for its answer. */
  request(frame: Unnumbered<ClientFrame>, signal?: AbortSignal): Promise<void>
  /** Opens a reading. `onDelivery` is called until it is left or the connection ends. */
  open(frame: Unnumbered<Extract<ClientFrame, { type: 'open' }>>, onDelivery: (delivery: Delivery) => void): Promise<Reading>
  /** Resolves with why, when the connection has ended. */
  readonly ended: Promise<LocketError>
  close(error: LocketError): void
}

export type Reading = { credit(count: number): void; leave(): void }

export type WsConnectionOptions = {
  connect(): WebSocketLike
  readonly clock: Clock
  readonly answerTimeoutMs: number
  readonly keepAliveMs: number
  readonly signal: AbortSignal
}

/**
 * Connects. One answer that does not come in time ends the connection: it may be dead without saying so.
 *
 * @throws {LocketError} `relay/unreachable`, or the signal's reason.
 */
export async function openWsConnection(options: WsConnectionOptions): Promise<WsConnection> {
  const { clock, answerTimeoutMs, keepAliveMs, signal } = options
  signal.throwIfAborted()
  const answers = new Map<number, { readonly sizeBytes: number; resolve(): void; reject(error: unknown): void }>()
  const readings = new Map<number, (delivery: Delivery) => void>()
  const over = new AbortController()
  let nextRequest = 1
  let tellEnded: (error: LocketError) => void
  const ended = new Promise<LocketError>((resolve) => (tellEnded = resolve))

  const socket = options.connect()
  socket.binaryType = 'arraybuffer'

  const close = (error: LocketError) => {
    if (over.signal.aborted) return
    over.abort()
    signal.removeEventListener('abort', onAbort)
    socket.close()
    tellEnded(error)
    for (const { reject } of answers.values()) reject(error)
    answers.clear()
    readings.clear()
  }
  const largest = () => Array.from(answers.values()).sort((a, b) => b.sizeBytes - a.sizeBytes)[0]
  const onAbort = () => close(failure('relay/closed'))

  const take = (data: unknown) => {
    let frame: ServerFrame
    try {
      if (!(data instanceof ArrayBuffer)) throw failure('relay/corrupt')
      frame = decodeServerFrame(new Uint8Array(data))
    } catch {
      return close(failure('relay/corrupt'))
    }
    if (frame.type === 'delivery') return readings.get(frame.request)?.(frame)
    const answer = answers.get(frame.request)
    if (frame.type === 'ok') return answer?.resolve()
    const error =
      frame.reason === 'oversize'
        ? failure('relay/oversize')
        : failure('relay/refused', { reason: frame.reason, ...(frame.afterMs > 0 ? { afterMs: frame.afterMs } : {}) })
    if (frame.request === 0) close(error)
    else answer?.reject(error)
  }

  await new Promise<void>((resolve, reject) => {
    const isOpen = { now: false }
    socket.addEventListener('open', () => {
      isOpen.now = true
      resolve()
    })
    socket.addEventListener('message', ({ data }) => take(data))
    // `close` follows and says more.
    socket.addEventListener('error', () => {})
    socket.addEventListener('close', ({ code }) => {
      if (!isOpen.now) reject(failure('relay/unreachable'))
      // 1009: message too big for the receiver (RFC 6455 section 7.4.1). Which one it does not say.
      if (code === 1009) largest()?.reject(failure('relay/oversize'))
      close(failure('relay/closed'))
    })
    signal.addEventListener('abort', onAbort, { once: true })
    ended.then((error) => reject(signal.aborted ? signal.reason : error), reject)
    clock.sleep(answerTimeoutMs, { signal: over.signal }).then(
      () => {
        if (!isOpen.now) close(failure('relay/unreachable'))
      },
      () => {},
    )
  })

  const request = async (frame: Unnumbered<ClientFrame>, requestSignal?: AbortSignal, number = nextRequest++): Promise<void> => {
    if (over.signal.aborted) throw failure('relay/closed')
    requestSignal?.throwIfAborted()
    const waited = new AbortController()
    const onRequestAbort = () => answers.get(number)?.reject(requestSignal?.reason)
    requestSignal?.addEventListener('abort', onRequestAbort, { once: true })
    try {
      const bytes = encodeClientFrame({ ...frame, request: number })
      await new Promise<void>((resolve, reject) => {
        answers.set(number, { sizeBytes: bytes.length, resolve, reject })
        clock.sleep(answerTimeoutMs, { signal: waited.signal }).then(
          () => {
            reject(failure('relay/timeout'))
            close(failure('relay/closed'))
          },
          () => {},
        )
        socket.send(bytes)
      })
    } finally {
      waited.abort()
      answers.delete(number)
      requestSignal?.removeEventListener('abort', onRequestAbort)
    }
  }

  const keepAlive = async () => {
    for (;;) {
      await clock.sleep(keepAliveMs, { signal: over.signal })
      await request({ type: 'ping' })
    }
  }
  // It ends with the connection, which it ends itself if nobody answers.
  keepAlive().catch(() => {})

  return Object.freeze({
    request: (frame: Unnumbered<ClientFrame>, requestSignal?: AbortSignal) => request(frame, requestSignal),
    async open(frame: Unnumbered<Extract<ClientFrame, { type: 'open' }>>, onDelivery: (delivery: Delivery) => void) {
      const number = nextRequest++
      readings.set(number, onDelivery)
      const tell = (told: ClientFrame) => {
        if (!over.signal.aborted) socket.send(encodeClientFrame(told))
      }
      try {
        await request(frame, undefined, number)
      } catch (error) {
        readings.delete(number)
        throw error
      }
      return {
        credit: (credit: number) => tell({ type: 'credit', request: number, credit }),
        leave() {
          readings.delete(number)
          tell({ type: 'leave', request: number })
        },
      }
    },
    ended,
    close,
  })
}

function failure(
  code: 'relay/unreachable' | 'relay/timeout' | 'relay/closed' | 'relay/refused' | 'relay/oversize' | 'relay/corrupt',
  details = {},
): LocketError {
  return new LocketError(code, { operation: 'relay.websocket', details })
}
