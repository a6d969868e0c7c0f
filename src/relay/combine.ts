import type { AbortOptions } from '../core/abort.ts'
import { systemClock, type Clock } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { assertUsable } from './checks.ts'
import { createClientRelay } from './client-relay.ts'
import type { Inbox } from './inbox.ts'
import type { Delivery, Mailbox, Relay, RelayFeatures } from './port.ts'

/** One of the relays of a combination, under the name its failures are reported by. */
export type NamedRelay = { readonly name: string; readonly relay: Relay }

/** What one relay of a combination did not do, while another may have. */
export type RelayFailure = { readonly name: string; readonly operation: 'send' | 'receive' | 'acknowledge'; readonly error: unknown }

export type CombineRelaysOptions = {
  /** In order of preference. Owned: `close` closes them. */
  readonly relays: readonly NamedRelay[]
  /** How many of them each message is sent through; another steps in for one that fails. Default all. */
  readonly sendTo?: number | undefined
  /** How many have to take a message over before `send` resolves. Default 1. */
  readonly minAccepted?: number | undefined
  /** Told of each failure of one relay. */
  readonly onFailure?: ((failure: RelayFailure) => void) | undefined
  /** After how long a relay that failed is listened to again, in milliseconds. Default 5,000. */
  readonly retryAfterMs?: number | undefined
  readonly clock?: Clock | undefined
}

/** Most messages whose copies one `receive` recognises. A copy of an older one is delivered again, as any relay may. */
const MAX_REMEMBERED = 4_096

/**
 * Several relays as one: sends through all or some, receives from all, and delivers each
 * body once, whichever brings it first. None is trusted, and one that fails is reported and
 * asked again later; a `receive` ends only when all of them fail at once.
 *
 * An acknowledgement goes to every relay that brought the message, or will.
 * Features are the weakest of all.
 *
 * @throws {LocketError} `usage/invalid-argument` for no relay, two of one name, or counts that do not fit.
 */
export function combineRelays(options: CombineRelaysOptions): Relay {
  const { relays, sendTo = relays.length, minAccepted = 1, retryAfterMs = 5_000, clock = systemClock() } = options
  assertCounts(relays, sendTo, minAccepted)
  const features = weakest(relays, minAccepted)
  let isClosed = false

  const report = (failure: RelayFailure) => {
    if (isClosed) return
    try {
      options.onFailure?.(failure)
    } catch {
      // A listener's mistake is its own: the other relays go on.
    }
  }

  const send = (mailbox: Mailbox, body: Uint8Array, ttlMs: number, signal: AbortSignal | undefined): Promise<void> => {
    const waiting = relays.slice()
    const failures: { readonly name: string; readonly error: unknown }[] = []
    let accepted = 0
    return new Promise((resolve, reject) => {
      const start = () => {
        const next = waiting.shift()
        if (next === undefined) return
        next.relay.send(mailbox, body, { ttlMs, signal }).then(
          () => {
            accepted += 1
            if (accepted === minAccepted) resolve()
          },
          (error: unknown) => {
            if (signal?.aborted) return reject(signal.reason)
            failures.push({ name: next.name, error })
            report({ name: next.name, operation: 'send', error })
            if (relays.length - failures.length < minAccepted) return reject(isClosed ? closed('relay.send') : refusal(failures))
            start()
          },
        )
      }
      for (let i = 0; i < sendTo; i++) start()
    })
  }

  const listen = (mailbox: Mailbox, inbox: Inbox<Delivery>) => {
    const over = new AbortController()
    const known = new Map<string, { readonly copies: Map<string, Delivery>; isAcknowledged: boolean }>()
    const down = new Set<string>()
    // Each relay waits until what it brought is taken.
    const untaken: (() => void)[] = []

    const acknowledge = async (name: string, copy: Delivery, ackOptions?: AbortOptions) => {
      try {
        await copy.acknowledge(ackOptions)
      } catch (error) {
        ackOptions?.signal?.throwIfAborted()
        report({ name, operation: 'acknowledge', error })
        throw error
      }
    }

    const bring = (name: string, copy: Delivery): Promise<void> | undefined => {
      const message = known.get(copy.id)
      // What one relay brings again after it was acknowledged was sent again.
      if (message !== undefined && !(message.isAcknowledged && message.copies.has(name))) {
        message.copies.set(name, copy)
        // Reported; whoever acknowledged the first copy has gone on.
        if (message.isAcknowledged) acknowledge(name, copy).catch(() => {})
        return undefined
      }
      const entry = { copies: new Map([[name, copy]]), isAcknowledged: false }
      known.set(copy.id, entry)
      if (known.size > MAX_REMEMBERED) known.delete(known.keys().next().value as string)
      const taken = new Promise<void>((resolve) => untaken.push(resolve))
      inbox.push({
        id: copy.id,
        body: copy.body,
        async acknowledge(ackOptions?: AbortOptions) {
          assertUsable(isClosed, 'relay.acknowledge', ackOptions?.signal)
          entry.isAcknowledged = true
          const outcomes = await Promise.allSettled(Array.from(entry.copies, ([from, each]) => acknowledge(from, each, ackOptions)))
          const failed = outcomes.filter((outcome) => outcome.status === 'rejected')
          if (failed.length === outcomes.length) throw failed[0]?.reason
        },
      })
      return taken
    }

    const follow = async ({ name, relay }: NamedRelay) => {
      for (;;) {
        try {
          for await (const copy of relay.receive(mailbox, { signal: over.signal })) {
            down.delete(name)
            await bring(name, copy)
            if (over.signal.aborted) return
          }
          throw closed('relay.receive')
        } catch (error) {
          if (over.signal.aborted) return
          down.add(name)
          report({ name, operation: 'receive', error })
          if (down.size === relays.length) return inbox.fail(error)
          // A relay that somebody closed stays closed.
          if (isLocketError(error, 'usage/closed')) return
          try {
            await clock.sleep(retryAfterMs, { signal: over.signal })
          } catch {
            return
          }
          down.delete(name)
        }
      }
    }

    for (const relay of relays) void follow(relay)
    return {
      taken: () => untaken.shift()?.(),
      stop() {
        over.abort()
        for (const resolve of untaken.splice(0)) resolve()
      },
    }
  }

  return createClientRelay({
    features,
    send,
    listen,
    isClosed: () => isClosed,
    async close() {
      isClosed = true
      await Promise.all(relays.map(({ relay }) => relay.close()))
    },
  })
}

function closed(operation: string): LocketError {
  return new LocketError('usage/closed', { operation })
}

/** The failure itself if all relays failed alike, else that none could be reached, with what each did. */
function refusal(failures: readonly { readonly name: string; readonly error: unknown }[]): unknown {
  const codes = failures.map(({ error }) => (isLocketError(error) ? error.code : 'unknown'))
  const [first] = failures
  if (new Set(codes).size === 1) return first?.error
  return new LocketError('relay/unreachable', {
    operation: 'relay.send',
    message: 'too few relays took the message over',
    details: { relays: failures.map(({ name }, i) => `${name}: ${codes[i]}`) },
    cause: first?.error,
  })
}

function weakest(relays: readonly NamedRelay[], minAccepted: number): RelayFeatures {
  const all = relays.map(({ relay }) => relay.features)
  return {
    // Those that do not keep it may be the ones that took it over.
    durable: all.filter(({ durable }) => !durable).length < minAccepted,
    crossProcess: all.every(({ crossProcess }) => crossProcess),
    forgetsAcknowledged: all.every(({ forgetsAcknowledged }) => forgetsAcknowledged),
    maxBodyBytes: Math.min(...all.map(({ maxBodyBytes }) => maxBodyBytes)),
  }
}

function assertCounts(relays: readonly NamedRelay[], sendTo: number, minAccepted: number): void {
  const invalid = (parameter: string, message: string) =>
    new LocketError('usage/invalid-argument', { operation: 'relay.combineRelays', message, details: { parameter } })
  if (relays.length === 0 || new Set(relays.map(({ name }) => name)).size !== relays.length) {
    throw invalid('relays', 'at least one relay, each of its own name')
  }
  if (!Number.isInteger(sendTo) || sendTo < 1 || sendTo > relays.length) throw invalid('sendTo', 'sendTo is 1 to the number of relays')
  if (!Number.isInteger(minAccepted) || minAccepted < 1 || minAccepted > sendTo) throw invalid('minAccepted', 'minAccepted is 1 to sendTo')
}
