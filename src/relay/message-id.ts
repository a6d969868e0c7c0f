import { sha256 } from '@noble/hashes/sha2.js'
import { toHex } from '../core/bytes.ts'

/** The name of a message: SHA-256 of its body in lower-case hex. Both ends compute it themselves. */
export function messageId(body: Uint8Array): string {
  return toHex(sha256(body))
}
