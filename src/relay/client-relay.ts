import type { AbortOptions } from '../core/abort.ts'
import { copyBytes, type Bytes } from '../core/bytes.ts'
import { assertBody, assertMailbox, assertUsable, ttlOf } from './checks.ts'
import { iterateInbox, type Inbox, type Source } from './inbox.ts'
import type { Delivery, Mailbox, Relay, RelayFeatures, SendOptions } from './port.ts'

export type ClientRelayOptions = {
  readonly features: RelayFeatures
  /** Takes what was checked and copied. */
  send(mailbox: Mailbox, body: Bytes, ttlMs: number, signal: AbortSignal | undefined): Promise<void>
  /** Begins a reading. What it fails with goes into the inbox. */
  listen(mailbox: Mailbox, inbox: Inbox<Delivery>): Source
  readonly isClosed: () => boolean
  close(): void | Promise<void>
}

/** What every relay does alike: checks, copies, and the order of closing. */
export function createClientRelay(options: ClientRelayOptions): Relay {
  const { features, isClosed } = options
  const inboxes = new Set<Inbox<Delivery>>()
  return Object.freeze({
    features: Object.freeze(features),
    async send(mailbox: Mailbox, body: Uint8Array, sendOptions?: SendOptions) {
      assertUsable(isClosed(), 'relay.send', sendOptions?.signal)
      assertMailbox(mailbox, 'relay.send')
      assertBody(body, features.maxBodyBytes, 'relay.send')
      await options.send(copyBytes(mailbox), copyBytes(body), ttlOf(sendOptions, 'relay.send'), sendOptions?.signal)
    },
    receive(mailbox: Mailbox, receiveOptions?: AbortOptions) {
      assertMailbox(mailbox, 'relay.receive')
      const own = copyBytes(mailbox)
      return iterateInbox<Delivery>((inbox) => {
        assertUsable(isClosed(), 'relay.receive')
        inboxes.add(inbox)
        const source = options.listen(own, inbox)
        return {
          taken: () => source.taken?.(),
          stop() {
            inboxes.delete(inbox)
            source.stop()
          },
        }
      }, receiveOptions)
    },
    async close() {
      // The loops end before the connection does, so that they see no failure.
      for (const inbox of Array.from(inboxes)) inbox.end()
      await options.close()
    },
  })
}
