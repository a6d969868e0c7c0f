import type { Bytes } from '../core/bytes.ts'
import { encodeItem, type Item } from './item.ts'
import type { MemoryId } from './types.ts'

/** Where one version's ciphertext lies on the network and the key that opens it. */
export type Placement = {
  readonly spaceId: string
  readonly blobId: string
  readonly identifier: string
  readonly secretKey: Bytes
  /** First Walrus epoch in which it is no longer stored; `undefined` for what somebody else pays for. */
  readonly endEpoch: number | undefined
  /** Key of the record in the cache that holds this placement. */
  readonly group: string
}

/** One version of a memory on this device. Without a placement it is not yet certified. */
export type LocalRecord = { readonly item: Item; readonly placement: Placement | undefined }

/** Prefix of the versions that wait in the vault. */
export const RECORD_PREFIX = 'm/'

/** Vault key of one version: opaque, and in ascending order of version. */
export function recordKey(id: MemoryId, version: number): string {
  return `${RECORD_PREFIX}${versionName(id, version)}`
}

/** The write that keeps a version until it is certified. */
export function recordOp(item: Item): { readonly type: 'put'; readonly key: string; readonly value: Bytes } {
  return { type: 'put', key: recordKey(item.id, item.version), value: encodeItem(item) }
}

/** The part of a store key that names one version. */
export function versionName(id: MemoryId, version: number): string {
  return `${id}/${version.toString(16).padStart(8, '0')}`
}
