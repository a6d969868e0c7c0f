import { toHex } from '../core/bytes.ts'
import type { Suite } from './types.ts'

/**
 * Whether a signature is one of this key over this message, by another
 * implementation (`@noble/curves`) than the one that made it.
 *
 * ECDSA takes a 32-byte digest, 64 bytes `r || s`, and low S only (BIP 146); Ed25519 any message, by
 * RFC 8032 in its strict reading; Taproot a 32-byte digest (BIP 340), under the output key of the
 * internal key `publicKey` and `merkleRoot` (BIP 341).
 *
 * @returns `false` for anything that does not verify, however malformed. Never throws.
 */
export async function verifySignature(input: {
  readonly suite: Suite
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  /** Taproot only: the root of the scripts, none by default. */
  readonly merkleRoot?: Uint8Array | undefined
}): Promise<boolean> {
  const { suite, publicKey, message, signature } = input
  try {
    if (suite === 'frost-ed25519') {
      const { ed25519 } = await import('@noble/curves/ed25519.js')
      return ed25519.verify(signature, message, publicKey, { zip215: false })
    }
    const { secp256k1, schnorr } = await import('@noble/curves/secp256k1.js')
    if (suite === 'frost-taproot') {
      const { taggedHash, lift_x, pointToBytes } = schnorr.utils
      const tweak = BigInt(`0x${toHex(taggedHash('TapTweak', publicKey, input.merkleRoot ?? new Uint8Array()))}`)
      const output = lift_x(BigInt(`0x${toHex(publicKey)}`)).add(secp256k1.Point.BASE.multiply(tweak))
      return schnorr.verify(signature, message, pointToBytes(output))
    }
    return secp256k1.verify(signature, message, publicKey, { prehash: false, lowS: true, format: 'compact' })
  } catch {
    return false
  }
}
