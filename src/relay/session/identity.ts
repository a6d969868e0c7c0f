import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { concatBytes, copyBytes, type Bytes } from '../../core/bytes.ts'
import { randomBytes, type Entropy } from '../../core/capabilities.ts'
import { LocketError } from '../../core/errors.ts'
import { bindingOf, type DeviceCard } from './card.ts'
import { labelled, type Purpose } from './purpose.ts'

/** A device's long-term keys. They are held in closures: neither JSON, `structuredClone` nor a log of this object shows them. */
export type DeviceIdentity = {
  readonly card: DeviceCard
  /** Ed25519 signature (RFC 8032) over `message` under the purpose's prefix, 64 bytes. */
  sign(purpose: Purpose, message: Uint8Array): Bytes
  /**
   * X25519 (RFC 7748) with another's public key, 32 bytes. Not uniform: derive keys from it.
   *
   * @throws {LocketError} `codec/invalid` for a public key of small order, with which every secret agrees on the same.
   */
  agree(publicKey: Uint8Array): Bytes
  /** Both secret keys, for an encrypted store and nothing else. The copy is the caller's to overwrite. */
  encodeSecret(): Bytes
  /** Overwrites the secret keys. Whatever is asked afterwards is refused with `usage/closed`. */
  forget(): void
}

const VERSION = 1
const SECRET_BYTES = 1 + 32 + 32

/** A new device: two fresh secret keys. */
export function createDeviceIdentity(entropy: Entropy): DeviceIdentity {
  return identityOf(randomBytes(entropy, 32), randomBytes(entropy, 32))
}

/**
 * The identity that {@link DeviceIdentity.encodeSecret} wrote. Copies what it keeps.
 *
 * @throws {LocketError} `codec/truncated`, `codec/trailing-bytes` or `codec/unknown-version`.
 */
export function decodeDeviceIdentity(secret: Uint8Array): DeviceIdentity {
  const operation = 'session.decodeDeviceIdentity'
  if (secret.length < SECRET_BYTES) throw new LocketError('codec/truncated', { operation })
  if (secret[0] !== VERSION) throw new LocketError('codec/unknown-version', { operation })
  if (secret.length > SECRET_BYTES) throw new LocketError('codec/trailing-bytes', { operation, details: { offset: SECRET_BYTES } })
  return identityOf(copyBytes(secret.subarray(1, 33)), copyBytes(secret.subarray(33)))
}

function identityOf(secretSign: Bytes, secretAgree: Bytes): DeviceIdentity {
  const agreeKey = x25519.getPublicKey(secretAgree)
  const card = Object.freeze({
    signKey: ed25519.getPublicKey(secretSign),
    agreeKey,
    binding: ed25519.sign(bindingOf(agreeKey), secretSign),
  })
  let isForgotten = false
  const assertKept = (operation: string) => {
    if (isForgotten) throw new LocketError('usage/closed', { operation, message: 'the identity was forgotten' })
  }
  return Object.freeze({
    card,
    sign(purpose: Purpose, message: Uint8Array) {
      assertKept('session.sign')
      return ed25519.sign(labelled(purpose, message), secretSign)
    },
    agree(publicKey: Uint8Array) {
      assertKept('session.agree')
      return agreeOn(secretAgree, publicKey)
    },
    encodeSecret() {
      assertKept('session.encodeSecret')
      return concatBytes(Uint8Array.of(VERSION), secretSign, secretAgree)
    },
    forget() {
      isForgotten = true
      secretSign.fill(0)
      secretAgree.fill(0)
    },
  })
}

/** @throws {LocketError} `codec/invalid` where the result would be zero (RFC 7748 section 6.1). */
export function agreeOn(secretKey: Uint8Array, publicKey: Uint8Array): Bytes {
  try {
    return x25519.getSharedSecret(secretKey, publicKey)
  } catch {
    throw new LocketError('codec/invalid', { operation: 'session.agree', message: 'not a usable X25519 public key' })
  }
}
