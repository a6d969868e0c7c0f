import { sha256 } from '@noble/hashes/sha2.js'
import { utf8 } from '../../../src/core/bytes.ts'
import type { Clock } from '../../../src/core/capabilities.ts'
import type { Relay } from '../../../src/relay/port.ts'

const WINDOW_MS = 20_000

/** `relay` as a device sees it that is cut off for a share of all stretches of twenty seconds: it cannot send, and hears nothing until it is back. */
export function withPartitions(relay: Relay, plan: { readonly seed: string; readonly clock: Clock; readonly share: number }): Relay {
  const { clock } = plan
  const isCut = () => (sha256(utf8(`${plan.seed}/${Math.floor(clock.nowMs() / WINDOW_MS)}`))[0] as number) < plan.share * 256
  return {
    ...relay,
    async send(mailbox, body, options) {
      if (isCut()) throw new Error('no route to host')
      await relay.send(mailbox, body, options)
    },
    async *receive(mailbox, options) {
      for await (const delivery of relay.receive(mailbox, options)) {
        while (isCut()) await clock.sleep(WINDOW_MS - (clock.nowMs() % WINDOW_MS), options)
        yield delivery
      }
    },
  }
}
