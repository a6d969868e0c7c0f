import { sha256 } from '@noble/hashes/sha2.js'
import type { Bytes } from '../../core/bytes.ts'
import { encodeDeviceCard, type DeviceCard } from './card.ts'
import { labelled } from './purpose.ts'

/** What the inviter is bound to before it has seen anything of the other: its card and its random bytes. */
export function commitPairing(card: DeviceCard, random: Uint8Array): Bytes {
  return sha256(labelled('commitment', encodeDeviceCard(card), random))
}

/**
 * Ten decimal digits, in two groups of five, over both cards and both devices' 32 random bytes: the short authentication
 * string. One of 10^10, about 33.2 bits; 64 bits of hash are reduced, so that no code is likelier by more than 2^-30 of itself.
 */
export function pairingCode(input: {
  readonly inviter: DeviceCard
  readonly joiner: DeviceCard
  readonly inviterRandom: Uint8Array
  readonly joinerRandom: Uint8Array
}): string {
  const { inviter, joiner, inviterRandom, joinerRandom } = input
  const digest = sha256(labelled('code', encodeDeviceCard(inviter), encodeDeviceCard(joiner), inviterRandom, joinerRandom))
  const value = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0) % 10n ** 10n
  const digits = value.toString().padStart(10, '0')
  return `${digits.slice(0, 5)} ${digits.slice(5)}`
}
