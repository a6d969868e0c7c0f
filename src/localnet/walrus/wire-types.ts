import { bcs } from '@mysten/sui/bcs'

/*
 * BCS layouts of what storage nodes exchange with clients (`walrus-core` of the
 * Walrus repository).
 */

const MerkleNode = bcs.enum('MerkleNode', { Empty: null, Digest: bcs.bytes(32) })

/** `BlobMetadata`: what a node keeps of every blob, beside its slivers. */
export const BlobMetadata = bcs.enum('BlobMetadata', {
  V1: bcs.struct('BlobMetadataV1', {
    encoding_type: bcs.enum('EncodingType', { RedStuff: null, RS2: null }),
    unencoded_length: bcs.u64(),
    hashes: bcs.vector(bcs.struct('SliverPairMetadata', { primary_hash: MerkleNode, secondary_hash: MerkleNode })),
  }),
})

/** `SliverData`: one row (primary) or column (secondary) of the encoded matrix. */
export const SliverData = bcs.struct('SliverData', {
  symbols: bcs.struct('Symbols', { data: bcs.byteVector(), symbol_size: bcs.u16() }),
  index: bcs.u16(),
})

/** `BlobPersistenceType`, as signed in a storage confirmation. */
export const PersistenceType = bcs.enum('BlobPersistenceType', {
  Permanent: null,
  Deletable: bcs.struct('Deletable', { object_id: bcs.Address }),
})

/** The message a storage node signs to confirm that it holds its slivers: intent (type, version, app), epoch, body. */
export const ConfirmationMessage = bcs.struct('ConfirmationMessage', {
  intent_type: bcs.u8(),
  intent_version: bcs.u8(),
  intent_app: bcs.u8(),
  epoch: bcs.u32(),
  blob_id: bcs.u256(),
  persistence: PersistenceType,
})

/** Intent type of a blob certificate (`BLOB_CERT_MSG`). */
export const BLOB_CERT_INTENT = 1

/** Walrus's application id in an intent. */
export const WALRUS_APP_ID = 3

/** `QuiltIndexV1`. */
export const QuiltIndex = bcs.struct('QuiltIndexV1', {
  patches: bcs.vector(
    bcs.struct('QuiltPatchV1', { end_index: bcs.u16(), identifier: bcs.string(), tags: bcs.map(bcs.string(), bcs.string()) }),
  ),
})

/** What a quilt patch id spells, 37 bytes. */
export const QuiltPatchId = bcs.struct('QuiltPatchId', {
  quilt_id: bcs.u256(),
  version: bcs.u8(),
  start_index: bcs.u16(),
  end_index: bcs.u16(),
})

/** What a blob id is the BLAKE2b-256 hash of (`walrus::blob::BlobIdDerivation`). */
export const BlobIdDerivation = bcs.struct('BlobIdDerivation', {
  encoding_type: bcs.u8(),
  size: bcs.u64(),
  root_hash: bcs.u256(),
})
