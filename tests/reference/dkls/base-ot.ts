import { concatBytes, type Bytes } from '../../../src/core/bytes.ts'
import { demand, type Draw } from './ceremony.ts'
import { G, pointBytes, times, type Point } from './field.ts'
import { H, Hc, He, u8 } from './hash.ts'
import type { Reader } from './reader.ts'

/** Base OTs of a pair in one direction. */
export const COUNT = 128

/** What the sender ends with: both keys of each OT. */
export type SenderKeys = readonly (readonly [Bytes, Bytes])[]

/** What the receiver ends with: its choice bits, and of each OT the key it chose. */
export type ReceiverKeys = { readonly choices: Bytes; readonly keys: readonly Bytes[] }

/** Bit `k`, the lowest of each byte first. */
export const bit = (bytes: Uint8Array, k: number): 0 | 1 => (((bytes[k >> 3] as number) >> (k & 7)) & 1) as 0 | 1

/** `L`. */
export function label(context: Uint8Array, sender: number, receiver: number): Bytes {
  return H('locket/ecdsa/base-ot', context, u8(sender), u8(receiver))
}

const mask = (L: Bytes, k: number, choice: number, other: Bytes): Point => He('locket/ecdsa/base-ot/mask', L, u8(k), u8(choice), other)

const key = (L: Bytes, k: number, choice: number, S: Bytes, pair: readonly [Bytes, Bytes], shared: Point): Bytes =>
  H('locket/ecdsa/base-ot/key', L, u8(k), u8(choice), S, ...pair, pointBytes(shared))

/** The sender's side: part 3.2. */
export function createSender(L: Bytes, draw: Draw) {
  const s = draw.scalar()
  const S = pointBytes(times(s, G))
  return {
    message: S,
    finish(reader: Reader, from: number): SenderKeys {
      return Array.from({ length: COUNT }, (_, k) => {
        const points = [reader.point(), reader.point()] as const
        const pair = [pointBytes(points[0]), pointBytes(points[1])] as const
        const keyOf = (choice: 0 | 1) => {
          const sum = points[choice].add(mask(L, k, choice, pair[1 - choice] as Bytes))
          demand(!sum.is0(), 'retry', 20, from)
          return key(L, k, choice, S, pair, times(s, sum))
        }
        return [keyOf(0), keyOf(1)] as const
      })
    },
  }
}

/** The receiver's side. Its own state, for those who try to get the other key from it, is `logarithms` and `points`. */
export function createReceiver(L: Bytes, draw: Draw) {
  const choices = draw.bytes(16)
  const logarithms: bigint[] = []
  const points = Array.from({ length: COUNT }, (_, k): readonly [Bytes, Bytes] => {
    const choice = bit(choices, k)
    const y = draw.scalar()
    logarithms.push(y)
    const other = pointBytes(Hc('locket/ecdsa/base-ot/point', L, u8(k), draw.bytes(32)))
    const chosen = pointBytes(times(y, G).subtract(mask(L, k, choice, other)))
    return choice === 0 ? [chosen, other] : [other, chosen]
  })
  return {
    message: concatBytes(...points.flat()),
    choices,
    logarithms,
    points,
    finish(reader: Reader): ReceiverKeys {
      const S = reader.point().precompute(5, false)
      const keys = points.map((pair, k) => key(L, k, bit(choices, k), pointBytes(S), pair, S.multiply(logarithms[k] as bigint)))
      return { choices, keys }
    },
  }
}
