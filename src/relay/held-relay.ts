import type { AbortOptions } from '../core/abort.ts'
import { copyBytes, toHex } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { mailboxAddress } from './address.ts'
import { assertBody, assertMailbox, assertUsable, ttlOf } from './checks.ts'
import type { HeldMessage, HeldMessages } from './held.ts'
import { iterateInbox, type Inbox } from './inbox.ts'
import { messageId } from './message-id.ts'
import type { Delivery, Mailbox, Relay, RelayFeatures, SendOptions } from './port.ts'

export type HeldRelayOptions = {
  readonly held: HeldMessages
  /** The relay's name in addresses. */
  readonly scope: string
  readonly features: RelayFeatures
  readonly maxMessagesPerMailbox: number
  /** A message was taken over that was not held already. */
  readonly onSend?: ((address: string, message: HeldMessage) => void) | undefined
  /** A reading began. Returns what to do when it ends. */
  readonly onRead?: ((address: string) => () => void) | undefined
  readonly onAcknowledge?: ((address: string, id: string) => void) | undefined
  readonly onClose?: (() => void) | undefined
}

/** A relay over messages in this process; what else there is hears of them through the callbacks. */
export function createHeldRelay(options: HeldRelayOptions): Relay {
  const { held, scope, features, maxMessagesPerMailbox } = options
  const inboxes = new Set<Inbox<Delivery>>()
  let isClosed = false

  const addressOf = (mailbox: Mailbox) => toHex(mailboxAddress(mailbox, scope))

  const read = (address: string, inbox: Inbox<Delivery>) => {
    let order = -1
    let isWaiting = false
    const pump = () => {
      if (isWaiting || isClosed) return
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
          options.onAcknowledge?.(address, message.id)
        },
      })
    }
    const stopListening = held.onAdd(address, pump)
    const ended = options.onRead?.(address)
    // Not before the iterator knows its source.
    queueMicrotask(pump)
    return {
      taken() {
        isWaiting = false
        pump()
      },
      stop() {
        stopListening()
        ended?.()
        inboxes.delete(inbox)
      },
    }
  }

  return Object.freeze({
    features: Object.freeze(features),
    async send(mailbox: Mailbox, body: Uint8Array, sendOptions?: SendOptions) {
      assertUsable(isClosed, 'relay.send', sendOptions?.signal)
      assertMailbox(mailbox, 'relay.send')
      assertBody(body, features.maxBodyBytes, 'relay.send')
      const ttlMs = ttlOf(sendOptions, 'relay.send')
      const address = addressOf(mailbox)
      const present = held.list(address)
      if (present.length >= maxMessagesPerMailbox && !present.some(({ id }) => id === messageId(body))) {
        throw new LocketError('relay/refused', { operation: 'relay.send', details: { reason: 'mailbox-full' } })
      }
      const message = held.add(address, body, ttlMs)
      if (message !== undefined) options.onSend?.(address, message)
    },
    receive(mailbox: Mailbox, receiveOptions?: AbortOptions) {
      assertMailbox(mailbox, 'relay.receive')
      const address = addressOf(mailbox)
      return iterateInbox<Delivery>((inbox) => {
        assertUsable(isClosed, 'relay.receive')
        inboxes.add(inbox)
        return read(address, inbox)
      }, receiveOptions)
    },
    async close() {
      if (isClosed) return
      isClosed = true
      for (const inbox of Array.from(inboxes)) inbox.end()
      options.onClose?.()
    },
  })
}
