import type { Clock } from '../../core/capabilities.ts'
import type { Bytes } from '../../core/bytes.ts'
import { isLocketError, LocketError } from '../../core/errors.ts'
import type { Mailbox, Relay } from '../port.ts'

export type ListenOptions = {
  readonly relay: Relay
  readonly mailbox: Mailbox
  readonly clock: Clock
  /** Ends it. One signal for each mailbox: many listeners on one would look like a leak. */
  readonly signal: AbortSignal
  /** Takes what arrives, and says whether the relay may forget it. */
  onBody(body: Bytes): boolean | Promise<boolean>
  onTrouble?(operation: 'receive' | 'acknowledge', error: unknown): void
}

/** How soon a relay that failed is listened to again, in milliseconds. */
const AGAIN_MS = 2_000

/**
 * Hears a mailbox through every trouble of its relay, until it is aborted.
 *
 * @throws {LocketError} `usage/closed` once the relay is closed.
 */
export async function listen(options: ListenOptions): Promise<void> {
  const { relay, mailbox, clock, signal, onBody, onTrouble } = options
  while (!signal.aborted) {
    try {
      for await (const delivery of relay.receive(mailbox, { signal })) {
        if (signal.aborted) return
        if (await onBody(delivery.body)) delivery.acknowledge().catch((error: unknown) => onTrouble?.('acknowledge', error))
      }
      throw new LocketError('usage/closed', { operation: 'session.listen', message: 'the relay was closed' })
    } catch (error) {
      if (signal.aborted) return
      if (isLocketError(error, 'usage/closed')) throw error
      onTrouble?.('receive', error)
      // An abort ends the loop.
      await clock.sleep(AGAIN_MS, { signal }).catch(() => {})
    }
  }
}
