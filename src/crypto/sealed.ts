import { concatBytes, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'

/** AES-256-GCM (NIST SP 800-38D), the suite where WebCrypto exists. */
export const SUITE_AES_256_GCM = 1
/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), the suite where it does not. */
export const SUITE_XCHACHA20_POLY1305 = 2

/** Which cipher a sealed message uses; its second byte. */
export type AeadSuite = typeof SUITE_AES_256_GCM | typeof SUITE_XCHACHA20_POLY1305

/** Bytes of the random salt that makes each message's key its own. */
export const SEAL_SALT_BYTES = 24
/** Bytes of the key commitment. */
export const SEAL_COMMITMENT_BYTES = 32
/** Bytes of the cipher's authentication tag. */
const SEAL_TAG_BYTES = 16
/** What sealing adds to a plaintext: version, suite, salt, commitment and tag, 74 bytes. */
export const SEAL_OVERHEAD_BYTES: number = 2 + SEAL_SALT_BYTES + SEAL_COMMITMENT_BYTES + SEAL_TAG_BYTES

const VERSION = 1

/** A sealed message taken apart. Nothing in it is authenticated yet. */
export type SealedParts = {
  readonly suite: AeadSuite
  /** {@link SEAL_SALT_BYTES} bytes. */
  readonly salt: Uint8Array
  /** {@link SEAL_COMMITMENT_BYTES} bytes. */
  readonly commitment: Uint8Array
  /** Cipher output with its {@link SEAL_TAG_BYTES}-byte tag at the end. */
  readonly ciphertext: Uint8Array
}

/** `version || suite || salt || commitment || ciphertext || tag`. The inverse of {@link decodeSealed}. */
export function encodeSealed(parts: SealedParts): Bytes {
  return concatBytes(Uint8Array.of(VERSION, parts.suite), parts.salt, parts.commitment, parts.ciphertext)
}

/**
 * Takes a sealed message apart, as views of it, without authenticating it. Every
 * accepted input has exactly one encoding, itself.
 *
 * @throws {LocketError} `crypto/open-failed` if it is too short or names an unknown version or suite. The
 *   same code as for a failed tag, so that a caller cannot tell one from the other.
 */
export function decodeSealed(sealed: Uint8Array): SealedParts {
  const suite = sealed[1]
  if (sealed.length < SEAL_OVERHEAD_BYTES || sealed[0] !== VERSION) throw openFailed()
  if (suite !== SUITE_AES_256_GCM && suite !== SUITE_XCHACHA20_POLY1305) throw openFailed()
  const saltEnd = 2 + SEAL_SALT_BYTES
  const commitmentEnd = saltEnd + SEAL_COMMITMENT_BYTES
  return {
    suite,
    salt: sealed.subarray(2, saltEnd),
    commitment: sealed.subarray(saltEnd, commitmentEnd),
    ciphertext: sealed.subarray(commitmentEnd),
  }
}

/** The one error of every failed opening. It carries no cause and no details on purpose. */
export function openFailed(): LocketError {
  return new LocketError('crypto/open-failed', { operation: 'crypto.open' })
}
