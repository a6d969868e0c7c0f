import type { Bytes } from '../../../core/bytes.ts'
import { blobIdToInt } from '../blob-id.ts'
import type { StorageNode } from '../committee.ts'
import { BLOB_CERT_INTENT, ConfirmationMessage, WALRUS_APP_ID } from '../wire-types.ts'
import type { WalrusWorld } from '../world.ts'

/** What a storage node signs once it holds its part of a blob. `objectId` is set for deletable blobs. */
export function confirmationMessage(world: WalrusWorld, blobId: string, objectId: string | undefined): Bytes {
  return new Uint8Array(
    ConfirmationMessage.serialize({
      intent_type: BLOB_CERT_INTENT,
      intent_version: 0,
      intent_app: WALRUS_APP_ID,
      epoch: world.epoch(),
      blob_id: blobIdToInt(blobId) ?? 0n,
      persistence: objectId === undefined ? { Permanent: true } : { Deletable: { object_id: objectId } },
    }).toBytes(),
  )
}

/** Whether the chain knows a live registration that a confirmation of this kind would be for. */
export function isRegisteredAs(world: WalrusWorld, blobId: string, objectId: string | undefined): boolean {
  return world.registry
    .registrationsOf(blobId, world.epoch())
    .some((record) => (objectId === undefined ? !record.deletable : record.deletable && record.objectId === objectId))
}

/** Whether `nodes` hold enough shards for a certificate. */
export function isQuorum(world: WalrusWorld, nodes: Iterable<StorageNode>): boolean {
  let weight = 0
  for (const { shards } of nodes) weight += shards.size
  return 3 * weight >= 2 * world.geometry.nShards + 1
}

/**
 * Ends the epoch if that is switched on for this moment: `after-register` when
 * the first upload arrives, `after-upload` when its certificate is complete.
 */
export function playEpochFault(world: WalrusWorld, moment: 'after-register' | 'after-upload'): void {
  if (world.faults.peek('epoch')?.kind !== moment) return
  const { epochs = 1 } = world.faults.take('epoch') ?? {}
  for (let i = 0; i < epochs; i++) world.advanceEpoch()
}
