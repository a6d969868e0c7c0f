import { bcs } from '@mysten/bcs'
import { utf8, type Bytes } from '../core/bytes.ts'
import { randomBytes, type Entropy } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import { expandKey } from '../crypto/hkdf.ts'

/** What opens a bundle: a passphrase, or 32 random bytes that the caller keeps. */
export type BundleSecret = { readonly passphrase: string } | { readonly secretKey: Uint8Array }

/** How the key comes from the secret, as written in a bundle's header. */
export const KdfBcs = bcs.enum('Kdf', {
  SecretKey: null,
  Argon2id: bcs.struct('Argon2id', { salt: bcs.bytes(16), memoryKib: bcs.u32(), passes: bcs.u32(), lanes: bcs.u8() }),
})

type Kdf = typeof KdfBcs.$inferType

/** OWASP's and RFC 9106's range for interactive use: 64 MiB, 3 passes. */
const MEMORY_KIB = 64 * 1024
const PASSES = 3
/** Read from an untrusted header: a hostile file must not make the reader allocate what it likes. */
const MAX_MEMORY_KIB = 1024 * 1024
const MAX_PASSES = 64

/** Fresh parameters for a secret. */
export function newKdf(secret: BundleSecret, entropy: Entropy) {
  if ('secretKey' in secret) return { SecretKey: true as const }
  return { Argon2id: { salt: randomBytes(entropy, 16), memoryKib: MEMORY_KIB, passes: PASSES, lanes: 1 } }
}

/**
 * The 32-byte key of a bundle (Argon2id: RFC 9106).
 *
 * @throws {LocketError} `unlock/failed` if the bundle was made with the other kind of secret; `usage/invalid-argument`
 *   for an empty passphrase or a key that is not 32 bytes; `memory/bundle-invalid` for parameters out of range.
 */
export async function bundleKeyOf(secret: BundleSecret, kdf: Kdf): Promise<Bytes> {
  const operation = 'memory.bundle'
  if ('secretKey' in secret) {
    if (!kdf.SecretKey) throw new LocketError('unlock/failed', { operation, message: 'this bundle opens with a passphrase' })
    if (secret.secretKey.length !== 32) throw new LocketError('usage/invalid-argument', { operation, details: { parameter: 'secretKey' } })
    return expandKey({ secret: secret.secretKey, info: utf8('locket/bundle-key/v1'), lengthBytes: 32 })
  }
  if (secret.passphrase === '') throw new LocketError('usage/invalid-argument', { operation, details: { parameter: 'passphrase' } })
  if (!kdf.Argon2id) throw new LocketError('unlock/failed', { operation, message: 'this bundle opens with a secret key' })
  const { salt, memoryKib, passes, lanes } = kdf.Argon2id
  if (memoryKib < 8 * 1024 || memoryKib > MAX_MEMORY_KIB || passes < 1 || passes > MAX_PASSES || lanes !== 1) {
    throw new LocketError('memory/bundle-invalid', { operation, message: 'key derivation parameters are out of range' })
  }
  const { argon2idAsync } = await import('@noble/hashes/argon2.js')
  const derived = await argon2idAsync(utf8(secret.passphrase.normalize('NFKC')), salt, { m: memoryKib, t: passes, p: lanes, dkLen: 32 })
  return new Uint8Array(derived)
}
