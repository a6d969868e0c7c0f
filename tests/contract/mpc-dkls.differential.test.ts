import { secp256k1 } from '@noble/curves/secp256k1.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { concatBytes, toHex, utf8, type Bytes } from '../../src/core/bytes.ts'
import { derive } from '../reference/dkls/derivation.ts'
import { G, lagrange, pointBytes, q, scalarBytes, sum, times, toInteger } from '../reference/dkls/field.ts'
import { H } from '../reference/dkls/hash.ts'
import { coreParty, referenceParty, resultsOf, runParties, twinParty, type Party, type Side } from '../reference/dkls/party.ts'
import { keyIdOf, readShare, type Share } from '../reference/dkls/share.ts'
import {
  exportSide,
  finishSide,
  generateSide,
  importSide,
  presignSide,
  refreshSide,
  reshareSide,
  signSide,
  type Reshared,
} from '../reference/dkls/sides.ts'

type Make = (side: Side, seed: string) => Party

/** Who is what, from party 1. */
const as = (...makes: readonly Make[]): ReadonlyMap<number, Make> => new Map(makes.map((make, i) => [i + 1, make]))

const session = (name: string): Bytes => H('test/session', utf8(name))
const digest = (n: number): Bytes => H('test/digest', Uint8Array.of(n))

/** Runs one ceremony: what each party does, and as what. */
function run(name: string, sides: ReadonlyMap<number, Side>, roles: Make | ReadonlyMap<number, Make>): Map<number, Bytes> {
  const make = (party: number) => (typeof roles === 'function' ? roles : (roles.get(party) as Make))
  return resultsOf(runParties(new Map([...sides].map(([party, side]) => [party, make(party)(side, `${name}/${party}`)]))))
}

const each = (parties: readonly number[], side: (party: number) => Side) => new Map(parties.map((party) => [party, side(party)]))

function generate(name: string, t: number, n: number, roles: Make | ReadonlyMap<number, Make>): Map<number, Bytes> {
  const parties = Array.from({ length: n }, (_, i) => i + 1)
  return run(
    name,
    each(parties, (me) => generateSide(session(name), me, t, n)),
    roles,
  )
}

function sign(
  name: string,
  shares: ReadonlyMap<number, Bytes>,
  { signers, path = [], digests }: { signers: readonly number[]; path?: readonly number[]; digests: readonly Bytes[] },
  roles: Make | ReadonlyMap<number, Make>,
) {
  const of = { session: session(name), signers, path }
  const results = run(
    name,
    each(signers, (me) => signSide(of, shares.get(me) as Bytes, digests)),
    roles,
  )
  expectSignatures([...results.values()], shares.get(signers[0] as number) as Bytes, path, digests)
}

/** All have the same signatures, and they are those of the key at the end of the path. */
function expectSignatures(results: readonly Bytes[], share: Bytes, path: readonly number[], digests: readonly Bytes[]) {
  expect(new Set(results.map(toHex)).size).toBe(1)
  const { X, chainCode } = readShare(share).public
  const key = pointBytes(derive(X, chainCode, path).Y)
  const [all] = results as [Bytes]
  expect(all).toHaveLength(65 * digests.length)
  digests.forEach((one, i) => {
    const signature = all.subarray(65 * i, 65 * i + 65)
    expect(secp256k1.verify(signature.subarray(0, 64), one, key, { prehash: false, lowS: true })).toBe(true)
    const recovered = concatBytes(signature.subarray(64), signature.subarray(0, 64))
    expect(toHex(secp256k1.recoverPublicKey(recovered, one, { prehash: false }))).toBe(toHex(key))
  })
}

/** Shares interpolate to the key, agree in public, and each pair holds the same correlations. */
function expectSharing(results: Iterable<Bytes>): Share[] {
  const shares = [...results].map(readShare)
  const { t, X, shares: publicShares } = (shares[0] as Share).public
  for (let first = 0; first + t <= shares.length; first++) {
    const some = shares.slice(first, first + t)
    const numbers = some.map(({ me }) => me)
    const x = sum(some.map((share) => lagrange(numbers, share.me) * share.x))
    expect(times(x, G).equals(X)).toBe(true)
  }
  for (const share of shares) {
    expect(times(share.x, G).equals(publicShares[share.me - 1] ?? X)).toBe(true)
    for (const [party, { zeroSeed, sent }] of share.peers) {
      const theirs = shares.find(({ me }) => me === party)?.peers.get(share.me)
      expect(toHex(theirs?.zeroSeed as Bytes)).toBe(toHex(zeroSeed))
      theirs?.received.keys.forEach((key, k) => {
        const choice = ((theirs.received.choices[k >> 3] as number) >> (k & 7)) & 1
        expect(toHex(sent[k]?.[choice] as Bytes)).toBe(toHex(key))
        expect(toHex(sent[k]?.[1 - choice] as Bytes)).not.toBe(toHex(key))
      })
    }
  }
  return shares
}

/** Presigns with these signers, uses each presignature on a digest of its own, and checks the signatures. */
function presignAndFinish(
  name: string,
  shares: ReadonlyMap<number, Bytes>,
  { signers, path, digests }: { signers: readonly number[]; path: readonly number[]; digests: readonly Bytes[] },
  roles: Make | ReadonlyMap<number, Make>,
) {
  const of = { session: session(name), signers, path }
  const presignatures = run(
    name,
    each(signers, (me) => presignSide(of, shares.get(me) as Bytes, digests.length)),
    roles,
  )
  digests.forEach((one, item) => {
    const finishing = each(signers, (me) => {
      const all = presignatures.get(me) as Bytes
      const length = all.length / digests.length
      return finishSide(session(`${name}/${item}`), shares.get(me) as Bytes, all.slice(item * length + 4, (item + 1) * length), one)
    })
    const results = run(`${name}/${item}`, finishing, roles)
    expectSignatures([...results.values()], shares.get(signers[0] as number) as Bytes, path, [one])
  })
}

function reshare(name: string, of: Reshared, old: ReadonlyMap<number, Bytes>, roles: Make | ReadonlyMap<number, Make>) {
  const parties = [...new Set([...Array.from({ length: of.n }, (_, i) => i + 1), ...of.dealers.keys()])].toSorted((a, b) => a - b)
  return run(
    name,
    each(parties, (me) => reshareSide(session(name), me, of, old.get(of.dealers.get(me) ?? 0))),
    roles,
  )
}

/** A sharing of the same key, of the next epoch, that has nothing else in common with the old one. */
function expectNewSharing(old: ReadonlyMap<number, Bytes>, results: ReadonlyMap<number, Bytes>) {
  const before = readShare(old.get(1) as Bytes)
  for (const share of expectSharing(results.values())) {
    expect(share.public.X.equals(before.public.X)).toBe(true)
    expect(toHex(share.public.chainCode)).toBe(toHex(before.public.chainCode))
    expect(share.public.epoch).toBe(before.public.epoch + 1)
    expect(toHex(share.public.setup)).not.toBe(toHex(before.public.setup))
    expect([...old.values()].map((bytes) => readShare(bytes).x)).not.toContain(share.x)
  }
}

describe('DKLs23 in the core and in the reference, with the same randomness', () => {
  let shares: Map<number, Bytes>
  beforeAll(() => {
    // Party 2 has one above and one below it.
    shares = generate('twin', 2, 3, as(coreParty, twinParty, coreParty))
  })

  it('makes the same key', () => {
    expectSharing(shares.values())
  })

  it('signs alike, one digest and many, under the key and under derived ones', () => {
    sign('twin one', shares, { signers: [1, 3], digests: [digest(1)] }, twinParty)
    sign('twin batch', shares, { signers: [2, 3], path: [0, 44, 2 ** 31 - 1], digests: [digest(1), digest(2), digest(1)] }, twinParty)
  })

  it('signs numbers that are no ordinary digests', () => {
    const digests = [new Uint8Array(32), new Uint8Array(32).fill(255), scalarBytes(q), scalarBytes(q - 1n)]
    sign('twin odd', shares, { signers: [1, 2], digests }, twinParty)
  })

  it('presigns and finishes alike', () => {
    presignAndFinish('twin presign', shares, { signers: [1, 2], path: [7], digests: [digest(1), digest(2)] }, twinParty)
  })

  it('exports what the shares interpolate to', () => {
    const parties = [1, 2, 3]
    const results = run(
      'twin export',
      each(parties, (me) => exportSide(session('export'), shares.get(me) as Bytes, parties, 2)),
      twinParty,
    )
    expect([...results.values()].map((result) => result.length)).toEqual([0, 32, 0])
    const x = toInteger(results.get(2) as Bytes)
    expect(times(x, G).equals(readShare(shares.get(1) as Bytes).public.X)).toBe(true)
  })

  it('signs alike in a quorum of three', () => {
    const three = generate('core of three', 3, 4, coreParty)
    sign('twin of three', three, { signers: [1, 3, 4], path: [1], digests: [digest(3)] }, twinParty)
  })

  it('reshares alike, to one who stays and one who comes new, by one who stays and one who leaves', () => {
    const { X } = readShare(shares.get(1) as Bytes).public
    const dealers = new Map([
      [1, 3],
      [3, 1],
    ])
    const results = reshare('twin reshare', { t: 2, n: 2, dealers, keyId: keyIdOf(X) }, shares, twinParty)
    expect(results.get(3)).toHaveLength(0)
    results.delete(3)
    expectNewSharing(shares, results)
    sign('twin reshared', results, { signers: [1, 2], digests: [digest(3)] }, twinParty)
  })

  it('refreshes alike', () => {
    const old = generate('core of two', 2, 2, coreParty)
    const results = run(
      'twin refresh',
      each([1, 2], (me) => refreshSide(session('refresh'), old.get(me) as Bytes)),
      as(twinParty, coreParty),
    )
    expectNewSharing(old, results)
    sign('twin refreshed', results, { signers: [1, 2], digests: [digest(3)] }, twinParty)
  })

  it('imports alike, with and without a chain code', () => {
    for (const form of [0, 1] as const) {
      const secret = concatBytes(digest(9), digest(10)).slice(0, form === 1 ? 64 : 32)
      const imported = { t: 2, n: 2, dealer: 1, form, secret }
      const results = run(
        `twin import ${form}`,
        each([1, 2], (me) => importSide(session('import'), me, imported)),
        form === 0 ? as(coreParty, twinParty) : as(twinParty, coreParty),
      )
      for (const share of expectSharing(results.values())) {
        expect(share.public.X.equals(times(toInteger(digest(9)), G))).toBe(true)
        expect(toHex(share.public.chainCode) === toHex(digest(10))).toBe(form === 1)
      }
    }
  })
})

const ROLES: readonly { readonly name: string; readonly roles: ReadonlyMap<number, Make> }[] = [
  { name: 'the core is party 1, the reference 2', roles: as(coreParty, referenceParty, coreParty) },
  { name: 'the reference is party 1, the core 2', roles: as(referenceParty, coreParty, referenceParty) },
]

describe.each(ROLES)('DKLs23 between strangers: $name', ({ name, roles }) => {
  it('makes a key, signs, presigns, refreshes and exports', () => {
    const parties = [1, 2]
    const old = generate(name, 2, 2, roles)
    expectSharing(old.values())
    sign(`${name}: sign`, old, { signers: parties, digests: [digest(4)] }, roles)
    sign(`${name}: batch`, old, { signers: parties, path: [3, 5], digests: [digest(5), digest(6)] }, roles)
    presignAndFinish(`${name}: presign`, old, { signers: parties, path: [1], digests: [digest(7)] }, roles)

    const refreshed = run(
      `${name}: refresh`,
      each(parties, (me) => refreshSide(session(name), old.get(me) as Bytes)),
      roles,
    )
    expectNewSharing(old, refreshed)
    sign(`${name}: sign again`, refreshed, { signers: parties, digests: [digest(4)] }, roles)

    const exporting = each(parties, (me) => exportSide(session(name), refreshed.get(me) as Bytes, parties, 1))
    const whole = toInteger(run(`${name}: export`, exporting, roles).get(1) as Bytes)
    expect(times(whole, G).equals(readShare(old.get(1) as Bytes).public.X)).toBe(true)
  })

  it('reshares to one who comes new', () => {
    // Both deal, the second from outside the new committee: party 3 is what party 1 is.
    const old = generate('core of two', 2, 2, coreParty)
    const { X } = readShare(old.get(1) as Bytes).public
    const dealers = new Map([
      [1, 1],
      [3, 2],
    ])
    const results = reshare(`${name}: reshare`, { t: 2, n: 2, dealers, keyId: keyIdOf(X) }, old, roles)
    expect(results.get(3)).toHaveLength(0)
    results.delete(3)
    expectNewSharing(old, results)
    sign(`${name}: sign reshared`, results, { signers: [1, 2], digests: [digest(8)] }, roles)
  })
})
