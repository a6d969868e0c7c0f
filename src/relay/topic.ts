import type { AbortOptions } from '../core/abort.ts'
import { LocketError } from '../core/errors.ts'
import type { Outbox } from './outbox.ts'
import type { Mailbox } from './port.ts'

export type CreateTopicOptions = {
  /** Holds what is published. */
  readonly outbox: Outbox
  /** A mailbox for each party, by a name of the caller's. Relays do not see the names. */
  readonly parties: ReadonlyMap<string, Mailbox>
}

/** Messages for N named parties, each held until all of them have acknowledged it. */
export type Topic = {
  /**
   * Keeps `body` for every party and sends it. Resolves as {@link Outbox.add} does.
   *
   * @returns the message's id.
   */
  publish(body: Uint8Array, options?: AbortOptions & { readonly ttlMs?: number | undefined }): Promise<string>
  /** A party's own authenticated acknowledgement of a message was seen. */
  acknowledged(party: string, id: string, options?: AbortOptions): Promise<void>
  /** The parties that have not acknowledged `id`, in the order they were given. Nobody: it is no longer held. */
  waitingFor(id: string): readonly string[]
}

/**
 * A durable topic over an outbox. All it knows lies in the outbox: made again with the same parties
 * after a restart, it goes on where it was. The acknowledgements that count are the parties' own;
 * a relay's never do.
 */
export function createTopic(options: CreateTopicOptions): Topic {
  const { outbox, parties } = options
  return Object.freeze({
    async publish(body: Uint8Array, publishOptions: AbortOptions & { readonly ttlMs?: number | undefined } = {}) {
      const { ttlMs, signal } = publishOptions
      const ids = await outbox.add(
        Array.from(parties.values(), (mailbox) => ({ mailbox, body, ttlMs })),
        { signal },
      )
      return ids[0] as string
    },
    async acknowledged(party: string, id: string, ackOptions?: AbortOptions) {
      const mailbox = parties.get(party)
      if (mailbox === undefined) {
        throw new LocketError('usage/invalid-argument', {
          operation: 'relay.topic.acknowledged',
          message: 'no such party',
          details: { parameter: 'party' },
        })
      }
      await outbox.settled(mailbox, id, ackOptions)
    },
    waitingFor(id: string) {
      const waiting = Array.from(parties).filter(([, mailbox]) => outbox.pending(mailbox).some((message) => message.id === id))
      return waiting.map(([party]) => party)
    },
  })
}
