import { EncryptedObject } from '@mysten/seal'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { sha3_256 } from '@noble/hashes/sha3.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { concatBytes, equalBytes, fromHex, utf8 } from '../../../src/core/bytes.ts'
import { deriveMasterKey } from '../../../src/localnet/seal/derive-master-key.ts'
import { seededEntropy } from '../../helpers/seeded-entropy.ts'
import { POLICY, sealWorld } from '../../helpers/seal/seal-world.ts'

/**
 * What key servers could do with everything they have: the decryption side of
 * Seal written down once more, from master keys instead of user keys
 * (MystenLabs/seal crates/crypto/src/lib.rs).
 */

type Share = { index: number; share: Uint8Array }
const { Fr } = bls12_381.fields
const G1 = bls12_381.G1.Point
const G2 = bls12_381.G2.Point

/** The Rijndael field: product modulo x^8 + x^4 + x^3 + x + 1. */
function times(a: number, b: number): number {
  let product = 0
  for (let bit = 0, x = a; bit < 8; bit++, x = (x << 1) ^ (x & 128 ? 0x11b : 0)) if (b & (1 << bit)) product ^= x
  return product
}
function power(a: number, exponent: number): number {
  let result = 1
  for (let i = 0; i < exponent; i++) result = times(result, a)
  return result
}

/** Lagrange interpolation at zero, byte by byte. */
function combine(shares: readonly Share[]): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, at) =>
    shares.reduce((sum, { index, share }) => {
      const weight = shares.reduce(
        (w, other) => (other.index === index ? w : times(w, times(other.index, power(other.index ^ index, 254)))),
        1,
      )
      return sum ^ times(share[at] as number, weight)
    }, 0),
  )
}

const xor = (a: Uint8Array, b: Uint8Array) => a.map((byte, i) => byte ^ (b[i] as number))
const hashToG1 = (message: Uint8Array) => G1.fromAffine(bls12_381.G1.hashToCurve(message).toAffine())
const thresholds = [
  [3, 2],
  [5, 3],
] as const

describe.each(thresholds)('of %i key servers, with a threshold of %i', (n, t) => {
  let envelope: ReturnType<typeof EncryptedObject.parse>
  let dataKey: Uint8Array
  let shares: Share[]

  beforeAll(async () => {
    const world = await sealWorld({ servers: n, threshold: t })
    const engine = world.engine(world.wallet())
    const space = await engine.createSpace()
    dataKey = (await engine.keysOf(space.id)).keyOf(0) as Uint8Array
    envelope = EncryptedObject.parse(space.keyEnvelope)
    const entropy = seededEntropy('servers')
    const ibe = envelope.encryptedShares.BonehFranklinBLS12381
    const nonce = Uint8Array.from(ibe.nonce)
    const identity = hashToG1(concatBytes(utf8('SUI-SEAL-IBE-BLS12381-00'), fromHex(POLICY), fromHex(envelope.id)))
    shares = envelope.services.map(([objectId, index], i) => {
      const seed = new Uint8Array(32)
      entropy.fill(seed)
      const userKey = identity.multiply(deriveMasterKey(seed, 0))
      const shared = bls12_381.fields.Fp12.toBytes(bls12_381.pairing(userKey, G2.fromBytes(nonce)))
      const pad = sha3_256(
        concatBytes(
          utf8('SUI-SEAL-IBE-BLS12381-H2-00'),
          gtBytes(shared),
          nonce,
          identity.toBytes(),
          fromHex(objectId),
          Uint8Array.of(index),
        ),
      )
      return { index, share: xor(Uint8Array.from(ibe.encryptedShares[i] as Uint8Array), pad) }
    })
  })

  /** The key derived from a base key for one of Seal's two purposes. */
  function derive(purpose: 0 | 1, baseKey: Uint8Array): Uint8Array {
    const ibe = envelope.encryptedShares.BonehFranklinBLS12381
    return sha3_256(
      concatBytes(
        utf8('SUI-SEAL-IBE-BLS12381-H3-00'),
        baseKey,
        Uint8Array.of(purpose, envelope.threshold),
        ...ibe.encryptedShares.map((share) => Uint8Array.from(share)),
        ...envelope.services.map(([objectId]) => fromHex(objectId)),
      ),
    )
  }

  /** Whether a base key is the one: its randomness makes the envelope's nonce. */
  function isBaseKey(baseKey: Uint8Array): boolean {
    const ibe = envelope.encryptedShares.BonehFranklinBLS12381
    const randomness = xor(Uint8Array.from(ibe.encryptedRandomness), derive(0, baseKey))
    try {
      return equalBytes(G2.BASE.multiply(Fr.fromBytes(randomness)).toBytes(), Uint8Array.from(ibe.nonce))
    } catch {
      return false
    }
  }

  async function open(baseKey: Uint8Array): Promise<Uint8Array> {
    const key = await crypto.subtle.importKey('raw', Uint8Array.from(derive(1, baseKey)), 'AES-GCM', false, ['decrypt'])
    const iv = Uint8Array.from([138, 55, 153, 253, 198, 46, 121, 219, 160, 128, 89, 7, 214, 156, 148, 220])
    const { blob, aad } = envelope.ciphertext.Aes256Gcm as NonNullable<typeof envelope.ciphertext.Aes256Gcm>
    const additionalData = Uint8Array.from(aad ?? [])
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, Uint8Array.from(blob)))
  }

  it('as many as the threshold that collude can open the envelope: this test would notice', async () => {
    const baseKey = combine(shares.slice(0, t))
    expect(isBaseKey(baseKey)).toBe(true)
    expect(isBaseKey(combine(shares.slice(n - t)))).toBe(true)
    expect(await open(baseKey)).toEqual(dataKey)
  })

  it('one fewer learn nothing: their shares fit every base key', async () => {
    const base = combine(shares.slice(0, t))
    for (let first = 0; first + t - 1 <= n; first++) {
      const colluding = shares.slice(first, first + t - 1)
      const guess = combine(colluding)
      expect(isBaseKey(guess)).toBe(false)
      await expect(open(guess)).rejects.toThrow()
      // For any base key whatever there is one more share that completes theirs to it, so they rule none out.
      const missing = [...Array(n).keys()].map((i) => i + 1).find((index) => !colluding.some((share) => share.index === index)) as number
      for (const candidate of [base, new Uint8Array(32), new Uint8Array(32).fill(0xff)]) {
        const completed = completeTo(candidate, colluding, missing)
        expect(combine([...colluding, completed])).toEqual(candidate)
      }
    }
  })
})

/** The share at `index` with which `shares` interpolate to `secret` at zero. */
function completeTo(secret: Uint8Array, shares: readonly Share[], index: number): Share {
  const without = combine([...shares, { index, share: new Uint8Array(32) }])
  const weight = shares.reduce((w, other) => times(w, times(other.index, power(other.index ^ index, 254))), 1)
  return { index, share: xor(secret, without).map((byte) => times(byte, power(weight, 254))) }
}

/** An element of the target group in fastcrypto's order of its six coefficients, which is what Seal hashes. */
function gtBytes(bytes: Uint8Array): Uint8Array {
  const pair = bytes.length / 6
  return concatBytes(...[0, 3, 1, 4, 2, 5].map((i) => bytes.slice(pair * i, pair * (i + 1))))
}
