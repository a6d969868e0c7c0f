import type { AbortOptions } from '../core/abort.ts'
import { copyBytes, toHex } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { mailboxAddress } from './address.ts'
import { assertUsable } from './checks.ts'
import { createClientRelay } from './client-relay.ts'
import type { HeldMessage, HeldMessages } from './held.ts'
import type { Inbox } from './inbox.ts'
import { messageId } from './message-id.ts'
import type { Delivery, Mailbox, Relay, RelayFeatures } from './port.ts'

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
      },
    }
  }

  return createClientRelay({
    features,
    isClosed: () => isClosed,
    listen: (mailbox, inbox) => read(addressOf(mailbox), inbox),
    async send(mailbox, body, ttlMs) {
      const address = addressOf(mailbox)
      const present = held.list(address)
      if (present.length >= maxMessagesPerMailbox && !present.some(({ id }) => id === messageId(body))) {
        throw new LocketError('relay/refused', { operation: 'relay.send', details: { reason: 'mailbox-full' } })
      }
      const message = held.add(address, body, ttlMs)
      if (message !== undefined) options.onSend?.(address, message)
    },
    close() {
      if (isClosed) return
      isClosed = true
      options.onClose?.()
    },
  })
}
