import { bls12_381 } from '@noble/curves/bls12-381.js'
import { fromBase64 } from '@mysten/bcs'
import { concatBytes, fromHex, utf8 } from '../core/bytes.ts'

/**
 * Whether the body of a `/v1/service` answer proves that the server holds the
 * master key of the public key in its on-chain object. What `SealClient`'s
 * `verifyKeyServers` checks, for one server at a time: there a single server
 * that is down makes the whole set unusable.
 *
 * @returns `false` for anything that is no proof; never throws on it.
 */
export function verifyPossession(options: {
  readonly body: Uint8Array
  readonly objectId: string
  readonly publicKey: Uint8Array
}): boolean {
  const { shortSignatures } = bls12_381
  try {
    const answer = JSON.parse(new TextDecoder().decode(options.body)) as { service_id: unknown; pop: string }
    if (answer.service_id !== options.objectId) return false
    const message = concatBytes(utf8('SUI-SEAL-IBE-BLS12381-POP-00'), options.publicKey, fromHex(options.objectId))
    return shortSignatures.verify(fromBase64(answer.pop), shortSignatures.hash(message), options.publicKey)
  } catch {
    return false
  }
}
