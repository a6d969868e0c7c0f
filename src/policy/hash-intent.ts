import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, toHex, utf8 } from '../core/bytes.ts'
import type { Intent } from './intent.ts'

/**
 * SHA-256 of what is signed, by whom and on which chain, in hexadecimal. The effects are not in it: every signer decodes
 * them from the bytes again.
 */
export function hashIntent({ chain, account, bytes }: Pick<Intent, 'chain' | 'account' | 'bytes'>): string {
  // Neither a chain nor an account that a policy speaks for has a NUL in it.
  return toHex(sha256(concatBytes(utf8(`locket/intent/v1\0${chain}\0${account}\0`), bytes)))
}
