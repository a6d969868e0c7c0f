import { bls12_381 } from '@noble/curves/bls12-381.js'
import { bytesToNumberBE } from '@noble/curves/utils.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha3_256 } from '@noble/hashes/sha3.js'

/**
 * The master key a Seal key server derives from its seed.
 *
 * HKDF-SHA3-256 without salt, info = the index as u64 big-endian, 64 bytes of
 * output reduced modulo the BLS12-381 group order (MystenLabs/seal
 * `crates/crypto/src/ibe.rs`, `derive_master_key`).
 *
 * @param secretSeed - 32 bytes. Not retained.
 * @param index - Derivation index, 0 to 2^53 - 1.
 */
export function deriveMasterKey(secretSeed: Uint8Array, index: number): bigint {
  const info = new Uint8Array(8)
  new DataView(info.buffer).setBigUint64(0, BigInt(index))
  return bls12_381.fields.Fr.create(bytesToNumberBE(hkdf(sha3_256, secretSeed, undefined, info, 64)))
}
