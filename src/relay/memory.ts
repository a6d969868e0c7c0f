import type { AbortOptions } from '../core/abort.ts'
import { copyBytes, toHex } from '../core/bytes.ts'
import { systemClock, type Clock } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import { mailboxAddress } from './address.ts'
import { assertBody, assertMailbox, assertUsable, ttlOf } from './checks.ts'
import { createHeldMessages, type HeldMessages } from './held.ts'
import { iterateInbox, type Inbox } from './inbox.ts'
import { messageId } from './message-id.ts'
import type { Delivery, Mailbox, Relay, SendOptions } from './port.ts'

/** What several memory relays share: the messages they hold for each other. */
export type MemoryHub = { readonly held: HeldMessages }

/** A hub of its own. */
export function createMemoryHub(options: { readonly clock?: Clock | undefined } = {}): MemoryHub {
  return Object.freeze({ held: createHeldMessages(options.clock ?? systemClock()) })
}

export type MemoryRelayOptions = {
  /** Default: a hub of its own. Outlives the relay. */
  readonly hub?: MemoryHub | undefined
  /** Default 1 MiB. */
  readonly maxBodyBytes?: number | undefined
  /** Default 1,000; then `send` is refused. */
  readonly maxMessagesPerMailbox?: number | undefined
}

/** A relay in memory: the reference for every other adapter. Its two ends are in one process, and it forgets everything when that ends. */
export function createMemoryRelay(options: MemoryRelayOptions = {}): Relay {
  const { hub = createMemoryHub(), maxBodyBytes = 1024 * 1024, maxMessagesPerMailbox = 1_000 } = options
  const { held } = hub
  const inboxes = new Set<Inbox<Delivery>>()
  let isClosed = false

  const addressOf = (mailbox: Mailbox) => toHex(mailboxAddress(mailbox, 'memory'))

  return Object.freeze({
    features: Object.freeze({ durable: false, crossProcess: false, forgetsAcknowledged: true, maxBodyBytes }),
    async send(mailbox: Mailbox, body: Uint8Array, sendOptions?: SendOptions) {
      assertUsable(isClosed, 'relay.send', sendOptions?.signal)
      assertMailbox(mailbox, 'relay.send')
      assertBody(body, maxBodyBytes, 'relay.send')
      const ttlMs = ttlOf(sendOptions, 'relay.send')
      const address = addressOf(mailbox)
      const present = held.list(address)
      if (present.length >= maxMessagesPerMailbox && !present.some(({ id }) => id === messageId(body))) {
        throw new LocketError('relay/refused', { operation: 'relay.send', details: { reason: 'mailbox-full' } })
      }
      held.add(address, body, ttlMs)
    },
    receive(mailbox: Mailbox, receiveOptions?: AbortOptions) {
      assertMailbox(mailbox, 'relay.receive')
      const address = addressOf(mailbox)
      return iterateInbox<Delivery>((inbox) => {
        assertUsable(isClosed, 'relay.receive')
        let order = -1
        let isWaiting = false
        const pump = () => {
          if (isWaiting) return
          const message = held.after(address, order)
          if (message === undefined) return
          order = message.order
          isWaiting = true
          inbox.push({
            id: message.id,
            body: copyBytes(message.body),
            async acknowledge(ackOptions?: AbortOptions) {
              assertUsable(isClosed, 'relay.acknowledge', ackOptions?.signal)
              held.remove(address, message.id)
            },
          })
        }
        const taken = () => {
          isWaiting = false
          pump()
        }
        const stopListening = held.onAdd(address, pump)
        inboxes.add(inbox)
        // Not before the iterator knows its source.
        queueMicrotask(pump)
        return {
          taken,
          stop() {
            stopListening()
            inboxes.delete(inbox)
          },
        }
      }, receiveOptions)
    },
    async close() {
      isClosed = true
      for (const inbox of Array.from(inboxes)) inbox.end()
    },
  })
}
