import type { JetStreamClient, JetStreamManager, JsMsg } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import type { AbortOptions } from '../core/abort.ts'
import { abortable } from '../core/abortable.ts'
import { copyBytes, toHex } from '../core/bytes.ts'
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

export type NatsRelayOptions = {
  /** Of a NATS server's WebSocket listener: `wss://` or, on this machine, `ws://`. */
  readonly url: string
  /** Credentials and the like: more options for `wsconnect` of `@nats-io/nats-core`. In Node before 22 `wsFactory`, with a socket of `ws`. */
  readonly connection?: { readonly [option: string]: unknown } | undefined
  /** The stream that holds the messages, made if it is missing. Also the first token of subjects. Default `locket`. */
  readonly stream?: string | undefined
  /** Longest time a stream made here holds a message, in milliseconds. Default 3,600,000. */
  readonly maxTtlMs?: number | undefined
  /** The relay's name in mailbox addresses: both ends must use the same. Default: host and path of `url`. */
  readonly scope?: string | undefined
  /** How long a call goes on connecting before it rejects, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined
  /** How long one answer may take, in milliseconds. Default 10,000. */
  readonly answerTimeoutMs?: number | undefined
  /** Default 512 KiB; NATS servers take 1 MiB unless told otherwise. */
  readonly maxBodyBytes?: number | undefined
  readonly clock?: Clock | undefined
}

/** Deliveries that may be on their way to one reader. */
const WINDOW = 32
const NANOS_PER_MS = 1_000_000
/** A reader that died without a word has its messages delivered to the next one after so long; a living one gets them again, unseen. */
const ACK_WAIT_MS = 5_000
const EXPIRES = 'Locket-Expires'
/** JetStream's answer where the subject has its one message already: held, that is. */
const SUBJECT_IS_FULL = 10_077

type Connection = { readonly ended: Promise<unknown>; readonly client: JetStreamClient; readonly manager: JetStreamManager }

/**
 * A relay over NATS JetStream, through the server's WebSocket listener. A message is published on
 * `<stream>.<address>.<id>`, one for each subject, and a durable consumer for each mailbox removes it
 * from the work queue when it is acknowledged.
 *
 * JetStream flushes consumer state late: after a kill -9 it may deliver again what was acknowledged, and a power cut may
 * lose what it took over moments ago. Whoever may subscribe to the stream's subjects can read all of it; bodies are sealed.
 *
 * @throws {LocketError} `usage/invalid-argument` if `url` is none. Calls: `usage/missing-peer` without `@nats-io/nats-core`
 *   and `@nats-io/jetstream`.
 */
export function createNatsRelay(options: NatsRelayOptions): Relay {
  const { url, stream = 'locket', maxTtlMs = 3_600_000, clock = systemClock(), timeoutMs = 30_000, answerTimeoutMs = 10_000 } = options
  const { maxBodyBytes = 512 * 1024, scope = scopeOfUrl(url) } = options

  const dial = async (signal: AbortSignal): Promise<Connection> => {
    const { wsconnect, jetstream, jetstreamManager } = await loadNats()
    signal.throwIfAborted()
    let nats: NatsConnection
    try {
      // It waits and counts with timers of its own; here only one connection at a time is asked of it.
      nats = await wsconnect({ ...options.connection, servers: url, reconnect: false, timeout: answerTimeoutMs })
    } catch (cause) {
      throw named(cause, 'AuthorizationError', 'UserAuthenticationExpiredError') ? translate(cause) : failure('relay/unreachable', cause)
    }
    // What was said last, that a message goes back, is still to arrive.
    const close = () => void nats.drain().catch(() => {})
    signal.addEventListener('abort', close, { once: true })
    if (signal.aborted) close()
    try {
      const manager = await jetstreamManager(nats, { timeout: answerTimeoutMs })
      await ensureStream(manager, stream, maxTtlMs)
      return { ended: nats.closed(), client: jetstream(nats, { timeout: answerTimeoutMs }), manager }
    } catch (cause) {
      close()
      throw translate(cause)
    }
  }
  const connections = createReconnector<Connection>({ dial, clock, timeoutMs })

  const listen = (mailbox: Mailbox, inbox: Inbox<Delivery>) => {
    const address = toHex(mailboxAddress(mailbox, scope))
    const over = new AbortController()
    /** What this reading delivered and nobody acknowledged, by its number in the stream. */
    const open = new Map<number, JsMsg>()
    const untaken: (() => void)[] = []

    const deliver = async (message: JsMsg): Promise<void> => {
      const { seq } = message
      if (Number(message.headers?.get(EXPIRES) ?? Number.POSITIVE_INFINITY) <= clock.nowMs()) return message.ack()
      // Delivered again because it was not acknowledged in time: only the newest delivery counts for the server.
      const isKnown = open.has(seq)
      open.set(seq, message)
      if (isKnown) return
      const body = copyBytes(message.data)
      const taken = new Promise<void>((resolve) => untaken.push(resolve))
      inbox.push({
        id: messageId(body),
        body,
        async acknowledge(ackOptions?: AbortOptions) {
          assertUsable(connections.isClosed, 'relay.acknowledge', ackOptions?.signal)
          open.get(seq)?.ack()
          open.delete(seq)
          // The consumer's own note is kept late and only once, and not for a reading that ended: the message itself is removed.
          const remove = ({ manager }: Connection) => abortable(removeMessage(manager, stream, seq), ackOptions)
          await connections.run('relay.acknowledge', remove, ackOptions?.signal)
        },
      })
      await taken
    }

    const read = async ({ client, manager }: Connection): Promise<void> => {
      try {
        await ensureConsumer(manager, stream, address, maxTtlMs)
        const consumer = await client.consumers.get(stream, address)
        const messages = await consumer.consume({ max_messages: WINDOW })
        const stop = () => void messages.close().catch(() => {})
        over.signal.addEventListener('abort', stop, { once: true })
        if (over.signal.aborted) stop()
        try {
          for await (const message of messages) {
            if (over.signal.aborted) message.nak()
            else await deliver(message)
          }
        } finally {
          over.signal.removeEventListener('abort', stop)
        }
      } catch (error) {
        throw translate(error)
      }
      if (!over.signal.aborted) throw failure('relay/closed')
    }

    const follow = async () => {
      // Each broken reading is a new call, so that a long life of many connections does not run out of time.
      while (!over.signal.aborted) {
        let hasBegun = false
        try {
          await connections.run(
            'relay.receive',
            async (connection) => {
              if (hasBegun) return
              hasBegun = true
              await read(connection)
            },
            over.signal,
          )
        } catch (error) {
          if (over.signal.aborted) return
          if (!hasBegun || !isLocketError(error, 'relay/closed')) throw error
          await connections.pause(over.signal)
        }
      }
    }
    follow().catch((error: unknown) => inbox.fail(error))

    return {
      taken: () => untaken.shift()?.(),
      stop() {
        over.abort()
        for (const resolve of untaken.splice(0)) resolve()
        // At once to the next reader, and not only when the server gives this one up.
        for (const message of open.values()) message.nak()
      },
    }
  }

  return createClientRelay({
    features: { durable: true, crossProcess: true, forgetsAcknowledged: true, maxBodyBytes },
    listen,
    isClosed: () => connections.isClosed,
    async send(mailbox, body, ttlMs, signal) {
      const subject = `${stream}.${toHex(mailboxAddress(mailbox, scope))}.${messageId(body)}`
      const expiresAtMs = clock.nowMs() + ttlMs
      const publish = async ({ client }: Connection) => {
        const { headers } = await loadNats()
        const head = headers()
        head.set(EXPIRES, String(expiresAtMs))
        try {
          await abortable(client.publish(subject, body, { headers: head, timeout: answerTimeoutMs }), { signal })
        } catch (error) {
          signal?.throwIfAborted()
          if (codeOf(error) !== SUBJECT_IS_FULL) throw translate(error)
        }
      }
      await connections.run('relay.send', publish, signal)
    },
    close() {
      connections.close()
    },
  })
}

/** Makes the stream, or finds it: one message for each subject, a new one refused while it is there. */
async function ensureStream(manager: JetStreamManager, name: string, maxTtlMs: number): Promise<void> {
  if (await exists(manager.streams.info(name))) return
  await manager.streams.add({
    name,
    subjects: [`${name}.>`],
    retention: 'workqueue',
    storage: 'file',
    discard: 'new',
    discard_new_per_subject: true,
    max_msgs_per_subject: 1,
    max_age: maxTtlMs * NANOS_PER_MS,
  })
}

/** Removes a message, or sees that it is gone. */
async function removeMessage(manager: JetStreamManager, stream: string, seq: number): Promise<void> {
  try {
    await manager.streams.deleteMessage(stream, seq, false)
  } catch (error) {
    if (!named(error, 'JetStreamApiError')) throw translate(error)
    const left = await manager.streams.getMessage(stream, { seq }).catch((cause: unknown) => {
      throw translate(cause)
    })
    if (left !== null) throw translate(error)
  }
}

async function ensureConsumer(manager: JetStreamManager, stream: string, address: string, maxTtlMs: number): Promise<void> {
  if (await exists(manager.consumers.info(stream, address))) return
  await manager.consumers.add(stream, {
    durable_name: address,
    filter_subject: `${stream}.${address}.*`,
    ack_policy: 'explicit',
    ack_wait: ACK_WAIT_MS * NANOS_PER_MS,
    inactive_threshold: maxTtlMs * NANOS_PER_MS,
  })
}

async function exists(info: Promise<unknown>): Promise<boolean> {
  try {
    await info
    return true
  } catch (error) {
    if (named(error, 'StreamNotFoundError', 'ConsumerNotFoundError')) return false
    throw error
  }
}

function named(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name)
}

function codeOf(error: unknown): number | undefined {
  const { code } = error as { code?: unknown }
  return typeof code === 'number' ? code : undefined
}

/** A failure of the library as one of ours. */
function translate(cause: unknown): unknown {
  if (isLocketError(cause)) return cause
  if (named(cause, 'TimeoutError')) return failure('relay/timeout', cause)
  if (named(cause, 'AuthorizationError', 'UserAuthenticationExpiredError', 'PermissionViolationError'))
    return failure('relay/refused', cause, 'admission')
  if (named(cause, 'JetStreamApiError', 'JetStreamNotEnabled', 'NoRespondersError')) return failure('relay/refused', cause, 'unavailable')
  return failure('relay/closed', cause)
}

function failure(
  code: 'relay/unreachable' | 'relay/timeout' | 'relay/closed' | 'relay/refused',
  cause?: unknown,
  reason?: string,
): LocketError {
  return new LocketError(code, { operation: 'relay.nats', details: reason === undefined ? {} : { reason }, cause })
}

function loadNats() {
  return loadPeer('relay.createNatsRelay', '@nats-io/jetstream', async () => {
    const [{ headers, wsconnect }, { jetstream, jetstreamManager }] = await Promise.all([
      import('@nats-io/nats-core'),
      import('@nats-io/jetstream'),
    ])
    return { headers, wsconnect, jetstream, jetstreamManager }
  })
}
