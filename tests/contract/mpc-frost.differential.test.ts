import { ed25519, ed25519_FROST } from '@noble/curves/ed25519.js'
import { schnorr, schnorr_FROST, secp256k1 } from '@noble/curves/secp256k1.js'
import type { FROST, FrostPublic, Key } from '@noble/curves/abstract/frost.js'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex, utf8, type Bytes } from '../../src/core/bytes.ts'
import { runCeremony, type Guest } from '../helpers/mpc-ceremony.ts'
import { CoreFailure, loadMpcCore, withLength } from '../helpers/mpc-core.ts'
import { seededEntropy } from '../helpers/seeded-entropy.ts'

/** One of the suites, as the core and as `@noble/curves` have it. */
type Suite = {
  readonly name: string
  readonly number: number
  readonly noble: FROST
  readonly elementBytes: number
  readonly message: Bytes
  /** Whether this is a signature, to somebody who never heard of thresholds. */
  verify(signature: Uint8Array, message: Uint8Array, share: Uint8Array): boolean
}

const SUITES: readonly Suite[] = [
  {
    name: 'Ed25519',
    number: 2,
    noble: ed25519_FROST,
    elementBytes: 32,
    message: utf8('pay Ann'),
    verify: (signature, message, share) => ed25519.verify(signature, message, keyOf(share, 32)),
  },
  {
    name: 'Taproot',
    number: 3,
    noble: schnorr_FROST,
    elementBytes: 33,
    message: new Uint8Array(32).fill(9),
    verify: (signature, message, share) => schnorr.verify(signature, message, outputKey(keyOf(share, 33), new Uint8Array())),
  },
]

const SESSION = new Uint8Array(32).fill(7)
const KEYGEN = 1
const SIGN = 2
const REFRESH = 3
const IMPORT = 6
const EXPORT = 7
const core = loadMpcCore(seededEntropy('frost'))

/** The key in a share, as the group writes it. */
const keyOf = (share: Uint8Array, elementBytes: number) => share.slice(40, 40 + elementBytes)

/** BIP-341: the key that is paid to, from the one that is kept. */
function outputKey(internal: Uint8Array, root: Uint8Array): Uint8Array {
  const x = internal.slice(1)
  const even = secp256k1.Point.fromBytes(concatBytes(Uint8Array.of(2), x))
  const tweak = secp256k1.Point.Fn.fromBytes(schnorr.utils.taggedHash('TapTweak', x, root))
  return even.add(secp256k1.Point.BASE.multiply(tweak)).toBytes().slice(1)
}

function forEach(parties: readonly number[], of: (party: number) => Uint8Array): Map<number, Uint8Array> {
  return new Map(parties.map((party) => [party, of(party)]))
}

function keygen(suite: Suite, t: number, n: number): Map<number, Bytes> {
  const parties = Array.from({ length: n }, (_, i) => i + 1)
  return runCeremony(
    core,
    suite.number,
    KEYGEN,
    forEach(parties, (me) => concatBytes(SESSION, Uint8Array.of(me, t, n))),
  ).results
}

function signParameters(share: Uint8Array, signers: readonly number[], message: Uint8Array, root: Uint8Array = new Uint8Array()): Bytes {
  return concatBytes(SESSION, withLength(share), withLength(Uint8Array.from(signers)), withLength(root), withLength(message))
}

function sign(suite: Suite, shares: ReadonlyMap<number, Bytes>, signers: readonly number[], message: Uint8Array, root?: Uint8Array) {
  const parameters = forEach(signers, (me) => signParameters(shares.get(me) as Bytes, signers, message, root))
  return runCeremony(core, suite.number, SIGN, parameters)
}

/** What noble wants to know of a key: the shares of the core in its words. */
function inNoble({ noble, elementBytes }: Suite, share: Bytes): FrostPublic {
  const [min, max] = [share[38] as number, share[39] as number]
  const element = (at: number) => share.slice(40 + at * elementBytes, 40 + (at + 1) * elementBytes)
  const verifyingShares: Record<string, Bytes> = {}
  for (let party = 1; party <= max; party++) verifyingShares[noble.Identifier.fromNumber(party)] = element(party)
  return { signers: { min, max }, commitments: [element(0)], verifyingShares }
}

/** Of Taproot noble's own key generation gives out the key with the tweak of no scripts. */
function isTheSameKey(suite: Suite, share: Uint8Array, theirs: FrostPublic): boolean {
  const theirKey = theirs.commitments[0] as Uint8Array
  if (suite.number === 2) return toHex(keyOf(share, 32)) === toHex(theirKey)
  return toHex(outputKey(keyOf(share, 33), new Uint8Array())) === toHex(theirKey.slice(1))
}

/** Makes a key of 2 of 3 whose party 3 is noble. */
function keygenWithNoble(suite: Suite): { shares: Map<number, Bytes>; key: Key } {
  const { noble, elementBytes } = suite
  const id = noble.Identifier.fromNumber
  const mine = noble.DKG.round1(id(3), { min: 2, max: 3 })
  let heard: { identifier: string; commitment: Uint8Array[]; proofOfKnowledge: Uint8Array }[] = []
  let key: Key | undefined
  const guest: Guest = (round, others) => {
    const first = [...others.values()][0]?.broadcast as Uint8Array
    if (round === 1) {
      heard = [...others].map(([party, { broadcast }]) => ({
        identifier: id(party),
        commitment: [0, 1].map((at) => broadcast.slice(32 + at * elementBytes, 32 + (at + 1) * elementBytes)),
        proofOfKnowledge: broadcast.slice(32 + 2 * elementBytes),
      }))
      return { broadcast: concatBytes(first.slice(0, 32), ...mine.public.commitment, mine.public.proofOfKnowledge) }
    }
    if (round === 2) {
      const parts = noble.DKG.round2(mine.secret, heard)
      const received = [...others].map(([party, { direct }]) => ({ identifier: id(party), signingShare: direct }))
      key = noble.DKG.round3(mine.secret, heard, received)
      const direct = new Map([1, 2].map((party) => [party, parts[id(party)]?.signingShare as Uint8Array]))
      return { broadcast: new Uint8Array(), direct }
    }
    return { broadcast: first }
  }
  const parameters = forEach([1, 2], (me) => concatBytes(SESSION, Uint8Array.of(me, 2, 3)))
  const { results } = runCeremony(core, suite.number, KEYGEN, parameters, new Map([[3, guest]]))
  return { shares: results, key: key as Key }
}

describe.each(SUITES)('FROST in the core: $name', (suite) => {
  it('signs what an ordinary verifier accepts, with any quorum, before and after a refresh', () => {
    let shares = keygen(suite, 2, 3)
    for (const epoch of [0, 1]) {
      for (const signers of [
        [1, 2],
        [1, 3],
        [2, 3],
        [1, 2, 3],
      ]) {
        const signatures = [...sign(suite, shares, signers, suite.message).results.values()]
        expect(new Set(signatures.map(toHex)).size).toBe(1)
        const [signature] = signatures as [Bytes]
        expect(suite.verify(signature, suite.message, shares.get(1) as Bytes), `epoch ${epoch}, ${signers.join()}`).toBe(true)
      }
      const parameters = new Map([...shares].map(([party, share]) => [party, concatBytes(SESSION, withLength(share))]))
      const refreshed = runCeremony(core, suite.number, REFRESH, parameters).results
      expect(toHex(refreshed.get(1) as Bytes)).not.toBe(toHex(shares.get(1) as Bytes))
      shares = refreshed
    }
  })

  it('makes a key and signs with a party that is noble', () => {
    const { shares, key } = keygenWithNoble(suite)
    const { noble, elementBytes, message } = suite
    const id = noble.Identifier.fromNumber
    for (const share of shares.values()) expect(isTheSameKey(suite, share, key.public)).toBe(true)
    for (const us of [1, 2]) {
      const { nonces, commitments } = noble.commit(key.secret)
      let list: (typeof commitments)[] = []
      let ours: Uint8Array | undefined
      let theirs: Uint8Array | undefined
      const guest: Guest = (round, others) => {
        const broadcast = others.get(us)?.broadcast as Uint8Array
        if (round === 1) {
          const [hiding, binding] = [broadcast.slice(32, 32 + elementBytes), broadcast.slice(32 + elementBytes)]
          list = [{ identifier: id(us), hiding, binding }, commitments]
          return { broadcast: concatBytes(broadcast.slice(0, 32), commitments.hiding, commitments.binding) }
        }
        ours = broadcast
        theirs = noble.signShare(key.secret, key.public, nonces, list, message)
        return { broadcast: theirs }
      }
      const parameters = new Map([[us, signParameters(shares.get(us) as Bytes, [us, 3], message)]])
      const { results } = runCeremony(core, suite.number, SIGN, parameters, new Map([[3, guest]]))
      const signature = results.get(us) as Bytes
      expect(suite.verify(signature, message, shares.get(us) as Bytes)).toBe(true)
      const sum = noble.aggregate(key.public, list, message, { [id(us)]: ours as Uint8Array, [id(3)]: theirs as Uint8Array })
      expect(toHex(sum)).toBe(toHex(signature))
    }
  })

  it('names the guest whose signature share is wrong', () => {
    const { shares, key } = keygenWithNoble(suite)
    const { commitments } = suite.noble.commit(key.secret)
    const guest: Guest = (round, others) => {
      const heard = others.get(1)?.broadcast as Uint8Array
      const context = heard.slice(0, 32)
      return { broadcast: round === 1 ? concatBytes(context, commitments.hiding, commitments.binding) : new Uint8Array(32) }
    }
    const parameters = new Map([[1, signParameters(shares.get(1) as Bytes, [1, 3], suite.message)]])
    const run = () => runCeremony(core, suite.number, SIGN, parameters, new Map([[3, guest]]))
    expect(run).toThrow(expect.objectContaining({ failure: { class: 3, code: 44, party: 3, round: 2 } }) as CoreFailure)
  })

  it('exports what noble interpolates, and imports it', () => {
    const shares = keygen(suite, 2, 3)
    const exporters = Uint8Array.of(1, 3)
    const exportParameters = forEach([1, 3], (me) =>
      concatBytes(SESSION, withLength(shares.get(me) as Bytes), withLength(exporters), Uint8Array.of(3)),
    )
    const { results } = runCeremony(core, suite.number, EXPORT, exportParameters)
    const secret = results.get(3) as Bytes
    expect(results.get(1)).toHaveLength(0)
    const theirs = [...shares].map(([party, share]) => ({
      identifier: suite.noble.Identifier.fromNumber(party),
      signingShare: share.slice(-32),
    }))
    expect(toHex(suite.noble.combineSecret(theirs, { min: 2, max: 3 }))).toBe(toHex(secret))

    const imported = runCeremony(
      core,
      suite.number,
      IMPORT,
      forEach([1, 2], (me) => concatBytes(SESSION, Uint8Array.of(me, 2, 2, 1, 0), withLength(me === 1 ? secret : new Uint8Array()))),
    ).results
    expect(toHex(keyOf(imported.get(2) as Bytes, suite.elementBytes))).toBe(toHex(keyOf(shares.get(1) as Bytes, suite.elementBytes)))
    const signature = sign(suite, imported, [1, 2], suite.message).results.get(2) as Bytes
    expect(suite.verify(signature, suite.message, shares.get(1) as Bytes)).toBe(true)
  })
})

describe('FROST in the core', () => {
  it('sends what noble aggregates to the same Ed25519 signature', () => {
    const [suite] = SUITES as [Suite]
    const shares = keygen(suite, 3, 5)
    const signers = [1, 2, 5]
    const { results, said } = sign(suite, shares, signers, suite.message)
    const id = suite.noble.Identifier.fromNumber
    const commitments = signers.map((party) => {
      const broadcast = said.get(1)?.get(party)?.broadcast as Uint8Array
      return { identifier: id(party), hiding: broadcast.slice(32, 64), binding: broadcast.slice(64) }
    })
    const signatureShares: Record<string, Uint8Array> = {}
    for (const party of signers) signatureShares[id(party)] = said.get(2)?.get(party)?.broadcast as Uint8Array
    const theirs = suite.noble.aggregate(inNoble(suite, shares.get(1) as Bytes), commitments, suite.message, signatureShares)
    expect(toHex(theirs)).toBe(toHex(results.get(1) as Bytes))
  })

  it('signs for a wallet seed, and messages of any length', () => {
    const [suite] = SUITES as [Suite]
    const seed = new Uint8Array(32).fill(4)
    const parameters = forEach([1, 2], (me) =>
      concatBytes(SESSION, Uint8Array.of(me, 2, 2, 2, 1), withLength(me === 2 ? seed : new Uint8Array())),
    )
    const shares = runCeremony(core, 2, IMPORT, parameters).results
    for (const length of [0, 1, 65_536]) {
      const message = new Uint8Array(length).fill(3)
      const signature = sign(suite, shares, [1, 2], message).results.get(1) as Bytes
      expect(ed25519.verify(signature, message, ed25519.getPublicKey(seed))).toBe(true)
    }
  })

  it('signs for a Taproot output with scripts', () => {
    const suite = SUITES[1] as Suite
    const shares = keygen(suite, 2, 3)
    const root = new Uint8Array(32).fill(1)
    const signature = sign(suite, shares, [2, 3], suite.message, root).results.get(2) as Bytes
    const internal = keyOf(shares.get(1) as Bytes, 33)
    expect(schnorr.verify(signature, suite.message, outputKey(internal, root))).toBe(true)
    expect(schnorr.verify(signature, suite.message, outputKey(internal, new Uint8Array()))).toBe(false)
    expect(schnorr.verify(signature, suite.message, internal.slice(1))).toBe(false)
  })

  it('signs as RFC 9591, appendix E.1, says', () => {
    type Vector = {
      readonly message: string
      readonly group_secret_key: string
      readonly share_polynomial_coefficients: string
      readonly shares: readonly { readonly participant_share: string }[]
      readonly round_one: readonly Record<'hiding_nonce_randomness' | 'binding_nonce_randomness', string>[]
      readonly round_two: readonly { readonly identifier: number; readonly sig_share: string }[]
      readonly sig: string
    }
    const vector = JSON.parse(readFileSync(new URL('../vectors/frost/rfc9591-ed25519.json', import.meta.url), 'utf8')) as Vector
    // What is drawn, in its order: the coefficient, as 64 bytes to be reduced, then two values for each nonce.
    const nonces = vector.round_one.flatMap((one) => [fromHex(one.hiding_nonce_randomness), fromHex(one.binding_nonce_randomness)])
    const script = [concatBytes(fromHex(vector.share_polynomial_coefficients), new Uint8Array(32)), ...nonces]
    const scripted = loadMpcCore({ fill: (out) => out.set(script.shift() ?? new Uint8Array()) })
    const secret = fromHex(vector.group_secret_key)
    const importing = forEach([1, 2, 3], (me) =>
      concatBytes(SESSION, Uint8Array.of(me, 2, 3, 1, 0), withLength(me === 1 ? secret : new Uint8Array())),
    )
    const shares = runCeremony(scripted, 2, IMPORT, importing).results
    expect([...shares.values()].map((share) => toHex(share.slice(-32)))).toEqual(vector.shares.map((one) => one.participant_share))

    const message = fromHex(vector.message)
    const parameters = forEach([1, 3], (me) => signParameters(shares.get(me) as Bytes, [1, 3], message))
    const { results, said } = runCeremony(scripted, 2, SIGN, parameters)
    for (const { identifier, sig_share } of vector.round_two) {
      expect(toHex(said.get(2)?.get(identifier)?.broadcast as Uint8Array)).toBe(sig_share)
    }
    expect([...results.values()].map(toHex)).toEqual([vector.sig, vector.sig])
    expect(script).toHaveLength(0)
  })
})
