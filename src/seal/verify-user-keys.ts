import { bls12_381 } from '@noble/curves/bls12-381.js'
import { fromBase64 } from '@mysten/bcs'
import { concatBytes, fromHex, toHex, utf8 } from '../core/bytes.ts'
import { randomBytes, type Entropy } from '../core/capabilities.ts'

type PointG1 = InstanceType<typeof bls12_381.G1.Point>

/**
 * Whether the body of a `fetch_key` answer holds, for each identity, the key a
 * server with this public key must give. The Seal client checks the same but
 * does not say which server failed.
 *
 * All keys are checked at once with random 64-bit weights: two pairings, about
 * 25 ms, however many identities. A false key passes with probability 2^-64.
 *
 * @param options.fullIds - Hex of package id and inner id.
 * @returns `false` for anything that is not exactly the right answer; never throws on it.
 */
export function verifyUserKeys(options: {
  readonly body: Uint8Array
  readonly fullIds: readonly string[]
  readonly secretEncKey: Uint8Array
  readonly publicKey: Uint8Array
  readonly entropy: Entropy
}): boolean {
  const { Fp12, Fr } = bls12_381.fields
  const { Point: G1 } = bls12_381.G1
  try {
    const keys = decodeKeys(options.body, Fr.fromBytes(options.secretEncKey))
    let keySum = G1.ZERO
    let hashSum = G1.ZERO
    for (const fullId of options.fullIds) {
      const key = keys.get(fullId)
      if (!key) return false
      const weight = new DataView(randomBytes(options.entropy, 8).buffer).getBigUint64(0) | 1n
      keySum = keySum.add(key.multiplyUnsafe(weight))
      hashSum = hashSum.add(hashId(fullId).multiplyUnsafe(weight))
    }
    if (keySum.is0()) return false
    const product = bls12_381.pairingBatch([
      { g1: keySum.negate(), g2: bls12_381.G2.Point.BASE },
      { g1: hashSum, g2: bls12_381.G2.Point.fromBytes(options.publicKey) },
    ])
    return Fp12.eql(product, Fp12.ONE)
  } catch {
    return false
  }
}

function decodeKeys(body: Uint8Array, secret: bigint): Map<string, PointG1> {
  const { Point: G1 } = bls12_381.G1
  const { decryption_keys: entries } = JSON.parse(new TextDecoder().decode(body)) as {
    decryption_keys: { id: number[]; encrypted_key: [string, string] }[]
  }
  return new Map(
    entries.map(({ id, encrypted_key: [c0, c1] }) => [
      toHex(Uint8Array.from(id)),
      G1.fromBytes(fromBase64(c1)).subtract(G1.fromBytes(fromBase64(c0)).multiply(secret)),
    ]),
  )
}

function hashId(fullId: string): PointG1 {
  const message = concatBytes(utf8('SUI-SEAL-IBE-BLS12381-00'), fromHex(fullId))
  return bls12_381.G1.Point.fromAffine(bls12_381.G1.hashToCurve(message).toAffine())
}
