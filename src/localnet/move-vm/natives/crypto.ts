import { ed25519 } from '@noble/curves/ed25519.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { hmac } from '@noble/hashes/hmac.js'
import { keccak_256, sha3_256 } from '@noble/hashes/sha3.js'
import * as values from '../value.ts'
import { argument, type Native, type NativeCall } from './native.ts'

const bytesAt = (call: NativeCall, index: number): Uint8Array<ArrayBuffer> => values.asBytes(argument(call, index))

/** Hashes and signatures of the Sui framework. Those that are missing here are an error when called, never a guess. */
export const CRYPTO_NATIVES: Readonly<Record<string, Native>> = {
  'hash::blake2b256': (call) => [values.bytesValue(blake2b(bytesAt(call, 0), { dkLen: 32 }))],
  'hash::keccak256': (call) => [values.bytesValue(keccak_256(bytesAt(call, 0)))],
  'hmac::hmac_sha3_256': (call) => [values.bytesValue(hmac(sha3_256, bytesAt(call, 0), bytesAt(call, 1)))],
  'ed25519::ed25519_verify': (call) => [values.bool(verifyEd25519(bytesAt(call, 0), bytesAt(call, 1), bytesAt(call, 2)))],
}

function verifyEd25519(signature: Uint8Array, publicKey: Uint8Array, message: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false
  try {
    // ZIP-215 rules, as Sui's validators check.
    return ed25519.verify(signature, message, publicKey, { zip215: true })
  } catch {
    return false
  }
}
