import type { Ledger, LedgerObject } from '../ledger/types.ts'
import { blobIdFromInt } from './blob-id.ts'
import { BlobObject, type BlobStruct, SharedBlob } from './move-types.ts'
import { TYPES } from './names.ts'

/** What storage nodes know about one `Blob` object from the chain's events. */
export type BlobRecord = {
  /** The `Blob`'s id. */
  readonly objectId: string
  readonly blobId: string
  readonly sizeBytes: number
  readonly deletable: boolean
  readonly certifiedEpoch: number | undefined
  /** First epoch in which it is no longer stored. */
  readonly endEpoch: number
  readonly previousTransaction: string | undefined
}

/**
 * Which blobs the chain says are to be stored. Nothing is remembered but ids:
 * the answers are read from the ledger each time, so a dropped or simulated
 * transaction leaves no trace.
 */
export type BlobRegistry = {
  /** Says that an object may hold this blob. Cheap and harmless if it never comes to be. */
  note(blobId: string, objectId: string): void
  /** Says that a `Blob` is being burned: the object goes, the stored data stays until its last epoch. */
  noteBurned(blob: BlobStruct): void
  /** Says that a `Blob` is being deleted with its data. */
  noteDeleted(objectId: string): void
  /** All unexpired registrations of a blob. */
  registrationsOf(blobId: string, epoch: number): readonly BlobRecord[]
  /** The blob inside a `Blob` or `SharedBlob` object. */
  byObjectId(objectId: string): BlobRecord | undefined
  isCertified(blobId: string, epoch: number): boolean
}

/** A registry over the objects of `ledger`. */
export function createBlobRegistry(ledger: Ledger): BlobRegistry {
  const candidates = new Map<string, Set<string>>()
  const burned = new Map<string, BlobRecord>()

  const byObjectId = (objectId: string): BlobRecord | undefined => {
    const object = ledger.get(objectId)
    return object === undefined ? undefined : recordOf(object)
  }
  const registrationsOf = (blobId: string, epoch: number): readonly BlobRecord[] => {
    const found: BlobRecord[] = []
    for (const objectId of candidates.get(blobId) ?? []) {
      const record = byObjectId(objectId) ?? burned.get(objectId)
      if (record !== undefined && record.blobId === blobId && record.endEpoch > epoch) found.push(record)
    }
    return found
  }
  return Object.freeze<BlobRegistry>({
    note(blobId, objectId) {
      const known = candidates.get(blobId)
      if (known === undefined) candidates.set(blobId, new Set([objectId]))
      else known.add(objectId)
    },
    noteBurned: (blob) => void burned.set(blob.id, fromStruct(blob, undefined)),
    noteDeleted: (objectId) => void burned.delete(objectId),
    registrationsOf,
    byObjectId,
    isCertified: (blobId, epoch) => registrationsOf(blobId, epoch).some(({ certifiedEpoch }) => certifiedEpoch !== undefined),
  })
}

function recordOf(object: LedgerObject): BlobRecord | undefined {
  const transaction = object.previousTransaction ?? undefined
  if (object.type === TYPES.blob) return fromStruct(BlobObject.parse(object.contents), transaction)
  if (object.type === TYPES.sharedBlob) return fromStruct(SharedBlob.parse(object.contents).blob, transaction)
  return undefined
}

function fromStruct(blob: BlobStruct, previousTransaction: string | undefined): BlobRecord {
  return {
    objectId: blob.id,
    blobId: blobIdFromInt(blob.blob_id),
    sizeBytes: Number(blob.size),
    deletable: blob.deletable,
    certifiedEpoch: blob.certified_epoch ?? undefined,
    endEpoch: blob.storage.end_epoch,
    previousTransaction,
  }
}
