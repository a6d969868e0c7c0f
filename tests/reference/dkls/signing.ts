import { concatBytes, equalBytes, type Bytes } from '../../../src/core/bytes.ts'
import { demand, messageOf, toEach, type Ceremony, type Draw, type Inbox } from './ceremony.ts'
import { combine } from './combining.ts'
import { derive } from './derivation.ts'
import { readMatrix, type Matrix } from './extension.ts'
import { addAll, G, lagrange, mod, pointBytes, scalarBytes, sum, times, toInteger, type Point } from './field.ts'
import { commit, H, u32, u8 } from './hash.ts'
import { createBob, label, multiplyAsAlice, readPayload, type Payload, type Products } from './multiplication.ts'
import { zeroShare, type Peer } from './pair.ts'
import { presignatureBytes, type Presignature } from './presignature.ts'
import { createReader } from './reader.ts'
import type { Share } from './share.ts'

/** Who signs with what. */
export type Signing = {
  readonly session: Bytes
  readonly share: Share
  /** Ascending. */
  readonly signers: readonly number[]
  readonly path: readonly number[]
}

/** One signature under way, after round 2. */
type Item = {
  readonly r: bigint
  readonly phi: bigint
  readonly s: bigint
  readonly R: Point
  readonly S: Point
  readonly bobs: ReadonlyMap<number, ReturnType<typeof createBob>>
  readonly alice: ReadonlyMap<number, Products>
  readonly commitments: ReadonlyMap<number, Bytes>
}

/** Signs digests of 32 bytes: part 3.5. */
export function* sign(signing: Signing, digests: readonly Bytes[], draw: Draw): Ceremony {
  const context = H('locket/ecdsa/sign', commonContext(signing), concatBytes(...digests))
  const presignatures = yield* multiply(signing, context, digests.length, draw)
  return yield* combine(presignatures, digests)
}

/** All of signing but the digests. */
export function* presign(signing: Signing, count: number, draw: Draw): Ceremony {
  const context = H('locket/ecdsa/presign', commonContext(signing), u8(count))
  const presignatures = yield* multiply(signing, context, count, draw)
  return concatBytes(...presignatures.map(presignatureBytes).flatMap((bytes) => [u32(bytes.length), bytes]))
}

function commonContext({ session, share, signers, path }: Signing): Bytes {
  return H('locket/ecdsa/signing', session, share.public.setup, Uint8Array.from(signers), ...path.map(u32))
}

const nonceCommitment = (context: Bytes, party: number, item: number, blind: Bytes, R: Point): Bytes =>
  commit(context, party, blind, concatBytes(u8(item), pointBytes(R)))

/** Rounds 1 and 2, and the checks of round 3. */
function* multiply(
  { share, signers, path }: Signing,
  context: Bytes,
  count: number,
  draw: Draw,
): Generator<{ broadcast: Bytes; direct: Map<number, Bytes> }, Presignature[], Inbox> {
  const { me } = share
  const others = signers.filter((party) => party !== me)
  const peerOf = (party: number) => share.peers.get(party) as Peer
  const { tweak, Y } = derive(share.public.X, share.public.chainCode, path)

  const drawn = Array.from({ length: count }, (_, item) => {
    const [r, phi, blind] = [draw.scalar(), draw.scalar(), draw.bytes(32)]
    const bobs = new Map(others.map((other) => [other, createBob(label(context, other, me, item), peerOf(other).sent, draw)]))
    return { r, phi, blind, bobs, R: times(r, G) }
  })
  const first = concatBytes(context, ...drawn.map(({ blind, R }, item) => nonceCommitment(context, me, item, blind, R)))
  const offers = toEach(others, (other) => concatBytes(...drawn.map(({ bobs }) => bobs.get(other)?.message as Bytes)))
  let inbox = yield { broadcast: first, direct: offers }

  const offered = readOffers(inbox, others, context, count)
  const name = H('locket/ecdsa/round-1', context, ...signers.map((party) => inbox.get(party)?.broadcast ?? first))
  const sent = new Map<number, Bytes[]>(others.map((party) => [party, []]))
  const items = drawn.map(({ r, phi, R, bobs }, item): Item => {
    const zeros = others.map((other) => zeroShare(peerOf(other), me, other, name, item))
    const s = sum([lagrange(signers, me) * (share.x + tweak), ...zeros])
    const alice = new Map<number, Products>()
    for (const other of others) {
      const matrix = offered.get(other)?.matrices[item] as Matrix
      const { message, shares } = multiplyAsAlice(label(context, me, other, item), peerOf(other).received, matrix, [r, s], draw, other)
      const psi = mod(phi - (bobs.get(other)?.chi as bigint))
      sent.get(other)?.push(message, ...shares.map((c) => pointBytes(times(c, G))), scalarBytes(psi))
      alice.set(other, shares)
    }
    const commitments = new Map(others.map((other) => [other, offered.get(other)?.commitments[item] as Bytes]))
    return { r, phi, s, R, S: times(s, G), bobs, alice, commitments }
  })
  const second = items.flatMap(({ R, S }, item) => [pointBytes(R), drawn[item]?.blind as Bytes, pointBytes(S)])
  inbox = yield { broadcast: concatBytes(...second), direct: toEach(others, (other) => concatBytes(...(sent.get(other) as Bytes[]))) }

  const products = readProducts(inbox, others, count)
  for (const [party, list] of products) {
    list.forEach(({ blind, R }, item) => {
      const commitment = items[item]?.commitments.get(party) as Bytes
      demand(equalBytes(nonceCommitment(context, party, item, blind, R), commitment), 'blame', 22, party)
    })
  }
  return items.map((item, index) => {
    const { R, phi, u, v } = checkProducts(item, new Map([...products].map(([party, list]) => [party, list[index] as Product])), Y)
    const named = H('locket/ecdsa/presignature', context, u8(index), pointBytes(R))
    return { name: named, setup: share.public.setup, Y, me, parties: signers, R, phi, u, v }
  })
}

type Offer = { readonly commitments: readonly Bytes[]; readonly matrices: readonly Matrix[] }

function readOffers(inbox: Inbox, others: readonly number[], context: Bytes, count: number): Map<number, Offer> {
  const messages = others.map((party) => [party, messageOf(inbox, party)] as const)
  for (const [party, { broadcast }] of messages) {
    demand(equalBytes(createReader(broadcast, party).bytes(32), context), 'retry', 21, party)
  }
  return new Map(
    messages.map(([party, { broadcast, direct }]) => {
      let reader = createReader(broadcast.subarray(32), party)
      const commitments = Array.from({ length: count }, () => reader.bytes(32))
      reader.end()
      reader = createReader(direct, party)
      const matrices = Array.from({ length: count }, () => readMatrix(reader))
      reader.end()
      return [party, { commitments, matrices }]
    }),
  )
}

/** What one party sent in round 2 for one signature. */
type Product = {
  readonly R: Point
  readonly blind: Bytes
  readonly S: Point
  readonly payload: Payload
  readonly C: readonly [Point, Point]
  readonly psi: bigint
}

function readProducts(inbox: Inbox, others: readonly number[], count: number): Map<number, Product[]> {
  return new Map(
    others.map((party) => {
      const message = messageOf(inbox, party)
      const [broadcast, direct] = [createReader(message.broadcast, party), createReader(message.direct, party)]
      const list = Array.from({ length: count }, (): Product => {
        const [R, blind, S] = [broadcast.point(), broadcast.bytes(32), broadcast.point()]
        return { R, blind, S, payload: readPayload(direct), C: [direct.point(), direct.point()], psi: direct.scalar() }
      })
      broadcast.end()
      direct.end()
      return [party, list]
    }),
  )
}

/** The checks of round 3, and what is left of the round: `R, phi_i, u_i, v_i`. */
function checkProducts({ r, phi, s, R, S, bobs, alice }: Item, products: ReadonlyMap<number, Product>, Y: Point) {
  let [u, v] = [0n, 0n]
  for (const [party, { payload, C, R: theirR, S: theirS }] of products) {
    const bob = bobs.get(party) as ReturnType<typeof createBob>
    const [du, dv] = bob.finish(payload, party)
    demand(times(bob.chi, theirR).equals(times(du, G).add(C[0])), 'ban', 42, party)
    demand(times(bob.chi, theirS).equals(times(dv, G).add(C[1])), 'ban', 42, party)
    const [cu, cv] = alice.get(party) as Products
    u += cu + du
    v += cv + dv
  }
  const all = [...products.values()]
  demand(addAll([S, ...all.map((one) => one.S)]).equals(Y), 'retry', 43)
  const whole = addAll([R, ...all.map((one) => one.R)])
  demand(!whole.is0() && mod(toInteger(pointBytes(whole).subarray(1))) !== 0n, 'retry', 44)
  const psi = sum([phi, ...all.map((one) => one.psi)])
  return { R: whole, phi, u: mod(u + r * psi), v: mod(v + s * psi) }
}
