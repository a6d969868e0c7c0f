import { sha256 } from '@noble/hashes/sha2.js'
import type { AbortOptions } from '../../core/abort.ts'
import { concatBytes, copyBytes, utf8 } from '../../core/bytes.ts'
import type { Clock } from '../../core/capabilities.ts'
import { iterateInbox } from '../../relay/inbox.ts'
import { messageId } from '../../relay/message-id.ts'
import type { Delivery, Mailbox, Relay, SendOptions } from '../../relay/port.ts'

/** How hostile a relay is. Shares are from 0 to 1; what is left out does not happen. */
export type RelayFaultPlan = {
  /** Same seed, same faults for the same messages, however calls interleave. */
  readonly seed: number | string
  readonly clock: Clock
  /** Share of sends that are taken over and lost. */
  readonly drop?: number | undefined
  /** Share of deliveries that come twice. */
  readonly duplicate?: number | undefined
  /** Share of deliveries held back until another has passed them, or a second on the clock has. */
  readonly reorder?: number | undefined
  /** Each delivery waits for a time from 0 to this, in milliseconds on the clock. */
  readonly delayMs?: number | undefined
  /** Share of deliveries with one bit changed. */
  readonly tamper?: number | undefined
}

/** Longest time a delivery is held back to be passed by another, in milliseconds. */
const HOLD_BACK_MS = 1_000

/** `relay` as an adversary would run it: everything a relay may do to messages, by a plan that can be replayed. Keeps no bound on what it buffers. */
export function withRelayFaults(relay: Relay, plan: RelayFaultPlan): Relay {
  const { clock, drop = 0, duplicate = 0, reorder = 0, delayMs = 0, tamper = 0 } = plan
  const times = new Map<string, number>()

  /** From 0 up to 1, drawn from the seed, the message, what is asked, and how often it was asked before. */
  const dice = (what: string, mailbox: Mailbox, id: string) => {
    const label = utf8(`${plan.seed}\0${what}\0${id}`)
    const counted = `${what} ${messageId(concatBytes(mailbox, label))}`
    const time = times.get(counted) ?? 0
    times.set(counted, time + 1)
    let draw = 0
    return () => {
      const digest = sha256(concatBytes(mailbox, label, utf8(`\0${time}\0${draw++}`)))
      return new DataView(digest.buffer, digest.byteOffset).getUint32(0) / 2 ** 32
    }
  }

  const alter = (delivery: Delivery, roll: () => number): Delivery => {
    const body = copyBytes(delivery.body)
    const bit = Math.floor(roll() * body.length * 8)
    body[bit >> 3] = (body[bit >> 3] as number) ^ (1 << (bit & 7))
    return { ...delivery, id: messageId(body), body }
  }

  return Object.freeze({
    ...relay,
    async send(mailbox: Mailbox, body: Uint8Array, options?: SendOptions) {
      if (drop > 0 && dice('send', mailbox, messageId(body))() < drop) return options?.signal?.throwIfAborted()
      await relay.send(mailbox, body, options)
    },
    receive(mailbox: Mailbox, options?: AbortOptions) {
      const own = copyBytes(mailbox)
      return iterateInbox<Delivery>((inbox) => {
        const over = new AbortController()
        const heldBack = new Set<() => void>()
        // One signal for each sleep: hundreds of listeners on one would look like a leak.
        const sleepers = new Set<AbortController>()
        const sleep = async (ms: number) => {
          const sleeper = new AbortController()
          sleepers.add(sleeper)
          await clock.sleep(ms, { signal: sleeper.signal }).finally(() => sleepers.delete(sleeper))
        }

        const pass = (delivery: Delivery) => {
          inbox.push(delivery)
          for (const release of Array.from(heldBack)) release()
        }
        const carry = async (delivery: Delivery, roll: () => number) => {
          // Drawn in one order, so that each fault stays what it is when another is switched off.
          const [delayShare, reorders, tampers, duplicates] = [roll(), roll() < reorder, roll() < tamper, roll() < duplicate]
          if (delayMs > 0) await sleep(delayShare * delayMs)
          if (reorders) {
            const passed = new Promise<void>((resolve) => {
              const release = () => {
                heldBack.delete(release)
                resolve()
              }
              heldBack.add(release)
            })
            await Promise.race([passed, sleep(HOLD_BACK_MS)])
          }
          pass(tampers ? alter(delivery, roll) : delivery)
          if (duplicates) pass({ ...delivery, body: copyBytes(delivery.body) })
        }
        const listen = async () => {
          try {
            for await (const delivery of relay.receive(own, { signal: over.signal })) {
              carry(delivery, dice('deliver', own, delivery.id)).catch(() => {})
            }
            inbox.end()
          } catch (error) {
            inbox.fail(error)
          }
        }

        void listen()
        return {
          stop() {
            over.abort()
            for (const sleeper of sleepers) sleeper.abort()
          },
        }
      }, options)
    },
  })
}
