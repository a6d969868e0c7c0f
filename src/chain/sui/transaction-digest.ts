import { toBase58 } from '@mysten/bcs'
import { blake2b } from '@noble/hashes/blake2.js'
import { concatBytes, utf8 } from '../../core/bytes.ts'

/** The digest of a transaction as Sui computes it: BLAKE2b-256 of the name of its type and its bytes, in base58. */
export function transactionDigest(bytes: Uint8Array): string {
  return toBase58(blake2b(concatBytes(utf8('TransactionData::'), bytes), { dkLen: 32 }))
}
