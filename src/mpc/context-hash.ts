import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8, type Bytes } from '../core/bytes.ts'

/** A hash of what the participants of a ceremony must agree on besides its setup. Parts of variable length come last, or carry their length. */
export function contextHash(protocol: string, ...parts: readonly Uint8Array[]): Bytes {
  return sha256(concatBytes(utf8(`locket/mpc/${protocol}/v1\0`), ...parts))
}
