import { bcs } from '@mysten/bcs'
import { aroundBulk } from './bulk.ts'
import { copyBytes, fromBase64Url, toBase64Url, type Bytes } from '../core/bytes.ts'
import { decodeStrict, encode } from '../core/codec.ts'
import { LocketError } from '../core/errors.ts'
import { decodeItem, encodeItem, type Item } from './item.ts'
import type { MemoryId } from './types.ts'

/** Where one version's ciphertext lies on the network and the key that opens it. */
export type Placement = {
  readonly blobId: string
  readonly identifier: string
  readonly secretKey: Bytes
  /** First Walrus epoch in which it is no longer stored; `undefined` for what somebody else pays for. */
  readonly endEpoch: number | undefined
}

/** One version of a memory as it is kept on this device. Without a placement it is not yet certified. */
export type LocalRecord = {
  readonly item: Item
  readonly placement: Placement | undefined
  /** The item's canonical bytes, where they are at hand: they need not be made again. */
  readonly encodedItem?: Bytes | undefined
}

const FORMAT = 1

const PlacementBcs = bcs.struct('Placement', {
  blobId: bcs.bytes(32),
  identifier: bcs.string(),
  key: bcs.bytes(32),
  endEpoch: bcs.option(bcs.u32()),
})
/** Format, the item's bytes, its placement. */
const RecordSchema = aroundBulk(bcs.u8(), bcs.option(PlacementBcs))

/** Prefix of all records in a store. */
export const RECORD_PREFIX = 'm/'

/** Store key of one version: opaque, and in ascending order of version. */
export function recordKey(id: MemoryId, version: number): string {
  return `${RECORD_PREFIX}${id}/${version.toString(16).padStart(8, '0')}`
}

/** Canonical bytes of a record, to be encrypted at rest. */
export function encodeRecord({ item, placement, encodedItem }: LocalRecord): Bytes {
  return encode(RecordSchema, {
    head: FORMAT,
    bulk: encodedItem ?? encodeItem(item),
    tail:
      placement === undefined
        ? null
        : {
            blobId: fromBase64Url(placement.blobId),
            identifier: placement.identifier,
            key: placement.secretKey,
            endEpoch: placement.endEpoch ?? null,
          },
  })
}

/**
 * The record that authenticated bytes spell.
 *
 * @throws {LocketError} `codec/unknown-version`, `codec/truncated`, `codec/trailing-bytes`, `codec/invalid`.
 */
export function decodeRecord(encoded: Uint8Array): LocalRecord {
  const operation = 'memory.decodeRecord'
  if (encoded.length > 0 && encoded[0] !== FORMAT) throw new LocketError('codec/unknown-version', { operation })
  const { bulk: item, tail: placement } = decodeStrict(RecordSchema, encoded, operation)
  return {
    item: decodeItem(item),
    placement:
      placement === null
        ? undefined
        : {
            blobId: toBase64Url(placement.blobId),
            identifier: placement.identifier,
            secretKey: copyBytes(placement.key),
            endEpoch: placement.endEpoch ?? undefined,
          },
  }
}
