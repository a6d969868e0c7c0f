import { concatBytes, type Bytes } from '../../../src/core/bytes.ts'
import { COUNT } from './base-ot.ts'
import { addAll, lagrange, pointBytes, scalarBytes, times, type Point } from './field.ts'
import { H, u32, u8 } from './hash.ts'
import type { Peer } from './pair.ts'
import { createReader, type Reader } from './reader.ts'
import { Refusal } from './ceremony.ts'

const [VERSION, SUITE] = [1, 1]

/** The public half of a share. */
export type Public = {
  readonly setup: Bytes
  readonly epoch: number
  readonly t: number
  readonly chainCode: Bytes
  readonly X: Point
  /** `X_j`, from party 1. */
  readonly shares: readonly Point[]
}

/** One party's share. */
export type Share = {
  readonly public: Public
  readonly me: number
  readonly x: bigint
  readonly peers: ReadonlyMap<number, Peer>
}

export const committeeOf = (half: Public): number[] => half.shares.map((_, i) => i + 1)

export const keyIdOf = (X: Point): Bytes => H('locket/key-id', u8(SUITE), pointBytes(X))

export function publicBytes({ setup, epoch, t, chainCode, X, shares }: Public): Bytes {
  return concatBytes(
    Uint8Array.of(VERSION, SUITE),
    setup,
    u32(epoch),
    Uint8Array.of(t, shares.length),
    chainCode,
    ...[X, ...shares].map(pointBytes),
  )
}

export function readPublic(reader: Reader, from = 0): Public {
  const refuse = new Refusal('retry', 20, from)
  if (reader.u8() !== VERSION || reader.u8() !== SUITE) throw refuse
  const [setup, epoch, t, n] = [reader.bytes(32), reader.u32(), reader.u8(), reader.u8()]
  if (t < 2 || t > n || n > 32) throw refuse
  return { setup, epoch, t, chainCode: reader.bytes(32), X: reader.point(), shares: Array.from({ length: n }, () => reader.point()) }
}

export function shareBytes({ public: half, me, x, peers }: Share): Bytes {
  const ofPeers = [...peers].flatMap(([party, { zeroSeed, sent, received }]) => [
    u8(party),
    zeroSeed,
    ...sent.flat(),
    received.choices,
    ...received.keys,
  ])
  return concatBytes(publicBytes(half), u8(me), scalarBytes(x), ...ofPeers)
}

/** The inverse of {@link shareBytes}. */
export function readShare(bytes: Uint8Array): Share {
  const reader = createReader(bytes, 0)
  const half = readPublic(reader)
  const [me, x] = [reader.u8(), reader.scalar()]
  const peers = new Map<number, Peer>()
  while (peers.size < half.shares.length - 1) {
    const party = reader.u8()
    const zeroSeed = reader.bytes(32)
    const sent = Array.from({ length: COUNT }, () => [reader.bytes(32), reader.bytes(32)] as const)
    const choices = reader.bytes(16)
    peers.set(party, { zeroSeed, sent, received: { choices, keys: Array.from({ length: COUNT }, () => reader.bytes(32)) } })
  }
  reader.end()
  return { public: half, me, x, peers }
}

/** Whether the old shares of these holders sum to the key with this id, and may be dealt. */
export function canBeMoved(half: Public, holders: readonly number[], keyId: Uint8Array): boolean {
  const shares = holders.map((holder) => half.shares[holder - 1])
  if (holders.length < half.t || shares.includes(undefined) || half.epoch === 0xffff_ffff) return false
  const constants = holders.map((holder, i) => times(lagrange(holders, holder), shares[i] as Point))
  return keyIdOf(half.X).every((byte, i) => byte === keyId[i]) && addAll(constants).equals(half.X)
}
