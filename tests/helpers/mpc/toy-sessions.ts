import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, copyBytes, toHex, utf8, type Bytes } from '../../../src/core/bytes.ts'
import { LocketError } from '../../../src/core/errors.ts'
import type { Outgoing } from '../../../src/mpc/run-ceremony.ts'
import type { CeremonySetup, Meeting } from '../../../src/mpc/session.ts'
import type { Received } from '../../../src/mpc/step.ts'

/** A round that leaves: tests look at it, alter it, or hold it back for ever. */
export type Tap = (message: {
  readonly from: number
  readonly to: number
  readonly outgoing: Outgoing
  readonly setup: CeremonySetup
}) => Received | 'lost' | undefined

type Room = {
  readonly nonce: number
  readonly joined: Set<number>
  readonly rounds: Map<string, Received>
  readonly waiters: Set<() => void>
}

/** Sessions without a relay, in one process: everybody of the same setup meets in one room. */
export function createToySessions(options: { tap?: Tap } = {}) {
  const rooms = new Map<string, Room>()
  let nonce = 0

  const published = new Map<string, Bytes>()

  const meetAs = (secretKey: Bytes): Meeting => ({
    async connect(setup, { signal }) {
      const name = nameOf(setup)
      let room = rooms.get(name)
      if (room === undefined || room.joined.has(setup.self)) {
        room = { nonce: nonce++, joined: new Set(), rounds: new Map(), waiters: new Set() }
        rooms.set(name, room)
      }
      const { joined, rounds, waiters } = room
      joined.add(setup.self)
      const wake = () => waiters.forEach((waiter) => waiter())
      const until = async (isReady: () => boolean) => {
        while (!isReady()) {
          signal?.throwIfAborted()
          await new Promise<void>((resolve, reject) => {
            const done = () => {
              waiters.delete(done)
              signal?.removeEventListener('abort', onAbort)
              resolve()
            }
            const onAbort = () => {
              waiters.delete(done)
              reject(signal?.reason as Error)
            }
            waiters.add(done)
            signal?.addEventListener('abort', onAbort, { once: true })
          })
        }
      }
      const others = setup.participants.map(({ index }) => index).filter((index) => index !== setup.self)
      wake()
      await until(() => others.every((index) => joined.has(index)))
      return {
        id: copyBytes(sha256(utf8(`${name}/${room.nonce}`))),
        async exchange(outgoing) {
          for (const to of others) {
            const altered = options.tap?.({ from: setup.self, to, outgoing, setup })
            const { broadcast } = outgoing
            const message = altered ?? { broadcast, direct: outgoing.direct.get(to) ?? new Uint8Array() }
            if (message !== 'lost') rounds.set(`${outgoing.round}/${setup.self}/${to}`, message)
          }
          wake()
          const keys = others.map((from) => [from, `${outgoing.round}/${from}/${setup.self}`] as const)
          await until(() => keys.every(([, key]) => rounds.has(key)))
          return new Map(keys.map(([from, key]) => [from, rounds.get(key) as Received]))
        },
        sign: (message) => ed25519.sign(message, secretKey),
        verify: (card, message, signature) => {
          try {
            return ed25519.verify(signature, message, card)
          } catch {
            return false
          }
        },
        finish: async () => undefined,
        close: async (outcome) => {
          if ('published' in outcome && outcome.published !== undefined) published.set(name, outcome.published)
        },
      }
    },
    async fetchResult(setup, verify) {
      const found = published.get(nameOf(setup))
      if (found === undefined || !(await verify(found))) throw new LocketError('mpc/deadline', { operation: 'toy' })
      return found
    },
  })
  return { meetAs, rooms }
}

/** A device's key and card, the same for the same name. */
export function toyIdentity(name: string): { readonly secretKey: Bytes; readonly card: Bytes } {
  const secretKey = copyBytes(sha256(utf8(`toy identity ${name}`)))
  return { secretKey, card: copyBytes(ed25519.getPublicKey(secretKey)) }
}

function nameOf({ ceremonyId, protocol, suite, keyId, epoch, threshold, participants, context, expiresAtMs }: CeremonySetup): string {
  const facts = utf8(JSON.stringify([toHex(ceremonyId), protocol, suite, toHex(keyId), epoch, threshold, expiresAtMs]))
  return toHex(sha256(concatBytes(facts, context, ...participants.map(({ card }) => card))))
}
