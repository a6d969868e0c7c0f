import { LocketError } from '../core/errors.ts'
import { toBase64Url, toHex } from '../core/bytes.ts'
import { byteReader } from '../core/byte-reader.ts'

/** The on-chain `walrus::blob::Blob`: proof of storage bought, and of the upload once certified. */
export type BlobObject = {
  readonly objectId: string
  readonly blobId: string
  readonly registeredEpoch: number
  /** `undefined` until a quorum of storage nodes confirmed on chain that they hold it. */
  readonly certifiedEpoch: number | undefined
  readonly sizeBytes: number
  readonly startEpoch: number
  /** The first epoch it is no longer stored. */
  readonly endEpoch: number
  /** Encoded size paid for. */
  readonly storageBytes: bigint
  readonly deletable: boolean
}

/**
 * Decodes the BCS of a `Blob` object.
 *
 * @throws {LocketError} `codec/truncated`, `codec/trailing-bytes` or `codec/invalid` if it is none.
 */
export function decodeBlobObject(content: Uint8Array): BlobObject {
  const operation = 'walrus.decodeBlobObject'
  const reader = byteReader(content, operation)
  const u64 = () => BigInt(reader.u32()) | (BigInt(reader.u32()) << 32n)
  const flag = () => {
    const byte = reader.u8()
    if (byte > 1) throw new LocketError('codec/invalid', { operation, message: 'a flag is neither 0 nor 1' })
    return byte === 1
  }
  const objectId = `0x${toHex(reader.take(32))}`
  const registeredEpoch = reader.u32()
  const blobId = toBase64Url(reader.take(32))
  const sizeBytes = Number(u64())
  reader.u8() // encoding type
  const certifiedEpoch = flag() ? reader.u32() : undefined
  reader.take(32) // id of the storage resource
  const startEpoch = reader.u32()
  const endEpoch = reader.u32()
  const storageBytes = u64()
  const deletable = flag()
  if (reader.remaining() > 0) throw new LocketError('codec/trailing-bytes', { operation })
  return { objectId, blobId, registeredEpoch, certifiedEpoch, sizeBytes, startEpoch, endEpoch, storageBytes, deletable }
}
