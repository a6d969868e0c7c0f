import { fromBase64Url, toBase64Url, type Bytes } from '../../core/bytes.ts'
import { randomBytes, type Entropy } from '../../core/capabilities.ts'
import { LocketError } from '../../core/errors.ts'

/** Where two devices meet to pair: text for a QR code, a link or a message. */
export type PairingInvite = string & { readonly __brand: 'PairingInvite' }

const PREFIX = 'locket-pair:'
const SECRET_BYTES = 16

/** A fresh invitation, for one pairing. Who sees it may try to get in between; the code both people compare shows that. */
export function createPairingInvite(entropy: Entropy): PairingInvite {
  return (PREFIX + toBase64Url(randomBytes(entropy, SECRET_BYTES))) as PairingInvite
}

/**
 * The secret of an invitation, 16 bytes.
 *
 * @throws {LocketError} `codec/invalid` if it is not an invitation's text.
 */
export function parsePairingInvite(text: string): Bytes {
  if (text.startsWith(PREFIX)) {
    const secret = fromBase64Url(text.slice(PREFIX.length))
    if (secret.length === SECRET_BYTES) return secret
  }
  throw new LocketError('codec/invalid', { operation: 'session.parsePairingInvite', message: 'not the text of an invitation' })
}
