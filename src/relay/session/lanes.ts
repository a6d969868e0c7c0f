import { concatBytes, copyBytes, type Bytes } from '../../core/bytes.ts'
import { deriveKey, expandKey } from '../../crypto/hkdf.ts'
import { publicKeys, type DeviceKeys } from './card.ts'
import type { DeviceIdentity } from './identity.ts'
import { labelled } from './purpose.ts'
import type { Party } from './setup.ts'

/** What one direction between two devices is sealed with. */
export type FrameKey = {
  /** 32 bytes. */
  readonly secretKey: Bytes
  /** Eight bytes in front of each frame: what belongs elsewhere is told without any decryption. */
  readonly route: Bytes
  /** What both ends know of the session: authenticated in every frame, and not sent. Default nothing. */
  readonly context?: Bytes | undefined
}

/** One direction of a pair in one ceremony, before the session has keys of its own. */
export type Lane = FrameKey & {
  readonly mailbox: Bytes
  /** Where a finished result waits. Another mailbox: a mailbox has one reader, and this one may come after the session. */
  readonly resultMailbox: Bytes
}

/** Both directions between this device and another. */
export type LanePair = { readonly out: Lane; readonly in: Lane; readonly secretShared: Bytes }

/**
 * The lanes to one other party: HKDF (RFC 5869) over the X25519 agreement of both long-term keys and the ceremony id.
 * They do not depend on the rest of the setup: two parties with unlike setups still meet, and learn in which field.
 *
 * @throws {LocketError} `codec/invalid` if the other's agree key is of small order.
 */
export function deriveLanes(input: {
  readonly identity: DeviceIdentity
  readonly other: DeviceKeys
  readonly ceremonyId: Uint8Array
}): LanePair {
  const { identity, other, ceremonyId } = input
  const secretShared = identity.agree(other.agreeKey)
  const secret = deriveKey({ secret: secretShared, salt: ceremonyId, info: labelled('pair'), lengthBytes: 32 })
  const lane = (from: DeviceKeys, to: DeviceKeys): Lane => {
    const bytes = expandKey({ secret, info: labelled('lane', publicKeys(from), publicKeys(to)), lengthBytes: 104 })
    return Object.freeze({
      secretKey: copyBytes(bytes.subarray(0, 32)),
      mailbox: copyBytes(bytes.subarray(32, 64)),
      resultMailbox: copyBytes(bytes.subarray(64, 96)),
      route: copyBytes(bytes.subarray(96)),
    })
  }
  return { out: lane(identity.card, other), in: lane(other, identity.card), secretShared }
}

/** An ephemeral X25519 key pair's part in a channel: agreement with a public key. */
export type Agree = (publicKey: Uint8Array) => Bytes

/**
 * The session's own keys to and from one other party: HKDF over the four agreements of the Noise pattern KK
 * (ee, es, se, ss; The Noise Protocol Framework, revision 34), salted with the session id, which
 * commits to the whole setup, all nonces and all ephemeral keys. One key for each direction.
 *
 * @throws {LocketError} `codec/invalid` if the other's ephemeral key is of small order.
 */
export function deriveChannel(input: {
  readonly sessionId: Uint8Array
  readonly own: Party
  readonly other: Party
  readonly secretShared: Uint8Array
  readonly agreeStatic: Agree
  readonly agreeEphemeral: Agree
  readonly otherEphemeralKey: Uint8Array
}): { readonly out: FrameKey; readonly in: FrameKey } {
  const { sessionId, own, other, secretShared, otherEphemeralKey } = input
  const staticEphemeral = [input.agreeStatic(otherEphemeralKey), input.agreeEphemeral(other.card.agreeKey)]
  // Both ends list the lower index's long-term key first.
  if (own.index > other.index) staticEphemeral.reverse()
  const secret = concatBytes(input.agreeEphemeral(otherEphemeralKey), ...staticEphemeral, secretShared)
  const key = (from: Party, to: Party): FrameKey => {
    const info = labelled('channel', publicKeys(from.card), publicKeys(to.card))
    const bytes = deriveKey({ secret, salt: sessionId, info, lengthBytes: 40 })
    return Object.freeze({ secretKey: copyBytes(bytes.subarray(0, 32)), route: copyBytes(bytes.subarray(32)) })
  }
  const channel = { out: key(own, other), in: key(other, own) }
  secret.fill(0)
  for (const part of staticEphemeral) part.fill(0)
  return channel
}
