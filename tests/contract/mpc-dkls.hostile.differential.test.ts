import { secp256k1 } from '@noble/curves/secp256k1.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { concatBytes, utf8, type Bytes } from '../../src/core/bytes.ts'
import { CoreFailure } from '../helpers/mpc-core.ts'
import { drawFrom } from '../reference/dkls/ceremony.ts'
import { G, inverse, mod, pointBytes, q, scalarBytes, times, toInteger } from '../reference/dkls/field.ts'
import { H } from '../reference/dkls/hash.ts'
import {
  coreParty,
  referenceParty,
  resultsOf,
  runParties,
  twinParty,
  type Outcome,
  type Party,
  type Side,
  type Tamper,
} from '../reference/dkls/party.ts'
import type { Peer } from '../reference/dkls/pair.ts'
import { keyIdOf, readShare, type Share } from '../reference/dkls/share.ts'
import { finishSide, generateSide, presignSide, refreshSide, reshareSide, signSide } from '../reference/dkls/sides.ts'
import { sign } from '../reference/dkls/signing.ts'
import { seededEntropy } from '../helpers/seeded-entropy.ts'

const session = H('test/session', utf8('hostile'))
const digest = H('test/digest', utf8('hostile'))

/** Class and code of part 8 of `wasm/SPEC.md`. */
const RETRY = 1
const BAN = 2
const BLAME = 3

type Change = (bytes: Bytes) => Bytes | void
type Case = {
  readonly name: string
  /** The message of the other party, changed before party 1 gets it. */
  readonly round: number
  readonly part: 'broadcast' | 'direct'
  readonly change: Change
  readonly class: number
  readonly code: number
  /** The round in whose messages it is found, if that is a later one. */
  readonly found?: number
  /** Nobody can be named. */
  readonly nobody?: true
}

const flip =
  (at: number): Change =>
  (bytes) => {
    ;(bytes[at] as number) ^= 1
  }
const put =
  (at: number, what: Uint8Array): Change =>
  (bytes) => {
    bytes.set(what, at)
  }
const shorten: Change = (bytes) => bytes.slice(0, -1)
const lengthen: Change = (bytes) => concatBytes(bytes, Uint8Array.of(0))
const other = pointBytes(times(77n, G))
const identity = new Uint8Array(33)
/** `x^3 + 7` has no root for this `x`. */
const offCurve = concatBytes(Uint8Array.of(2), scalarBytes(5n))
/** The generator, not compressed, cut to as many bytes. */
const uncompressed = G.toBytes(false).slice(0, 33)

const PSI = 40_098
const SIGNING: readonly Case[] = [
  { name: 'context', round: 1, part: 'broadcast', change: flip(0), class: RETRY, code: 21 },
  { name: 'commitment', round: 1, part: 'broadcast', change: flip(63), class: BLAME, code: 22, found: 2 },
  { name: 'salt of the extension', round: 1, part: 'direct', change: flip(31), class: BAN, code: 40 },
  { name: 'first column', round: 1, part: 'direct', change: flip(32), class: BAN, code: 40 },
  { name: 'last column', round: 1, part: 'direct', change: flip(32 + 10_239), class: BAN, code: 40 },
  { name: 'check of the choices', round: 1, part: 'direct', change: flip(32 + 10_240), class: BAN, code: 40 },
  { name: 'check of the last column', round: 1, part: 'direct', change: flip(12_335), class: BAN, code: 40 },
  { name: 'short broadcast', round: 1, part: 'broadcast', change: shorten, class: RETRY, code: 20 },
  { name: 'long broadcast', round: 1, part: 'broadcast', change: lengthen, class: RETRY, code: 20 },
  { name: 'short matrix', round: 1, part: 'direct', change: shorten, class: RETRY, code: 20 },
  { name: 'long matrix', round: 1, part: 'direct', change: lengthen, class: RETRY, code: 20 },
  { name: 'nothing', round: 1, part: 'broadcast', change: () => new Uint8Array(), class: RETRY, code: 20 },

  { name: 'nonce point', round: 2, part: 'broadcast', change: put(0, other), class: BLAME, code: 22 },
  { name: 'blind', round: 2, part: 'broadcast', change: flip(64), class: BLAME, code: 22 },
  { name: 'key part', round: 2, part: 'broadcast', change: put(65, other), class: BAN, code: 42 },
  { name: 'salt of the pads', round: 2, part: 'direct', change: flip(0), class: BAN, code: 41 },
  { name: 'first correction', round: 2, part: 'direct', change: flip(63), class: BAN, code: 41 },
  { name: 'last correction', round: 2, part: 'direct', change: flip(31 + 39_936), class: BAN, code: 41 },
  { name: 'eta', round: 2, part: 'direct', change: flip(63 + 39_936), class: BAN, code: 41 },
  { name: 'mu', round: 2, part: 'direct', change: flip(64 + 39_936), class: BAN, code: 41 },
  { name: 'share of the nonce product', round: 2, part: 'direct', change: put(40_032, other), class: BAN, code: 42 },
  { name: 'share of the key product', round: 2, part: 'direct', change: put(40_065, other), class: BAN, code: 42 },
  { name: 'psi', round: 2, part: 'direct', change: flip(PSI + 31), class: RETRY, code: 44, found: 3, nobody: true },
  { name: 'identity as a nonce point', round: 2, part: 'broadcast', change: put(0, identity), class: RETRY, code: 20 },
  { name: 'key part off the curve', round: 2, part: 'broadcast', change: put(65, offCurve), class: RETRY, code: 20 },
  { name: 'uncompressed point', round: 2, part: 'broadcast', change: put(0, uncompressed), class: RETRY, code: 20 },
  { name: 'identity as a product', round: 2, part: 'direct', change: put(40_032, identity), class: RETRY, code: 20 },
  { name: 'psi of q', round: 2, part: 'direct', change: put(PSI, scalarBytes(q)), class: RETRY, code: 20 },
  { name: 'eta above q', round: 2, part: 'direct', change: put(32 + 39_936, new Uint8Array(32).fill(255)), class: RETRY, code: 20 },
  { name: 'correction of q', round: 2, part: 'direct', change: put(32, scalarBytes(q)), class: RETRY, code: 20 },
  { name: 'short products', round: 2, part: 'direct', change: shorten, class: RETRY, code: 20 },
  { name: 'long products', round: 2, part: 'direct', change: lengthen, class: RETRY, code: 20 },

  { name: 'u', round: 3, part: 'broadcast', change: flip(31), class: RETRY, code: 44, nobody: true },
  { name: 'w', round: 3, part: 'broadcast', change: flip(63), class: RETRY, code: 44, nobody: true },
  { name: 'u of q', round: 3, part: 'broadcast', change: put(0, scalarBytes(q)), class: RETRY, code: 20 },
  { name: 'two zeros', round: 3, part: 'broadcast', change: put(0, new Uint8Array(64)), class: RETRY, code: 44, nobody: true },
  { name: 'a direct message where there is none', round: 3, part: 'direct', change: lengthen, class: RETRY, code: 20 },
]

const PROOF = 32 + 66
const DEALING: readonly Case[] = [
  { name: 'context', round: 1, part: 'broadcast', change: flip(0), class: RETRY, code: 21 },
  { name: 'direct message where there is none', round: 1, part: 'direct', change: lengthen, class: RETRY, code: 20 },
  { name: 'commitment', round: 1, part: 'broadcast', change: flip(32), class: BLAME, code: 22, found: 2 },
  { name: 'identity as a coefficient', round: 2, part: 'broadcast', change: put(65, identity), class: RETRY, code: 20 },
  { name: 'response of q', round: 2, part: 'broadcast', change: put(PROOF + 33, scalarBytes(q)), class: RETRY, code: 20 },
  { name: 'fragment', round: 2, part: 'direct', change: flip(31), class: BLAME, code: 24 },
  { name: 'base OT point off the curve', round: 2, part: 'direct', change: put(97, offCurve), class: RETRY, code: 20 },
  { name: 'base OT points', round: 2, part: 'direct', change: put(97, other), class: RETRY, code: 26, found: 3 },
]

function tamperWith({ round, part, change }: Case): Tamper {
  return (at, message) => {
    if (at.round === round && at.to === 1) message[part] = change(message[part]) ?? message[part]
  }
}

function expectFailure(outcome: Outcome | undefined, one: Omit<Case, 'name' | 'part' | 'change'>, culprit: number) {
  const failure = { class: one.class, code: one.code, party: one.nobody ? 0 : culprit, round: one.found ?? one.round }
  expect(outcome).toBeInstanceOf(CoreFailure)
  expect((outcome as CoreFailure).failure).toEqual(failure)
}

describe('a hostile peer of DKLs23: the core and the reference refuse alike', () => {
  let shares: Map<number, Bytes>
  const generate = (name: string) =>
    resultsOf(runParties(new Map([1, 2, 3].map((me) => [me, coreParty(generateSide(session, me, 2, 3), `${name}/${me}`)]))))
  beforeAll(() => {
    shares = generate('hostile')
  })

  type Of = { session?: Bytes; path?: number[]; share?: Bytes; digests?: Bytes[] }
  const signing = (me: number, of: Of = {}): Side => {
    const agreed = { session: of.session ?? session, signers: [1, 3], path: of.path ?? [] }
    return signSide(agreed, of.share ?? (shares.get(me) as Bytes), of.digests ?? [digest])
  }
  /** What party 1, twice, makes of party 3. */
  const against = (mine: Side, three: Party, tamper?: Tamper) =>
    runParties(
      new Map([
        [1, twinParty(mine, 'one')],
        [3, three],
      ]),
      tamper,
    ).get(1)

  it.each(SIGNING)('signing, round $round: $name', (one) => {
    expectFailure(against(signing(1), coreParty(signing(3), 'three'), tamperWith(one)), one, 3)
  })

  it.each(DEALING)('dealing, round $round: $name', (one) => {
    const twin = twinParty(generateSide(session, 1, 2, 2), 'one')
    const peer = coreParty(generateSide(session, 2, 2, 2), 'two')
    const parties = new Map([
      [1, twin],
      [2, peer],
    ])
    expectFailure(runParties(parties, tamperWith(one)).get(1), one, 2)
  })

  it('another session, path, digest, key or epoch is no crime', () => {
    const refreshing = [1, 2, 3].map((me): [number, Party] => [me, coreParty(refreshSide(session, shares.get(me) as Bytes), `${me}`)])
    const refreshed = resultsOf(runParties(new Map(refreshing)))
    const others: Of[] = [
      { session: digest },
      { path: [1] },
      { digests: [session] },
      { digests: [digest, digest] },
      { share: generate('another').get(3) as Bytes },
      { share: refreshed.get(3) as Bytes },
    ]
    for (const of of others) {
      const outcome = against(signing(1), coreParty(signing(3, of), 'three'))
      expectFailure(outcome, { round: 1, class: RETRY, code: 21 }, 3)
    }
    const presigning = presignSide({ session, signers: [1, 3], path: [] }, shares.get(3) as Bytes, 1)
    expectFailure(against(signing(1), coreParty(presigning, 'three')), { round: 1, class: RETRY, code: 21 }, 3)
  })

  it('a message of an earlier run, or of another round, is refused', () => {
    const earlier = new Map<number, { broadcast: Bytes; direct: Bytes }>()
    against(signing(1), coreParty(signing(3), 'earlier'), ({ round, to }, { broadcast, direct }) => {
      if (to === 1) earlier.set(round, { broadcast, direct })
    })
    const cases = [
      { round: 1, says: 1, class: BLAME, code: 22, found: 2 },
      { round: 2, says: 2, class: BLAME, code: 22 },
      { round: 3, says: 3, class: RETRY, code: 44, nobody: true },
      { round: 1, says: 2, class: RETRY, code: 21 },
      { round: 2, says: 1, class: RETRY, code: 20 },
      { round: 3, says: 2, class: RETRY, code: 20 },
    ] as const
    for (const one of cases) {
      const outcome = against(signing(1), coreParty(signing(3), 'three'), ({ round, to }, message) => {
        if (to === 1 && round === one.round) Object.assign(message, earlier.get(one.says))
      })
      expectFailure(outcome, one, 3)
    }
  })

  it('one who comes new believes no public half that is not of the key, and no two that differ', () => {
    const { X } = readShare(shares.get(1) as Bytes).public
    const dealers = new Map([
      [1, 1],
      [3, 3],
    ])
    const of = { t: 2, n: 2, dealers, keyId: keyIdOf(X) }
    /** Where a first broadcast has the epoch, the chain code, the key and a public share. */
    const [epoch, chainCode, key, publicShare] = [98, 104, 136, 169] as const
    const cases: [liars: number[], change: Change, culprit: number][] = [
      [[3], flip(epoch), 3],
      [[3], flip(chainCode), 3],
      [[1, 3], put(key, other), 1],
      [[1, 3], put(publicShare, other), 1],
      [[1], shorten, 1],
    ]
    for (const [liars, change, culprit] of cases) {
      const side = (me: number) => reshareSide(session, me, of, me === 2 ? undefined : shares.get(me))
      const parties = new Map([
        [1, coreParty(side(1), 'one')],
        [2, twinParty(side(2), 'two')],
        [3, coreParty(side(3), 'three')],
      ])
      const outcomes = runParties(parties, ({ round, from }, message) => {
        if (round === 1 && liars.includes(from)) message.broadcast = change(message.broadcast) ?? message.broadcast
      })
      expectFailure(outcomes.get(2), { round: 1, class: RETRY, code: change === shorten ? 20 : 21 }, culprit)
    }
  })

  it('two stories for two parties give no signature', () => {
    const side = (me: number) => signSide({ session, signers: [1, 2, 3], path: [] }, three.get(me) as Bytes, [digest])
    const generating = [1, 2, 3].map((me): [number, Party] => [me, coreParty(generateSide(session, me, 3, 3), `three ${me}`)])
    const three = resultsOf(runParties(new Map(generating)))
    const twice = coreParty(side(3), 'another three')()
    const parties = new Map([
      [1, twinParty(side(1), 'one')],
      [2, twinParty(side(2), 'two')],
      [3, coreParty(side(3), 'three')],
    ])
    const outcomes = runParties(parties, ({ round, from, to }, message) => {
      if (round === 1 && from === 3 && to === 2 && twice.kind === 'send') message.broadcast = twice.broadcast
    })
    // What party 2 was shown is not what is opened to it; with party 1 the zero shares of 2 do not match.
    expectFailure(outcomes.get(2), { round: 2, class: BLAME, code: 22 }, 3)
    expectFailure(outcomes.get(1), { round: 2, class: RETRY, code: 43, nobody: true }, 3)
  })

  it('a party that uses other secrets than the parties agreed on is found out', () => {
    const share = readShare(shares.get(3) as Bytes)
    const peer = share.peers.get(1) as Peer
    const withPeer = (changed: Partial<Peer>): Share => ({ ...share, peers: new Map([[1, { ...peer, ...changed }]]) })
    const [first, ...rest] = peer.sent as [readonly [Bytes, Bytes], ...(readonly [Bytes, Bytes])[]]
    const cases = [
      // Its share is another: what it multiplies it also publishes, and all of it does not sum to the key.
      { with: { ...share, x: mod(share.x + 1n) }, round: 2, class: RETRY, code: 43, nobody: true },
      { with: withPeer({ zeroSeed: digest }), round: 2, class: RETRY, code: 43, nobody: true },
      // Both keys of its first base OT are others.
      { with: withPeer({ sent: [first.map(() => digest) as unknown as [Bytes, Bytes], ...rest] }), round: 1, class: BAN, code: 40 },
    ] as const
    for (const one of cases) {
      const reference: Side['reference'] = (draw) => sign({ session, signers: [1, 3], path: [], share: one.with }, [digest], draw)
      expectFailure(against(signing(1), referenceParty({ ...signing(3), reference }, 'three')), one, 3)
    }
  })

  it('a presignature used for two digests gives the key away, which is why it is taken by value and erased', () => {
    const of = { session, signers: [1, 3], path: [] }
    const presigning = [1, 3].map((me): [number, Party] => [me, coreParty(presignSide(of, shares.get(me) as Bytes, 1), `${me}`)])
    const presignatures = resultsOf(runParties(new Map(presigning)))
    const [first, second] = [digest, session].map((one) => {
      const finishing = [1, 3].map((me): [number, Party] => {
        const presignature = presignatures.get(me)?.slice(4) as Bytes
        return [me, coreParty(finishSide(one, shares.get(me) as Bytes, presignature, one), `${me}`)]
      })
      const signature = resultsOf(runParties(new Map(finishing))).get(1) as Bytes
      const [r, low] = [toInteger(signature.subarray(0, 32)), toInteger(signature.subarray(32, 64))]
      // `s` as it was before it was made low: the one of the odd or even nonce, the same for both.
      return { r, h: toInteger(one), s: signature[64] === 1 ? mod(-low) : low }
    }) as [Used, Used]
    const k = mod((first.h - second.h) * inverse(mod(first.s - second.s)))
    const x = mod((first.s * k - first.h) * inverse(first.r))
    expect(times(x, G).equals(readShare(shares.get(1) as Bytes).public.X)).toBe(true)
  })

  it('any other change is refused alike, and never gives a signature that is none', () => {
    const seed = 'mutations 1'
    const draw = drawFrom(seededEntropy(seed))
    const below = (limit: number) => Number(draw.scalar() % BigInt(limit))
    const { X } = readShare(shares.get(1) as Bytes).public
    for (let run = 0; run < 10; run++) {
      const at = { round: 1 + below(3), part: (['broadcast', 'direct'] as const)[below(2)] as 'broadcast' | 'direct' }
      const outcome = against(signing(1), coreParty(signing(3), `three ${run}`), ({ round, to }, message) => {
        const bytes = message[at.part]
        if (to !== 1 || round !== at.round) return
        if (bytes.length === 0) message[at.part] = draw.bytes(1)
        else for (let changes = below(4); changes >= 0; changes--) bytes[below(bytes.length)] = below(256)
      })
      const about = `seed ${seed}, run ${run}`
      if (outcome instanceof CoreFailure) expect([0, 3], about).toContain(outcome.failure.party)
      else
        expect(
          secp256k1.verify((outcome as { result: Bytes }).result.subarray(0, 64), digest, pointBytes(X), { prehash: false }),
          about,
        ).toBe(true)
    }
  })
})

type Used = { readonly r: bigint; readonly h: bigint; readonly s: bigint }
