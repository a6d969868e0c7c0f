import { bcs } from '@mysten/sui/bcs'
import init, { BlobEncoder, bls12381_min_pk_verify_aggregate } from '@mysten/walrus-wasm'
import type { Bytes } from '../../core/bytes.ts'
import { LocketError } from '../../core/errors.ts'
import { blobIdFromInt } from './blob-id.ts'
import { type Geometry, symbolBytes } from './geometry.ts'
import { BlobMetadata } from './wire-types.ts'

/** A blob as the storage nodes hold it. Slivers are BCS `SliverData`, by sliver pair index. */
export type EncodedBlob = {
  readonly blobId: string
  /** BCS `BlobMetadata`, without the id. */
  readonly metadata: Bytes
  readonly primary: readonly Bytes[]
  readonly secondary: readonly Bytes[]
}

/** The real Red Stuff encoder and BLS verifier, for one number of shards. Synchronous once loaded. */
export type Encoder = {
  /** The blob id of `bytes`. Much cheaper than {@link Encoder.encode} at 1000 shards. */
  blobIdOf(bytes: Uint8Array): string
  encode(bytes: Uint8Array): EncodedBlob
  /** The bytes that at least `primarySymbols` primary slivers spell; not checked against any id. */
  decode(blobIdBytes: Uint8Array, sizeBytes: number, slivers: readonly Uint8Array[]): Bytes
  /** Whether `signature` is the aggregate of all `publicKeys` over `message`: min-pk, 48 byte keys. Malformed input is `false`. */
  verifyAggregate(publicKeys: readonly Uint8Array[], message: Uint8Array, signature: Uint8Array): boolean
}

/**
 * Loads `@mysten/walrus-wasm`, the very code the Walrus client runs: from disk
 * in Node; in a browser through `fetch` of the emitted asset, or of `wasmUrl`.
 *
 * @throws {LocketError} `usage/missing-peer` if the WASM is not where it is looked for.
 */
export async function loadEncoder(geometry: Geometry, wasmUrl?: string): Promise<Encoder> {
  try {
    // Its types are those of Node, where it loads at once; in a browser this is a promise.
    await Promise.resolve<unknown>(init(wasmUrl === undefined ? undefined : { module_or_path: wasmUrl }))
  } catch (cause) {
    throw new LocketError('usage/missing-peer', {
      operation: 'localnet.loadEncoder',
      message: 'walrus-wasm could not be loaded; pass its URL as wasmUrl if the bundler does not emit it',
      details: { package: '@mysten/walrus-wasm' },
      cause,
    })
  }
  return Object.freeze<Encoder>({
    blobIdOf(bytes) {
      const [id] = withEncoder(geometry, (encoder) => encoder.compute_metadata(bytes)) as [Iterable<number>]
      return blobIdFromInt(bcs.u256().parse(Uint8Array.from(id)))
    },
    encode(bytes) {
      const symbol = symbolBytes(geometry, bytes.length)
      const primary = sliverBuffers(geometry.nShards, geometry.secondarySymbols * symbol)
      const secondary = sliverBuffers(geometry.nShards, geometry.primarySymbols * symbol)
      const [{ blob_id, metadata }] = withEncoder(geometry, (encoder) => encoder.encode(bytes, primary, secondary)) as [WasmMetadata]
      const { V1 } = metadata
      return {
        blobId: blobIdFromInt(bcs.u256().parse(Uint8Array.from(blob_id))),
        metadata: BlobMetadata.serialize({
          V1: { encoding_type: { RS2: true }, unencoded_length: V1.unencoded_length, hashes: V1.hashes },
        }).toBytes(),
        primary,
        secondary,
      }
    },
    decode(blobIdBytes, sizeBytes, slivers) {
      const out = new Uint8Array(sizeBytes)
      const enough = slivers.slice(0, geometry.primarySymbols)
      withEncoder(geometry, (encoder) => encoder.decode(blobIdBytes, BigInt(sizeBytes), enough, out))
      return out
    },
    verifyAggregate(publicKeys, message, signature) {
      try {
        return bls12381_min_pk_verify_aggregate(publicKeys, message, signature)
      } catch {
        return false
      }
    },
  })
}

/** Frees the encoder at once: its tables for 1000 shards are megabytes, and wasm memory never shrinks. */
function withEncoder<T>(geometry: Geometry, use: (encoder: BlobEncoder) => T): T {
  const encoder = new BlobEncoder(geometry.nShards)
  try {
    return use(encoder)
  } finally {
    encoder.free()
  }
}

type WasmMetadata = {
  readonly blob_id: readonly number[]
  readonly metadata: {
    readonly V1: {
      readonly unencoded_length: number | bigint
      readonly hashes: { primary_hash: { Digest: number[] }; secondary_hash: { Digest: number[] } }[]
    }
  }
}

/** The encoder writes BCS `SliverData` into buffers of exactly the right size: length prefix, symbols, size u16, index u16. */
function sliverBuffers(count: number, dataBytes: number): Bytes[] {
  let prefix = 1
  for (let rest = dataBytes >> 7; rest !== 0; rest >>= 7) prefix++
  return Array.from({ length: count }, () => new Uint8Array(prefix + dataBytes + 4))
}
