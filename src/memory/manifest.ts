import { bcs } from '@mysten/bcs'
import { fromBase64Url, fromHex, toBase64Url, toHex, copyBytes, type Bytes } from '../core/bytes.ts'
import { decodeStrict, encode, toExactNumber } from '../core/codec.ts'
import { LocketError } from '../core/errors.ts'
import { MEMORY_ID_BYTES } from './item.ts'
import type { MemoryId } from './types.ts'

/** Where one version of a memory lies and the key that opens it. */
export type ManifestEntry = {
  readonly id: MemoryId
  readonly version: number
  /** Patch identifier inside the quilt: random, says nothing. */
  readonly identifier: string
  /** 32 bytes, used for this one patch. */
  readonly secretKey: Bytes
}

/** One quilt and what of it is alive. `blobId` is `undefined` for the quilt that holds the manifest itself. */
export type ManifestQuilt = { readonly blobId: string | undefined; readonly entries: readonly ManifestEntry[] }

/**
 * The encrypted table of contents of a space. The newest one is named by the
 * head of the on-chain `Space`; a `delta` adds to the manifest before it, a
 * `snapshot` stands alone.
 */
export type Manifest = {
  readonly spaceId: string
  /** Equals the head version at which the chain named this manifest: an older one cannot pass for it. */
  readonly headVersion: bigint
  readonly category: string
  readonly kind: 'delta' | 'snapshot'
  /** Blob id of the manifest's predecessor; always `undefined` for a snapshot. */
  readonly previousBlobId: string | undefined
  /** Newest first is not promised: order by `version`. */
  readonly quilts: readonly ManifestQuilt[]
  /** Memories forgotten since the predecessor (delta) or ever (snapshot). */
  readonly forgotten: readonly { readonly id: MemoryId; readonly atMs: number }[]
}

const FORMAT = 1
const BLOB_ID_BYTES = 32

const ManifestBcs = bcs.struct('Manifest', {
  format: bcs.u8(),
  space: bcs.bytes(32),
  headVersion: bcs.u64(),
  category: bcs.string(),
  snapshot: bcs.bool(),
  previous: bcs.option(bcs.bytes(BLOB_ID_BYTES)),
  quilts: bcs.vector(
    bcs.struct('Quilt', {
      blobId: bcs.option(bcs.bytes(BLOB_ID_BYTES)),
      entries: bcs.vector(
        bcs.struct('Entry', { id: bcs.bytes(MEMORY_ID_BYTES), version: bcs.u32(), identifier: bcs.string(), key: bcs.bytes(32) }),
      ),
    }),
  ),
  forgotten: bcs.vector(bcs.struct('Tombstone', { id: bcs.bytes(MEMORY_ID_BYTES), at: bcs.u64() })),
})

/** Canonical bytes of a manifest, to be sealed before they go anywhere. */
export function encodeManifest(manifest: Manifest): Bytes {
  return encode(ManifestBcs, {
    format: FORMAT,
    space: fromHex(manifest.spaceId),
    headVersion: manifest.headVersion,
    category: manifest.category,
    snapshot: manifest.kind === 'snapshot',
    previous: manifest.previousBlobId === undefined ? null : fromBase64Url(manifest.previousBlobId),
    quilts: manifest.quilts.map(({ blobId, entries }) => ({
      blobId: blobId === undefined ? null : fromBase64Url(blobId),
      entries: entries.map((entry) => ({ ...entry, id: fromBase64Url(entry.id), key: entry.secretKey })),
    })),
    forgotten: manifest.forgotten.map(({ id, atMs }) => ({ id: fromBase64Url(id), at: atMs })),
  })
}

/**
 * The manifest that authenticated bytes spell.
 *
 * @throws {LocketError} `codec/unknown-version`, `codec/truncated`, `codec/trailing-bytes`, `codec/invalid`.
 */
export function decodeManifest(encoded: Uint8Array): Manifest {
  const operation = 'memory.decodeManifest'
  if (encoded.length > 0 && encoded[0] !== FORMAT) throw new LocketError('codec/unknown-version', { operation })
  const wire = decodeStrict(ManifestBcs, encoded, operation)
  if (wire.snapshot && wire.previous !== null)
    throw new LocketError('codec/invalid', { operation, message: 'a snapshot has no predecessor' })
  return {
    spaceId: `0x${toHex(wire.space)}`,
    headVersion: BigInt(wire.headVersion),
    category: wire.category,
    kind: wire.snapshot ? 'snapshot' : 'delta',
    previousBlobId: wire.previous === null ? undefined : toBase64Url(wire.previous),
    quilts: wire.quilts.map(({ blobId, entries }) => ({
      blobId: blobId === null ? undefined : toBase64Url(blobId),
      entries: entries.map(({ id, version, identifier, key }) => ({ id: toBase64Url(id), version, identifier, secretKey: copyBytes(key) })),
    })),
    forgotten: wire.forgotten.map(({ id, at }) => ({ id: toBase64Url(id), atMs: toExactNumber(at, operation) })),
  }
}
