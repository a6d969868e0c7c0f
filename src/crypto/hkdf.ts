import { hkdf, expand } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'

/** Most bytes HKDF-SHA-256 can give: 255 blocks of 32 (RFC 5869 section 2.3). */
export const MAX_HKDF_BYTES: number = 255 * 32

export type DeriveKeyInput = {
  /** Input keying material. It must hold enough entropy by itself: HKDF does not slow a guesser down. */
  readonly secret: Uint8Array
  /** Public and, ideally, random. Empty means the all-zero salt of RFC 5869. */
  readonly salt: Uint8Array
  /** Names what the key is for. Two purposes never share an `info`. */
  readonly info: Uint8Array
  /** 1 to {@link MAX_HKDF_BYTES}. */
  readonly lengthBytes: number
}

/**
 * HKDF with SHA-256, extract then expand (RFC 5869).
 *
 * @throws {LocketError} `usage/invalid-argument` if `lengthBytes` is not an integer from 1 to {@link MAX_HKDF_BYTES}.
 */
export function deriveKey(input: DeriveKeyInput): Bytes {
  assertLength(input.lengthBytes)
  return hkdf(sha256, input.secret, input.salt, input.info, input.lengthBytes)
}

/**
 * The expand half alone (RFC 5869 section 2.3), for a secret that is already a
 * uniform 32-byte key; section 3.3 allows leaving out the extract half then.
 *
 * @throws {LocketError} `usage/invalid-argument` if `lengthBytes` is not an integer from 1 to
 *   {@link MAX_HKDF_BYTES}, or the secret is shorter than 32 bytes.
 */
export function expandKey(input: Omit<DeriveKeyInput, 'salt'>): Bytes {
  assertLength(input.lengthBytes)
  if (input.secret.length < 32) {
    throw new LocketError('usage/invalid-argument', {
      operation: 'crypto.expandKey',
      message: 'the secret must be at least 32 bytes',
      details: { parameter: 'secret' },
    })
  }
  return expand(sha256, input.secret, input.info, input.lengthBytes)
}

function assertLength(lengthBytes: number): void {
  if (Number.isInteger(lengthBytes) && lengthBytes >= 1 && lengthBytes <= MAX_HKDF_BYTES) return
  throw new LocketError('usage/invalid-argument', {
    operation: 'crypto.deriveKey',
    message: `lengthBytes must be an integer from 1 to ${MAX_HKDF_BYTES}`,
    details: { parameter: 'lengthBytes' },
  })
}
