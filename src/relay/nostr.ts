import type { AbortOptions } from '../core/abort.ts'
import { abortable } from '../core/abortable.ts'
import { copyBytes, toHex, type Bytes } from '../core/bytes.ts'
import { systemClock, type Clock } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { loadPeer } from '../core/load-peer.ts'
import { mailboxAddress, scopeOfUrl } from './address.ts'
import { assertUsable } from './checks.ts'
import { createClientRelay } from './client-relay.ts'
import type { Inbox } from './inbox.ts'
import { messageId } from './message-id.ts'
import type { Delivery, Mailbox, Relay } from './port.ts'
import { createReconnector } from './reconnect.ts'

export type NostrRelayOptions = {
  /** Of a Nostr relay: `wss://`. */
  readonly url: string
  /**
   * 32 bytes, the secp256k1 key that signs events. Fresh for each session and never a person's own: the relay and everybody
   * else sees its public key beside the addresses and times of what it sent. Copied; `close` overwrites the copy.
   */
  readonly secretKey: Uint8Array
  /** Default `globalThis.WebSocket`; in Node before 22 give that of `ws`. */
  readonly webSocket?: unknown
  /** A regular kind, so that relays keep the events (NIP-01). Default 4573. */
  readonly kind?: number | undefined
  /** The relay's name in mailbox addresses: both ends must use the same. Default: host and path of `url`. */
  readonly scope?: string | undefined
  /** How long a call goes on connecting before it rejects, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined
  /** Default 32 KiB: relays commonly refuse events above 64 KiB, and base64 adds a third. */
  readonly maxBodyBytes?: number | undefined
  readonly clock?: Clock | undefined
}

type NostrEvent = { readonly id: string; readonly content: string; readonly tags: readonly (readonly string[])[] }
type Subscription = { close(): void }
type NostrConnection = {
  readonly ended: Promise<LocketError>
  publish(address: string, body: Uint8Array, expiresAtMs: number): Promise<void>
  subscribe(address: string, onEvent: (event: NostrEvent) => void, onClose: (error: LocketError) => void): Subscription
}

/** Events one reading keeps until they are taken; the relay is asked again for those beyond. */
const MAX_UNTAKEN = 512
/** Events whose acknowledgement this client remembers. */
const MAX_ACKNOWLEDGED = 16_384

/**
 * A relay over one Nostr relay (NIP-01), whose operator need not know of Locket. A message is an event with the
 * mailbox's address in an `m` tag, base64 content, and a time of expiry (NIP-40).
 *
 * Nostr has no acknowledgements: a message stays until its time is over, for everybody to read, and a reader that
 * begins anew gets it again; this client alone remembers what it acknowledged. Relays decide for how long they keep
 * anything and how many stored events they return (often 500): keep mailboxes short, and combine several relays.
 * Signatures are not checked here, because bodies are authenticated above.
 *
 * @throws {LocketError} `usage/invalid-argument` if `url` or `secretKey` is none. Calls: `usage/missing-peer` without `nostr-tools`.
 */
export function createNostrRelay(options: NostrRelayOptions): Relay {
  const { url, kind = 4573, clock = systemClock(), timeoutMs = 30_000, maxBodyBytes = 32 * 1024, scope = scopeOfUrl(url) } = options
  if (options.secretKey.length !== 32) {
    const details = { parameter: 'secretKey' }
    throw new LocketError('usage/invalid-argument', { operation: 'relay.createNostrRelay', message: 'secretKey is 32 bytes', details })
  }
  const secretKey = copyBytes(options.secretKey)
  const acknowledged = new Set<string>()
  let sendCount = 0

  const dial = async (signal: AbortSignal): Promise<NostrConnection> => {
    const { AbstractRelay, finalizeEvent } = await loadNostrTools()
    signal.throwIfAborted()
    const webSocket = options.webSocket ?? (globalThis as { WebSocket?: unknown }).WebSocket
    if (webSocket === undefined) {
      const message = 'this platform has no WebSocket: give that of ws'
      throw new LocketError('usage/unsupported', { operation: 'relay.createNostrRelay', message })
    }
    const relay = new AbstractRelay(url, {
      verifyEvent: () => true,
      websocketImplementation: webSocket as typeof WebSocket,
      enablePing: true,
    })
    relay.onnotice = () => {}
    const ended = new Promise<LocketError>((resolve) => {
      relay.onclose = () => resolve(failure('relay/closed'))
    })
    // Its own time limit, and closing it before it is connected, make a socket of `ws` throw where nobody listens.
    const connecting = relay.connect()
    const close = () => {
      connecting.then(
        () => relay.close(),
        () => {},
      )
    }
    signal.addEventListener('abort', close, { once: true })
    const waited = new AbortController()
    const tooLate = clock.sleep(timeoutMs, { signal: waited.signal }).then(() => {
      throw failure('relay/unreachable')
    })
    try {
      await abortable(Promise.race([connecting, tooLate]), { signal })
    } catch (cause) {
      close()
      signal.throwIfAborted()
      throw isLocketError(cause) ? cause : failure('relay/unreachable', cause)
    } finally {
      tooLate.catch(() => {})
      waited.abort()
    }
    return {
      ended,
      async publish(address, body, expiresAtMs) {
        const created_at = Math.floor(clock.nowMs() / 1_000)
        const tags = [
          ['m', address],
          ['expiration', String(Math.ceil(expiresAtMs / 1_000))],
          // Sent again it is another event, which a reader that acknowledged the first one has not seen.
          ['n', String(sendCount++)],
        ]
        try {
          await relay.publish(finalizeEvent({ kind, created_at, tags, content: toBase64(body) }, secretKey))
        } catch (cause) {
          throw refusalOf(cause)
        }
      },
      subscribe: (address, onevent, onClose) =>
        relay.subscribe([{ kinds: [kind], '#m': [address] }], { onevent, onclose: (reason) => onClose(refusalOf(new Error(reason))) }),
    }
  }
  const connections = createReconnector<NostrConnection>({ dial, clock, timeoutMs })

  const listen = (mailbox: Mailbox, inbox: Inbox<Delivery>) => {
    const address = toHex(mailboxAddress(mailbox, scope))
    const over = new AbortController()
    /** Messages that were delivered and not acknowledged, with the events that carry them. */
    const delivered = new Map<string, Set<string>>()
    let untaken = 0
    let isIncomplete = false
    let subscription: Subscription | undefined
    let askAgain: () => void = () => {}

    const onEvent = (event: NostrEvent) => {
      const body = acknowledged.has(event.id) ? undefined : bodyOf(event, maxBodyBytes, clock.nowMs())
      if (body === undefined) return
      const id = messageId(body)
      const known = delivered.get(id)
      if (known !== undefined) return void known.add(event.id)
      if (untaken >= MAX_UNTAKEN) return void (isIncomplete = true)
      const carriers = new Set([event.id])
      delivered.set(id, carriers)
      untaken += 1
      inbox.push({
        id,
        body,
        async acknowledge(ackOptions?: AbortOptions) {
          assertUsable(connections.isClosed, 'relay.acknowledge', ackOptions?.signal)
          for (const each of carriers) acknowledged.add(each)
          if (delivered.get(id) === carriers) delivered.delete(id)
          while (acknowledged.size > MAX_ACKNOWLEDGED) acknowledged.delete(acknowledged.values().next().value as string)
        },
      })
    }

    const read = async () => {
      while (!over.signal.aborted) {
        const why = await connections.run(
          'relay.receive',
          async (connection) => {
            const stopped = new Promise<LocketError | undefined>((resolve) => {
              subscription = connection.subscribe(address, onEvent, resolve)
              askAgain = () => resolve(undefined)
            })
            return abortable(Promise.race([stopped, connection.ended]), over)
          },
          over.signal,
        )
        subscription?.close()
        if (isLocketError(why, 'relay/refused')) throw why
        if (why !== undefined) await connections.pause(over.signal)
      }
    }
    read().catch((error: unknown) => inbox.fail(error))

    return {
      taken() {
        untaken -= 1
        if (untaken > 0 || !isIncomplete) return
        isIncomplete = false
        askAgain()
      },
      stop() {
        over.abort()
        subscription?.close()
      },
    }
  }

  return createClientRelay({
    features: { durable: false, crossProcess: true, forgetsAcknowledged: false, maxBodyBytes },
    listen,
    isClosed: () => connections.isClosed,
    async send(mailbox, body, ttlMs, signal) {
      const [address, expiresAtMs] = [toHex(mailboxAddress(mailbox, scope)), clock.nowMs() + ttlMs]
      await connections.run('relay.send', (connection) => abortable(connection.publish(address, body, expiresAtMs), { signal }), signal)
    },
    close() {
      connections.close()
      secretKey.fill(0)
    },
  })
}

/** The body of an event, unless it is expired, oversized, or no base64. Anybody may have written it. */
function bodyOf(event: NostrEvent, maxBodyBytes: number, nowMs: number): Bytes | undefined {
  const expiry = event.tags.find(([name]) => name === 'expiration')?.[1]
  if (expiry !== undefined && !(Number(expiry) * 1_000 > nowMs)) return undefined
  if (event.content.length > Math.ceil(maxBodyBytes / 3) * 4) return undefined
  try {
    const body = Uint8Array.from(atob(event.content), (char) => char.charCodeAt(0))
    return body.length > 0 && body.length <= maxBodyBytes ? body : undefined
  } catch {
    return undefined
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(binary)
}

/** What a relay's words mean. NIP-01: a refusal begins with one machine-readable word and a colon. */
function refusalOf(cause: unknown): LocketError {
  const text = cause instanceof Error ? cause.message : String(cause)
  if (text.includes('timed out')) return failure('relay/timeout', cause)
  if (/connection|closed connection|closed by/.test(text)) return failure('relay/closed', cause)
  return failure('relay/refused', cause, /^([a-z-]{1,32}):/.exec(text)?.[1] ?? 'unknown')
}

function failure(
  code: 'relay/unreachable' | 'relay/timeout' | 'relay/closed' | 'relay/refused',
  cause?: unknown,
  reason?: string,
): LocketError {
  return new LocketError(code, { operation: 'relay.nostr', details: reason === undefined ? {} : { reason }, cause })
}

function loadNostrTools() {
  return loadPeer('relay.createNostrRelay', 'nostr-tools', async () => {
    const [{ AbstractRelay }, { finalizeEvent }] = await Promise.all([import('nostr-tools/abstract-relay'), import('nostr-tools/pure')])
    return { AbstractRelay, finalizeEvent }
  })
}
