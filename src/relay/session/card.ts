import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, copyBytes, equalBytes, fromBase64Url, toBase64Url, toHex, type Bytes } from '../../core/bytes.ts'
import { LocketError } from '../../core/errors.ts'
import { labelled } from './purpose.ts'

/** The two public keys that name a device. */
export type DeviceKeys = { readonly signKey: Uint8Array; readonly agreeKey: Uint8Array }

/** The public half of a device: what others keep of it once they have compared it. */
export type DeviceCard = {
  /** Ed25519 (RFC 8032), 32 bytes. */
  readonly signKey: Bytes
  /** X25519 (RFC 7748), 32 bytes. */
  readonly agreeKey: Bytes
  /** The sign key's signature over the agree key: nobody can put another device's agree key on a card of their own. */
  readonly binding: Bytes
}

const VERSION = 1
/** Length of an encoded card. */
export const CARD_BYTES: number = 1 + 32 + 32 + 64
const TEXT_PREFIX = 'locket-device:'

/** Version, sign key, agree key, binding: 129 bytes. */
export function encodeDeviceCard(card: DeviceCard): Bytes {
  return concatBytes(Uint8Array.of(VERSION), card.signKey, card.agreeKey, card.binding)
}

/**
 * The card that `bytes` spell, its binding verified. That it is the card of the device one means, only
 * comparing can tell: see `pairDevices`.
 *
 * @throws {LocketError} `codec/truncated`, `codec/trailing-bytes`, `codec/unknown-version`, or `codec/invalid` if the binding does not hold.
 */
export function decodeDeviceCard(bytes: Uint8Array): DeviceCard {
  const operation = 'session.decodeDeviceCard'
  if (bytes.length < CARD_BYTES) throw new LocketError('codec/truncated', { operation })
  if (bytes[0] !== VERSION) throw new LocketError('codec/unknown-version', { operation })
  if (bytes.length > CARD_BYTES) throw new LocketError('codec/trailing-bytes', { operation, details: { offset: CARD_BYTES } })
  const card = Object.freeze({
    signKey: copyBytes(bytes.subarray(1, 33)),
    agreeKey: copyBytes(bytes.subarray(33, 65)),
    binding: copyBytes(bytes.subarray(65)),
  })
  if (verifySignature(card.signKey, bindingOf(card.agreeKey), card.binding)) return card
  throw new LocketError('codec/invalid', { operation, message: 'the card does not hold together' })
}

/** The card as one line of text, for a QR code. */
export function formatDeviceCard(card: DeviceCard): string {
  return TEXT_PREFIX + toBase64Url(encodeDeviceCard(card))
}

/** @throws {LocketError} `codec/invalid` if it is not a card's text, or what {@link decodeDeviceCard} throws. */
export function parseDeviceCard(text: string): DeviceCard {
  if (text.startsWith(TEXT_PREFIX)) return decodeDeviceCard(fromBase64Url(text.slice(TEXT_PREFIX.length)))
  throw new LocketError('codec/invalid', { operation: 'session.parseDeviceCard', message: 'not the text of a device card' })
}

/** 128 bits of the card's SHA-256, in eight groups of four hex digits, for two people to compare. */
export function deviceFingerprint(card: DeviceCard): string {
  const digest = sha256(labelled('fingerprint', publicKeys(card))).subarray(0, 16)
  return (toHex(digest).match(/.{4}/g) as string[]).join(' ')
}

/** Both public keys in one array, 64 bytes: how a device is named in hashes and on the wire. */
export function publicKeys(card: DeviceKeys): Bytes {
  return concatBytes(card.signKey, card.agreeKey)
}

/** Whether two cards are of the same device. */
export function isSameDevice(a: DeviceKeys, b: DeviceKeys): boolean {
  return equalBytes(publicKeys(a), publicKeys(b))
}

/** What a device signs to bind its agree key. */
export function bindingOf(agreeKey: Uint8Array): Bytes {
  return labelled('card', agreeKey)
}

/**
 * Ed25519 as RFC 8032 verifies it, not ZIP 215: no second signature of the same message can be made from a
 * first, and keys of small order sign nothing, so that a signature is evidence against its key.
 */
export function verifySignature(signKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, signKey, { zip215: false })
  } catch {
    return false
  }
}
