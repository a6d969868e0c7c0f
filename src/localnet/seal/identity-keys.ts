import { bls12_381 } from '@noble/curves/bls12-381.js'
import { concatBytes, copyBytes, fromHex, utf8, type Bytes } from '../../core/bytes.ts'
import { randomBytes, type Entropy } from '../../core/capabilities.ts'

/**
 * The Boneh-Franklin operations of a Seal key server over BLS12-381 (MystenLabs/seal
 * `crates/crypto/src/ibe.rs` and `elgamal.rs`): public keys in G2, user keys in G1.
 */

const G1 = bls12_381.G1.Point
const G2 = bls12_381.G2.Point

/** Compressed G2 public key of a master key, 96 bytes. */
export function publicKeyOf(secretMasterKey: bigint): Bytes {
  return copyBytes(G2.BASE.multiply(secretMasterKey).toBytes())
}

/**
 * Proof that a server holds the master key of the public key in its on-chain
 * object, 48 bytes: the master key times a hash of both.
 */
export function proveMasterKey(secretMasterKey: bigint, publicKey: Uint8Array, objectId: string): Bytes {
  const message = concatBytes(utf8('SUI-SEAL-IBE-BLS12381-POP-00'), publicKey, fromHex(objectId))
  return copyBytes(hashToG1(message).multiply(secretMasterKey).toBytes())
}

/**
 * Extracts the user key of `fullId` (first package id, then the inner id) and
 * encrypts it with ElGamal to the requester's one-time key.
 *
 * @param requesterKey - Compressed G1 point, 48 bytes, already checked with {@link isG1}.
 * @returns The two ElGamal components, 48 bytes each.
 */
export function extractEncrypted(options: {
  readonly secretMasterKey: bigint
  readonly fullId: Uint8Array
  readonly requesterKey: Uint8Array
  readonly entropy: Entropy
}): readonly [Bytes, Bytes] {
  const userKey = hashToG1(concatBytes(utf8('SUI-SEAL-IBE-BLS12381-00'), options.fullId)).multiply(options.secretMasterKey)
  const r = randomScalar(options.entropy)
  const blinded = G1.fromBytes(options.requesterKey).multiply(r).add(userKey)
  return [copyBytes(G1.BASE.multiply(r).toBytes()), copyBytes(blinded.toBytes())]
}

/** Whether `bytes` are a compressed point of the prime-order subgroup of G1 other than zero. */
export function isG1(bytes: Uint8Array): boolean {
  return isPoint(() => G1.fromBytes(bytes))
}

/** Whether `bytes` are a compressed point of the prime-order subgroup of G2 other than zero. */
export function isG2(bytes: Uint8Array): boolean {
  return isPoint(() => G2.fromBytes(bytes))
}

function isPoint(parse: () => { assertValidity(): void; is0(): boolean }): boolean {
  try {
    const point = parse()
    point.assertValidity()
    return !point.is0()
  } catch {
    return false
  }
}

function hashToG1(message: Uint8Array): typeof G1.BASE {
  return G1.fromAffine(bls12_381.G1.hashToCurve(message).toAffine())
}

function randomScalar(entropy: Entropy): bigint {
  // 48 bytes reduced to a 255-bit order: the bias is below 2^-128.
  return bls12_381.fields.Fr.fromBytes(bls12_381.utils.randomSecretKey(randomBytes(entropy, 48)))
}
