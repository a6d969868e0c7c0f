import type { AbortOptions } from '../core/abort.ts'
import { abortable } from '../core/abortable.ts'
import { fromHex } from '../core/bytes.ts'
import { systemClock, type Clock } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import { mailboxToken, scopeOfUrl } from './address.ts'
import { createClientRelay } from './client-relay.ts'
import type { Inbox } from './inbox.ts'
import { messageId } from './message-id.ts'
import type { Delivery, Mailbox, Relay } from './port.ts'
import { createReconnector } from './reconnect.ts'
import { HANDLE_BYTES, RELAY_PROTOCOL } from './wire.ts'
import { openWsConnection, type Reading, type WebSocketLike, type WsConnection } from './ws-connection.ts'

export type { WebSocketLike } from './ws-connection.ts'

export type WebSocketRelayOptions = {
  /** Of a `locket-relay` server: `wss://` or, on this machine, `ws://`. */
  readonly url: string
  /** Makes a connection. Default `globalThis.WebSocket`; in Node before 22 give `(url, protocol) => new WebSocket(url, protocol)` of `ws`. */
  readonly connect?: ((url: string, protocol: string) => WebSocketLike) | undefined
  /** The word that a server with admissions asks for. */
  readonly admission?: string | undefined
  /** The relay's name in mailbox addresses: both ends must use the same. Default: host and path of `url`. */
  readonly scope?: string | undefined
  /** How long a call goes on connecting before it rejects, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined
  /** How long one answer may take, in milliseconds. Default 10,000. */
  readonly answerTimeoutMs?: number | undefined
  /** A connection without traffic is asked for a sign of life this often, in milliseconds. Default 25,000. */
  readonly keepAliveMs?: number | undefined
  /** What the server takes. Default 256 KiB. */
  readonly maxBodyBytes?: number | undefined
  /** Whether the server keeps messages on disk. Default true. */
  readonly isDurable?: boolean | undefined
  readonly clock?: Clock | undefined
}

/** Deliveries that may be on their way to one reader. */
const WINDOW = 32

/**
 * A relay behind a WebSocket: a `locket-relay` server. Connects when first used, and again when the
 * connection breaks; a reading then goes on where it stopped.
 *
 * The server sees mailbox addresses of its own, sizes, times, and the network address.
 *
 * @throws {LocketError} `usage/invalid-argument` if `url` is none.
 */
export function createWebSocketRelay(options: WebSocketRelayOptions): Relay {
  const { url, admission, clock = systemClock(), timeoutMs = 30_000, answerTimeoutMs = 10_000, keepAliveMs = 25_000 } = options
  const { maxBodyBytes = 256 * 1024, isDurable = true, scope = scopeOfUrl(url) } = options
  const connections = createReconnector<WsConnection>({
    clock,
    timeoutMs,
    async dial(signal) {
      const connect = () => (options.connect ?? platformSocket)(url, RELAY_PROTOCOL)
      const connection = await openWsConnection({ connect, clock, answerTimeoutMs, keepAliveMs, signal })
      if (admission !== undefined) await connection.request({ type: 'hello', admission })
      return connection
    },
  })

  const listen = (mailbox: Mailbox, inbox: Inbox<Delivery>) => {
    const token = mailboxToken(mailbox, scope)
    const over = new AbortController()
    let after = new Uint8Array(HANDLE_BYTES)
    let untaken = 0
    let freed = 0
    let reading: Reading | undefined

    const read = async () => {
      while (!over.signal.aborted) {
        let broken: ((error: LocketError) => void) | undefined
        const onDelivery = ({ handle, body }: { readonly handle: Uint8Array<ArrayBuffer>; readonly body: Uint8Array<ArrayBuffer> }) => {
          untaken += 1
          // It was never given so much credit, or so large a message.
          if (untaken > 2 * WINDOW || body.length > maxBodyBytes) {
            return broken?.(
              new LocketError('relay/corrupt', { operation: 'relay.receive', message: 'the relay sent more than was asked for' }),
            )
          }
          after = handle
          const id = messageId(body)
          inbox.push({
            id,
            body,
            acknowledge: (ackOptions?: AbortOptions) =>
              connections.run(
                'relay.acknowledge',
                (connection) => connection.request({ type: 'acknowledge', token, id: fromHex(id) }, ackOptions?.signal),
                ackOptions?.signal,
              ),
          })
        }
        const open = async (connection: WsConnection) => {
          broken = connection.close
          freed = 0
          reading = await connection.open({ type: 'open', token, credit: Math.max(1, WINDOW - untaken), after }, onDelivery)
          return connection
        }
        const connection = await connections.run('relay.receive', open, over.signal)
        if (over.signal.aborted) return reading?.leave()
        const why = await abortable(connection.ended, over)
        if (why.code === 'relay/corrupt' || why.code === 'relay/refused') throw why
        await connections.pause(over.signal)
      }
    }

    read().catch((error: unknown) => inbox.fail(error))
    return {
      taken() {
        untaken -= 1
        freed += 1
        if (freed < WINDOW / 2) return
        reading?.credit(freed)
        freed = 0
      },
      stop() {
        over.abort()
        reading?.leave()
      },
    }
  }

  return createClientRelay({
    features: { durable: isDurable, crossProcess: true, forgetsAcknowledged: true, maxBodyBytes },
    listen,
    isClosed: () => connections.isClosed,
    async send(mailbox, body, ttlMs, signal) {
      const ttlSeconds = Math.min(Math.ceil(ttlMs / 1_000), 0xffff_ffff)
      const frame = { type: 'send', token: mailboxToken(mailbox, scope), ttlSeconds, body } as const
      await connections.run('relay.send', (connection) => connection.request(frame, signal), signal)
    },
    close() {
      connections.close()
    },
  })
}

function platformSocket(url: string, protocol: string): WebSocketLike {
  const { WebSocket } = globalThis as { WebSocket?: typeof globalThis.WebSocket }
  if (WebSocket === undefined) {
    const message = 'this platform has no WebSocket: give `connect` one of ws'
    throw new LocketError('usage/unsupported', { operation: 'relay.createWebSocketRelay', message })
  }
  return new WebSocket(url, protocol)
}
