import { bcs } from '@mysten/bcs'
import type { Bytes } from '../../core/bytes.ts'
import { decodeStrict, encode } from '../../core/codec.ts'
import { verifySignature } from './card.ts'
import { SIGNED } from './message.ts'
import { labelled } from './purpose.ts'
import type { Party } from './setup.ts'

/** A finished ceremony's result, as one of its parties vouches for it. */
export type PublishedResult = {
  readonly result: Bytes
  readonly sessionId: Bytes
  /** Index of the party that published it. */
  readonly party: number
}

const BODY = /* @__PURE__ */ (() =>
  bcs.struct('ResultBody', { context: bcs.bytes(32), sessionId: bcs.bytes(32), party: bcs.u8(), result: bcs.byteVector() }))()

/** @param sign - Signs the body. */
export function encodeResult(published: PublishedResult & { readonly context: Uint8Array }, sign: (body: Uint8Array) => Uint8Array): Bytes {
  const bytes = encode(BODY, published)
  return encode(SIGNED, { bytes, signature: sign(bytes) })
}

/**
 * @returns nothing if `sender` did not sign it.
 * @throws {LocketError} what `decodeStrict` throws.
 */
export function decodeResult(bytes: Uint8Array, sender: Party): (PublishedResult & { readonly context: Bytes }) | undefined {
  const operation = 'session.decodeResult'
  const { bytes: body, signature } = decodeStrict(SIGNED, bytes, operation)
  if (!verifySignature(sender.card.signKey, labelled('result', body), signature)) return undefined
  const decoded = decodeStrict(BODY, body, operation)
  return decoded.party === sender.index ? (decoded as PublishedResult & { readonly context: Bytes }) : undefined
}
