import type { Bytes } from '../core/bytes.ts'
import { SUITE_AES_256_GCM, type AeadSuite } from './sealed.ts'

type CipherInput = {
  /** 32 bytes, used for this one message. */
  readonly cipherKey: Bytes
  /** 24 bytes. */
  readonly salt: Bytes
  readonly associatedData: Bytes
  /** Asked for once, when everything else is ready, and read before anything else runs. */
  readonly input: () => Bytes
}

/** A plain AEAD without key commitment. `decrypt` rejects with anything at all if the tag is wrong. */
export type Cipher = {
  encrypt(input: CipherInput): Promise<Bytes>
  decrypt(input: CipherInput): Promise<Bytes>
}

/**
 * A lookup from suite to cipher. The JavaScript ciphers are fetched on first
 * use, so that a page with WebCrypto never loads them.
 */
export function ciphersFor(subtle: SubtleCrypto | undefined): (suite: AeadSuite) => Promise<Cipher> {
  const native = subtle === undefined ? undefined : nativeGcm(subtle)
  return async (suite) => {
    if (suite === SUITE_AES_256_GCM) return native ?? nobleGcm()
    return nobleXChaCha()
  }
}

/** SP 800-38D asks for a nonce that is unique per key. The key serves one message, so a constant is. */
function gcmNonce(): Bytes {
  return new Uint8Array(12)
}

/** The tag is as long as the API makes it when not told: 128 bits. */
function gcmParameters(associatedData: Bytes): AesGcmParams {
  return { name: 'AES-GCM', iv: gcmNonce(), additionalData: associatedData }
}

function nativeGcm(subtle: SubtleCrypto): Cipher {
  const importKey = (raw: Bytes, use: 'encrypt' | 'decrypt') => subtle.importKey('raw', raw, 'AES-GCM', false, [use])
  return {
    async encrypt({ cipherKey, associatedData, input }) {
      return new Uint8Array(await subtle.encrypt(gcmParameters(associatedData), await importKey(cipherKey, 'encrypt'), input()))
    },
    async decrypt({ cipherKey, associatedData, input }) {
      return new Uint8Array(await subtle.decrypt(gcmParameters(associatedData), await importKey(cipherKey, 'decrypt'), input()))
    },
  }
}

/** Opens AES-GCM messages on a platform without WebCrypto, written elsewhere. */
async function nobleGcm(): Promise<Cipher> {
  const { gcm } = await import('@noble/ciphers/aes.js')
  return {
    encrypt: async ({ cipherKey, associatedData, input }) => gcm(cipherKey, gcmNonce(), associatedData).encrypt(input()),
    decrypt: async ({ cipherKey, associatedData, input }) => gcm(cipherKey, gcmNonce(), associatedData).decrypt(input()),
  }
}

async function nobleXChaCha(): Promise<Cipher> {
  const { xchacha20poly1305 } = await import('@noble/ciphers/chacha.js')
  return {
    encrypt: async ({ cipherKey, salt, associatedData, input }) => xchacha20poly1305(cipherKey, salt, associatedData).encrypt(input()),
    decrypt: async ({ cipherKey, salt, associatedData, input }) => xchacha20poly1305(cipherKey, salt, associatedData).decrypt(input()),
  }
}
