import { bcs } from '@mysten/bcs'
import { encodeQuilt } from '@mysten/walrus'
import { describe } from 'vitest'
import { concatBytes, fromBase64Url, fromHex, fromUtf8, toBase64Url, toHex, utf8, type Bytes } from '../../src/core/bytes.ts'
import { formatPatchId, parseBlobId, parsePatchId } from '../../src/walrus/blob-id.ts'
import { decodeBlobObject, type BlobObject } from '../../src/walrus/blob-object.ts'
import { certificateEpoch, formatCertificate, parseCertificate } from '../../src/walrus/certificate.ts'
import { readPatch, readQuilt } from '../../src/walrus/quilt-reader.ts'
import { fuzzDecoder, type FuzzTarget } from '../helpers/fuzz.ts'
import { fullBytes, patches, seeded } from '../unit/walrus/helpers.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const CODEC = ['codec/invalid', 'codec/truncated', 'codec/trailing-bytes', 'codec/unknown-version', 'codec/too-large']
const random = seeded(SEED)
const bytesOf = (length: number) => fullBytes(length, random)

/** `walrus::blob::Blob`, written down a second time. */
const Blob = bcs.tuple([
  bcs.bytes(32),
  bcs.u32(),
  bcs.bytes(32),
  bcs.u64(),
  bcs.u8(),
  bcs.option(bcs.u32()),
  bcs.bytes(32),
  bcs.u32(),
  bcs.u32(),
  bcs.u64(),
  bcs.bool(),
])
/** The encoding type and the storage resource's id are passed over when read, and taken from `original`. */
function encodeBlob(blob: BlobObject, original: Uint8Array): Uint8Array {
  const certified = blob.certifiedEpoch === undefined ? 0 : 4
  return Blob.serialize([
    fromHex(blob.objectId),
    blob.registeredEpoch,
    fromBase64Url(blob.blobId),
    blob.sizeBytes,
    original[76] as number,
    blob.certifiedEpoch ?? null,
    original.slice(78 + certified, 110 + certified),
    blob.startEpoch,
    blob.endEpoch,
    blob.storageBytes,
    blob.deletable,
  ]).toBytes()
}
const blobs = [undefined, 5].map((certifiedEpoch) =>
  encodeBlob(
    {
      objectId: `0x${'ab'.repeat(32)}`,
      blobId: toBase64Url(bytesOf(32)),
      registeredEpoch: 4,
      certifiedEpoch,
      sizeBytes: 12_345,
      startEpoch: 4,
      endEpoch: 9,
      storageBytes: 66_000_000n,
      deletable: true,
    },
    bytesOf(120),
  ),
) as Bytes[]

const certificate = { signers: [0, 3, 65_535], serializedMessage: bytesOf(40), signature: bytesOf(96) }
const quiltId = toBase64Url(bytesOf(32))

/** Small, so that the walk through every bit of it ends. */
function smallQuilt(count: number): Bytes {
  const files = patches(count, () => Math.floor(random() * 60), random, 5)
  return encoded(files.map(({ identifier, bytes }) => ({ identifier, contents: bytes })))
}
const encoded = (files: { identifier: string; contents: Uint8Array }[]): Bytes =>
  new Uint8Array(encodeQuilt({ numShards: 10, blobs: files }).quilt)

/**
 * Reads a quilt and writes what it held anew. The padding of a quilt may be
 * anything, so it need not be the same quilt; but it must hold the same.
 */
function rewritten(quilt: Uint8Array): Bytes | undefined {
  const read = readQuilt(quilt, { nShards: 10 })
  if (read.reduce((sum, { bytes }) => sum + bytes.length, 0) > quilt.length) throw new Error('more came out than went in')
  for (const { identifier, bytes } of read) {
    if (toHex(readPatch(quilt, identifier, { nShards: 10 }) as Bytes) !== toHex(bytes)) throw new Error('by its name another patch is read')
  }
  // Nobody can write a quilt of such names.
  if (read.some(({ identifier }) => !/^[A-Za-z0-9]+$/.test(identifier))) return undefined
  return encoded(read.map(({ identifier, bytes }) => ({ identifier, contents: bytes })))
}

describe('decoders of what Walrus serves', () => {
  const text = (recode: (text: string) => string) => (bytes: Bytes) => utf8(recode(fromUtf8(bytes)))
  const targets: readonly FuzzTarget[] = [
    {
      name: 'blob object',
      recode: (bytes) => {
        const blob = decodeBlobObject(bytes)
        return Number.isSafeInteger(blob.sizeBytes) ? encodeBlob(blob, bytes) : undefined
      },
      seeds: blobs,
      codes: CODEC,
    },
    {
      name: 'certificate',
      recode: text((value) => formatCertificate(parseCertificate(value))),
      seeds: [utf8(formatCertificate(certificate)), utf8(formatCertificate({ ...certificate, signers: [] }))],
      codes: CODEC,
      // JSON: what was written by us reads the same however it is spaced.
      isLoose: true,
    },
    {
      name: 'epoch of a certificate',
      recode: (serializedMessage) => {
        const epoch = certificateEpoch({ ...certificate, serializedMessage })
        return concatBytes(
          serializedMessage.subarray(0, 3),
          Uint8Array.from([0, 8, 16, 24], (shift) => epoch >>> shift),
          serializedMessage.subarray(7),
        )
      },
      seeds: [certificate.serializedMessage],
      codes: CODEC,
    },
    { name: 'blob id', recode: text((value) => toBase64Url(parseBlobId(value))), seeds: [utf8(quiltId)], codes: CODEC },
    {
      name: 'patch id',
      recode: text((value) => formatPatchId(parsePatchId(value))),
      seeds: [
        utf8(formatPatchId({ quiltId, startColumn: 1, endColumn: 2 })),
        utf8(formatPatchId({ quiltId, startColumn: 300, endColumn: 666 })),
      ],
      codes: CODEC,
    },
    {
      name: 'quilt',
      recode: rewritten,
      seeds: [1, 2, 4].map(smallQuilt),
      codes: [...CODEC, 'walrus/inconsistent'],
      isLoose: true,
    },
  ]
  for (const target of targets) fuzzDecoder(target)
})
