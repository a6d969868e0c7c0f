import { bcs } from '@mysten/bcs'
import { copyBytes, fromBase64Url, fromHex, toBase64Url, toHex, type Bytes } from '../core/bytes.ts'
import { decodeStrict, encode } from '../core/codec.ts'
import type { ManifestEntry } from './manifest.ts'
import type { Rotation } from './ports.ts'
import type { MemoryId } from './types.ts'

/**
 * One quilt on its way to the network, written down in the vault before the
 * first byte leaves: whoever finds it after a crash goes on where it stopped.
 */
export type Batch = {
  readonly batchId: string
  readonly category: string
  readonly spaceId: string
  /** Head version this quilt's manifest will carry; the chain must be one below. */
  readonly headVersion: bigint
  /** Key epoch of the space when this was planned. Another one at the time of certifying voids the plan. */
  readonly epoch: number
  readonly kind: 'delta' | 'snapshot'
  readonly entries: readonly ManifestEntry[]
  /** Memories whose tombstones this manifest carries. */
  readonly forgotten: readonly MemoryId[]
  /** Present when the certifying transaction also moves the space to a new key epoch. */
  readonly rotation: Rotation | undefined
  readonly epochs: number
  readonly deletable: boolean
}

const BATCH_PREFIX = 'b/'

/** Prefix under which each batch's plan lies. */
export const BATCH_PLAN_PREFIX = `${BATCH_PREFIX}plan/`

/** Store keys of one batch: what is to be done, the bytes, and how far the upload has come. */
export function batchKeys(batchId: string): { readonly plan: string; readonly quilt: string; readonly upload: string } {
  return {
    plan: `${BATCH_PLAN_PREFIX}${batchId}`,
    quilt: `${BATCH_PREFIX}quilt/${batchId}`,
    upload: `${BATCH_PREFIX}upload/${batchId}`,
  }
}

const BatchBcs = bcs.struct('Batch', {
  batchId: bcs.bytes(16),
  category: bcs.string(),
  spaceId: bcs.bytes(32),
  headVersion: bcs.u64(),
  epoch: bcs.u32(),
  snapshot: bcs.bool(),
  entries: bcs.vector(bcs.struct('Entry', { id: bcs.bytes(16), version: bcs.u32(), identifier: bcs.string(), key: bcs.bytes(32) })),
  forgotten: bcs.vector(bcs.bytes(16)),
  rotation: bcs.option(
    bcs.struct('Rotation', { epoch: bcs.u32(), envelope: bcs.byteVector(), history: bcs.byteVector(), label: bcs.byteVector() }),
  ),
  epochs: bcs.u32(),
  deletable: bcs.bool(),
})

/** Canonical bytes of a batch, to be encrypted at rest. */
export function encodeBatch(batch: Batch): Bytes {
  return encode(BatchBcs, {
    ...batch,
    batchId: fromBase64Url(batch.batchId),
    spaceId: fromHex(batch.spaceId),
    snapshot: batch.kind === 'snapshot',
    entries: batch.entries.map((entry) => ({ ...entry, id: fromBase64Url(entry.id), key: entry.secretKey })),
    forgotten: batch.forgotten.map((id) => fromBase64Url(id)),
    rotation: batch.rotation ?? null,
  })
}

/** @throws {LocketError} `codec/truncated`, `codec/trailing-bytes`, `codec/invalid`. */
export function decodeBatch(encoded: Uint8Array): Batch {
  const wire = decodeStrict(BatchBcs, encoded, 'memory.decodeBatch')
  return {
    batchId: toBase64Url(wire.batchId),
    category: wire.category,
    spaceId: `0x${toHex(wire.spaceId)}`,
    headVersion: BigInt(wire.headVersion),
    epoch: wire.epoch,
    kind: wire.snapshot ? 'snapshot' : 'delta',
    entries: wire.entries.map(({ id, version, identifier, key }) => ({
      id: toBase64Url(id),
      version,
      identifier,
      secretKey: copyBytes(key),
    })),
    forgotten: wire.forgotten.map((id) => toBase64Url(id)),
    rotation:
      wire.rotation === null
        ? undefined
        : {
            epoch: wire.rotation.epoch,
            envelope: copyBytes(wire.rotation.envelope),
            history: copyBytes(wire.rotation.history),
            label: copyBytes(wire.rotation.label),
          },
    epochs: wire.epochs,
    deletable: wire.deletable,
  }
}
