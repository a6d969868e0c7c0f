import { concatBytes, copyBytes, equalBytes, utf8, type Bytes } from '../core/bytes.ts'
import { randomBytes, type Entropy } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import { ciphersFor } from './ciphers.ts'
import { expandKey } from './hkdf.ts'
import {
  decodeSealed,
  encodeSealed,
  openFailed,
  SEAL_COMMITMENT_BYTES,
  SEAL_SALT_BYTES,
  SUITE_AES_256_GCM,
  SUITE_XCHACHA20_POLY1305,
  type AeadSuite,
} from './sealed.ts'

/** Bytes of every key the AEAD takes. */
export const AEAD_KEY_BYTES = 32

export type SealInput = {
  /** 32 uniformly random bytes. One key may seal 2^80 messages: each gets a key of its own. */
  readonly key: Uint8Array
  /** Or what gives it when the cipher is ready for it; it is read at once then, and its room may be used again. */
  readonly plaintext: Uint8Array | (() => Uint8Array)
  /** Where the message belongs. Not hidden, not stored, and the same bytes must be given to `open`. */
  readonly associatedData: Uint8Array
  readonly entropy: Entropy
}

export type OpenInput = {
  readonly key: Uint8Array
  /** Must stay as it is until the call settles: it is read, not copied. */
  readonly sealed: Uint8Array
  readonly associatedData: Uint8Array
}

/**
 * Committing authenticated encryption. `seal` adds 74 bytes
 * ({@link SEAL_OVERHEAD_BYTES}); it hides content, not length: pad first.
 *
 * - `seal` fails with `usage/invalid-argument` if the key is not 32 bytes.
 * - `open` fails with `crypto/open-failed`, and nothing else, whatever is wrong
 *   with the message: damaged, cut, another key, another context.
 */
export type Aead = {
  /** The suite `seal` writes. `open` reads both. */
  readonly suite: AeadSuite
  seal(input: SealInput): Promise<Bytes>
  open(input: OpenInput): Promise<Bytes>
}

export type AeadOptions = {
  /** WebCrypto. Defaults to `globalThis.crypto.subtle`; `null` or a platform without it selects XChaCha20-Poly1305 in JavaScript. */
  readonly subtle?: SubtleCrypto | null | undefined
}

/**
 * Builds the AEAD over AES-256-GCM, or over XChaCha20-Poly1305 where WebCrypto is absent.
 *
 * AES-GCM and Poly1305 alone do not commit to their key: one ciphertext can be
 * made to open under two keys. This is the UNAE-then-Commit transform of
 * Bellare and Hoang, "Efficient Schemes for Committing Authenticated
 * Encryption" (EUROCRYPT 2022, ePrint 2022/268): a collision-resistant PRF of
 * key and a fresh 24-byte salt gives a commitment, which is sent and checked
 * before anything is decrypted, and the message's own cipher key. The PRF here
 * is HKDF-Expand with SHA-256 (RFC 5869). We deviate in one point: the
 * associated data enters the PRF too, so that the message commits to its
 * context as well as to its key (CMT-4 in the paper's terms).
 *
 * As every message has its own cipher key, the GCM nonce is constant and nonce
 * collisions are no concern; salts of 192 bits collide at about 2^96 messages.
 */
export function createAead(options: AeadOptions = {}): Aead {
  const subtle = options.subtle === undefined ? globalThis.crypto?.subtle : options.subtle
  const ciphers = ciphersFor(subtle ?? undefined)
  const suite = subtle ? SUITE_AES_256_GCM : SUITE_XCHACHA20_POLY1305
  const nextSalt = saltSource()
  return Object.freeze({
    suite,
    async seal({ key, plaintext, associatedData, entropy }: SealInput): Promise<Bytes> {
      assertKey(key)
      const salt = nextSalt(entropy)
      const { cipherKey, commitment } = deriveMessageKeys({ key, suite, salt, associatedData })
      // Copies: the caller may reuse its buffers as soon as this call has returned its promise.
      const copy = typeof plaintext === 'function' ? undefined : copyBytes(plaintext)
      const input = () => copy ?? ((plaintext as () => Uint8Array)() as Bytes)
      const message = { cipherKey, salt, associatedData: copyBytes(associatedData), input }
      const cipher = await ciphers(suite)
      return encodeSealed({ suite, salt, commitment, ciphertext: await cipher.encrypt(message) })
    },
    async open({ key, sealed, associatedData }: OpenInput): Promise<Bytes> {
      if (key.length !== AEAD_KEY_BYTES) throw openFailed()
      const parts = decodeSealed(sealed)
      const { cipherKey, commitment } = deriveMessageKeys({ key, suite: parts.suite, salt: parts.salt, associatedData })
      if (!equalBytes(commitment, parts.commitment)) throw openFailed()
      const context = copyBytes(associatedData)
      const cipher = await ciphers(parts.suite)
      try {
        return await cipher.decrypt({
          cipherKey,
          salt: parts.salt as Bytes,
          associatedData: context,
          input: () => parts.ciphertext as Bytes,
        })
      } catch {
        throw openFailed()
      }
    },
  })
}

/** Salts drawn together. They are public: nothing is lost by their lying ready. */
const SALTS_DRAWN = 64

/** PERF: a draw from the platform costs as much as sealing kilobytes, so salts are drawn by the dozen. */
function saltSource(): (entropy: Entropy) => Bytes {
  let source: Entropy | undefined
  let drawn: Bytes = new Uint8Array(0)
  let at = 0
  return (entropy) => {
    if (entropy !== source || at === drawn.length) {
      source = entropy
      drawn = randomBytes(entropy, SALTS_DRAWN * SEAL_SALT_BYTES)
      at = 0
    }
    at += SEAL_SALT_BYTES
    return drawn.slice(at - SEAL_SALT_BYTES, at)
  }
}

/** The fixed-length parts come first, so no two inputs spell the same `info`. */
function deriveMessageKeys(input: {
  readonly key: Uint8Array
  readonly suite: AeadSuite
  readonly salt: Uint8Array
  readonly associatedData: Uint8Array
}): { readonly cipherKey: Bytes; readonly commitment: Bytes } {
  const info = concatBytes(utf8('locket/aead/v1'), Uint8Array.of(input.suite), input.salt, input.associatedData)
  const derived = expandKey({ secret: input.key, info, lengthBytes: SEAL_COMMITMENT_BYTES + AEAD_KEY_BYTES })
  return { commitment: derived.subarray(0, SEAL_COMMITMENT_BYTES), cipherKey: derived.subarray(SEAL_COMMITMENT_BYTES) }
}

function assertKey(key: Uint8Array): void {
  if (key.length === AEAD_KEY_BYTES) return
  throw new LocketError('usage/invalid-argument', {
    operation: 'crypto.seal',
    message: `the key must be ${AEAD_KEY_BYTES} bytes`,
    details: { parameter: 'key' },
  })
}
