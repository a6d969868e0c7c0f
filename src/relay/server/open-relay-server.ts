import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { systemClock, systemEntropy, type Clock, type Entropy } from '../../core/capabilities.ts'
import { LocketError } from '../../core/errors.ts'
import { loadPeer } from '../../core/load-peer.ts'
import { createMemoryStore } from '../../store/memory.ts'
import { openNodeJournal } from '../../store/node-fs.ts'
import { RELAY_PROTOCOL } from '../wire.ts'
import { createQuota, DEFAULT_RELAY_LIMITS, type RelayLimits } from './limits.ts'
import { openMailboxes } from './mailboxes.ts'
import { createSession, type RelayEvent, type Session, type SessionContext } from './session.ts'

export type RelayServerOptions = {
  /** Where messages are kept, made if it does not exist. Without it they are kept in memory and end with the process. */
  readonly directory?: string | undefined
  /** Default 0: any free port. */
  readonly port?: number | undefined
  /** Default 127.0.0.1. */
  readonly host?: string | undefined
  readonly limits?: Partial<RelayLimits> | undefined
  /** Pages of other origins are refused. Default: any page, and programs, which name none. */
  readonly origins?: readonly string[] | undefined
  /** Words of which a client must know one. Default: whoever can connect is admitted. */
  readonly admissions?: readonly string[] | undefined
  /** Count by the last entry of `X-Forwarded-For`. Only behind a proxy that sets it. Default false. */
  readonly isBehindProxy?: boolean | undefined
  /** Told what happens: mailbox addresses, sizes and times, which is all the server knows. */
  readonly onEvent?: ((event: RelayEvent) => void) | undefined
  readonly clock?: Clock | undefined
  readonly entropy?: Entropy | undefined
}

export type RelayServer = {
  /** `ws://<host>:<port>`. */
  readonly url: string
  /** Ends all connections and closes the store. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** What a frame takes besides its body, generously. */
const FRAME_BYTES = 1_024

/**
 * A blind relay: holds sealed messages for mailboxes until they are acknowledged or their time is over.
 * It sees addresses, sizes, times and network addresses, keeps the last only in memory, and writes no log.
 *
 * With `directory`, `send` is answered after the message is flushed to disk: a kill loses nothing that was answered.
 *
 * @throws {LocketError} `usage/missing-peer` without `ws`, `usage/invalid-argument` if the port cannot be listened on,
 *   `store/locked` if another process has the directory, and what else its store fails with.
 */
export async function openRelayServer(options: RelayServerOptions = {}): Promise<RelayServer> {
  const { directory, port = 0, host = '127.0.0.1', clock = systemClock(), entropy = systemEntropy() } = options
  const limits: RelayLimits = Object.freeze({ ...DEFAULT_RELAY_LIMITS, ...options.limits })
  const { WebSocketServer } = await loadPeer('relay.openRelayServer', 'ws', () => import('ws'))
  const store = directory === undefined ? createMemoryStore() : await openNodeJournal({ directory })
  try {
    const mailboxes = await openMailboxes({ store, clock, entropy, limits })
    const lastUsedMs = new Map<string, number>()
    const quota = createQuota(clock)
    const { admissions, onEvent } = options
    const context: SessionContext = { mailboxes, quota, limits, lastUsedMs, admissions, onEvent, nowMs: () => clock.nowMs() }

    const sessions = new Set<{ readonly session: Session; readonly isAlive: () => boolean; terminate(): void }>()
    const connections = new Map<string, number>()
    const sockets = new WebSocketServer({
      noServer: true,
      maxPayload: limits.maxBodyBytes + FRAME_BYTES,
      perMessageDeflate: false,
      handleProtocols: () => RELAY_PROTOCOL,
    })

    const addressOf = (request: IncomingMessage): string => {
      const forwarded = options.isBehindProxy ? request.headers['x-forwarded-for'] : undefined
      return (
        String(forwarded ?? '')
          .split(',')
          .at(-1)
          ?.trim() ||
        (request.socket.remoteAddress ?? 'unknown')
      )
    }
    /** The HTTP status a connection is refused with. */
    const refusalOf = (request: IncomingMessage, networkAddress: string): string | undefined => {
      const { origin } = request.headers
      if (options.origins !== undefined && origin !== undefined && !options.origins.includes(origin)) return '403 Forbidden'
      if (!(request.headers['sec-websocket-protocol'] ?? '').split(/, */).includes(RELAY_PROTOCOL)) return '400 Bad Request'
      if ((connections.get(networkAddress) ?? 0) >= limits.connectionsPerAddress) return '429 Too Many Requests'
      if (quota.take(networkAddress, 'request', limits.requestsPerMinute, 60_000) > 0) return '429 Too Many Requests'
      return undefined
    }

    const server = createServer((_request, response) => void response.writeHead(426, { upgrade: 'websocket' }).end())
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const networkAddress = addressOf(request)
      const refusal = refusalOf(request, networkAddress)
      if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\n\r\n`)
      sockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, networkAddress))
    })

    const serve = (webSocket: import('ws').WebSocket, networkAddress: string) => {
      connections.set(networkAddress, (connections.get(networkAddress) ?? 0) + 1)
      let underWay = 0
      let isAlive = true
      const session = createSession(context, {
        networkAddress,
        write(bytes) {
          webSocket.send(bytes, () => {
            if (webSocket.bufferedAmount < limits.bufferedBytes) session.drained()
          })
        },
        bufferedBytes: () => webSocket.bufferedAmount,
        end: () => webSocket.close(1008),
      })
      const connection = {
        session,
        /** Whether it gave a sign of life since it was last asked. */
        isAlive() {
          const wasAlive = isAlive
          isAlive = false
          webSocket.ping()
          return wasAlive
        },
        terminate: () => webSocket.terminate(),
      }
      sessions.add(connection)
      webSocket.on('pong', () => void (isAlive = true))
      webSocket.on('message', (data: Buffer, isBinary: boolean) => {
        isAlive = true
        underWay += 1
        if (underWay >= limits.requestsUnderWay) webSocket.pause()
        // Text is no frame: an empty one is refused like any other that is malformed.
        void session.receive(isBinary ? data : new Uint8Array()).finally(() => {
          underWay -= 1
          if (underWay < limits.requestsUnderWay) webSocket.resume()
        })
      })
      // Broken frames and broken connections end in `close` too.
      webSocket.on('error', () => {})
      webSocket.on('close', () => {
        session.close()
        sessions.delete(connection)
        const left = (connections.get(networkAddress) ?? 1) - 1
        if (left === 0) connections.delete(networkAddress)
        else connections.set(networkAddress, left)
      })
    }

    const stop = new AbortController()
    const tidy = async () => {
      for (;;) {
        await clock.sleep(limits.sweepMs, { signal: stop.signal })
        for (const { session, isAlive, terminate } of sessions) {
          session.touch()
          if (!isAlive()) terminate()
        }
        quota.sweep()
        const idleSinceMs = clock.nowMs() - limits.mailboxIdleMs
        for (const [address, usedMs] of lastUsedMs) if (usedMs <= idleSinceMs && !mailboxes.has(address)) lastUsedMs.delete(address)
        // Expired messages are never delivered, swept or not; the next sweep tries again.
        await mailboxes.sweep().catch(() => {})
      }
    }

    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => {
        const message = `port ${port} of ${host} cannot be used`
        reject(
          new LocketError('usage/invalid-argument', { operation: 'relay.openRelayServer', message, details: { parameter: 'port' }, cause }),
        )
      })
      server.listen(port, host, resolve)
    })
    tidy().catch(() => {})

    const { port: actual, address } = server.address() as AddressInfo
    const close = async () => {
      if (stop.signal.aborted) return
      stop.abort()
      for (const { session, terminate } of sessions) {
        session.close()
        terminate()
      }
      await new Promise<void>((resolve) => void server.close(() => resolve()))
      await store.close()
    }
    return Object.freeze({ url: `ws://${address.includes(':') ? `[${address}]` : address}:${actual}`, close, [Symbol.asyncDispose]: close })
  } catch (error) {
    await store.close()
    throw error
  }
}
