import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes, toHex, utf8 } from '../../src/core/bytes.ts'

/**
 * Stand-ins for Ed25519 and X25519 within one process, a thousand times faster: whoever has a public key is looked up. For
 * tests of delivery, where nobody attacks the curves; never of anything about keys.
 */
const secrets = new Map<string, Uint8Array>()

const publicOf = (label: string) => (secretKey: Uint8Array) => {
  const publicKey = sha256(concatBytes(utf8(label), secretKey))
  secrets.set(toHex(publicKey), new Uint8Array(secretKey))
  return publicKey
}

const sign = (message: Uint8Array, secretKey: Uint8Array) => {
  const half = hmac(sha256, secretKey, message)
  return concatBytes(half, half)
}

export const ed25519 = {
  getPublicKey: publicOf('sign'),
  sign,
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) {
    const secretKey = secrets.get(toHex(publicKey))
    return secretKey !== undefined && equalBytes(signature, sign(message, secretKey))
  },
}

const agreeKey = publicOf('agree')

export const x25519 = {
  getPublicKey: agreeKey,
  getSharedSecret(secretKey: Uint8Array, publicKey: Uint8Array) {
    const other = secrets.get(toHex(publicKey))
    if (other === undefined) throw new Error('not a public key of this process')
    const pair = [toHex(agreeKey(secretKey)), toHex(publicKey)].sort()
    // Both secrets, in the order of their public keys.
    return sha256(concatBytes(...pair.map((hex) => secrets.get(hex) as Uint8Array)))
  },
}
