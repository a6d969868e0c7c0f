import { bcs } from '@mysten/sui/bcs'
import { blake2b } from '@noble/hashes/blake2.js'
import { type Bytes, concatBytes, fromBase64Url, toBase64Url } from '../../core/bytes.ts'
import { BlobIdDerivation, BlobMetadata } from './wire-types.ts'

/** The only encoding type in use: Red Stuff over Reed-Solomon, `RS2`. */
export const ENCODING_RS2 = 1

/** The text form of a blob id: 32 bytes, base64url. */
export function blobIdFromInt(value: bigint | string): string {
  return toBase64Url(bcs.u256().serialize(value).toBytes())
}

/** The number a blob id is on chain, or `undefined` if the text is not a blob id. */
export function blobIdToInt(text: string): bigint | undefined {
  const bytes = blobIdToBytes(text)
  return bytes === undefined ? undefined : BigInt(bcs.u256().parse(bytes))
}

/** The 32 bytes of a blob id, or `undefined` if the text is not a blob id. */
export function blobIdToBytes(text: string): Bytes | undefined {
  if (text.length !== 43) return undefined
  try {
    return fromBase64Url(text)
  } catch {
    return undefined
  }
}

/** `walrus::blob::derive_blob_id`. */
export function deriveBlobId(rootHash: bigint, encodingType: number, sizeBytes: bigint): bigint {
  const derivation = BlobIdDerivation.serialize({ encoding_type: encodingType, size: sizeBytes, root_hash: rootHash }).toBytes()
  return BigInt(bcs.u256().parse(blake2b(derivation, { dkLen: 32 })))
}

/**
 * The blob id that metadata belongs to: its sliver hashes are the leaves of a
 * BLAKE2b-256 Merkle tree (leaf prefix 0, node prefix 1, odd levels padded with
 * 32 zero bytes) whose root goes into {@link deriveBlobId}.
 *
 * @returns `undefined` when the bytes are not metadata.
 */
export function blobIdOfMetadata(
  metadata: Uint8Array,
): { readonly blobId: bigint; readonly sizeBytes: bigint; readonly pairs: number } | undefined {
  let parsed: typeof BlobMetadata.$inferType
  try {
    parsed = BlobMetadata.parse(metadata)
  } catch {
    return undefined
  }
  const { hashes, unencoded_length } = parsed.V1
  let level = hashes.map(({ primary_hash, secondary_hash }) => hash(Uint8Array.of(0), digestOf(primary_hash), digestOf(secondary_hash)))
  while (level.length > 1) {
    const next: Uint8Array[] = []
    for (let i = 0; i < level.length; i += 2) {
      next.push(hash(Uint8Array.of(1), level[i] as Uint8Array, level[i + 1] ?? new Uint8Array(32)))
    }
    level = next
  }
  const root = level[0]
  if (root === undefined) return undefined
  const sizeBytes = BigInt(unencoded_length)
  const encodingType = 'RS2' in parsed.V1.encoding_type && parsed.V1.encoding_type.$kind === 'RS2' ? ENCODING_RS2 : 0
  return { blobId: deriveBlobId(BigInt(bcs.u256().parse(root)), encodingType, sizeBytes), sizeBytes, pairs: hashes.length }
}

function digestOf(node: { $kind: string; Digest?: Uint8Array | number[] }): Uint8Array {
  return node.Digest === undefined ? new Uint8Array(32) : Uint8Array.from(node.Digest)
}

function hash(...parts: Uint8Array[]): Uint8Array {
  return blake2b(concatBytes(...parts), { dkLen: 32 })
}
