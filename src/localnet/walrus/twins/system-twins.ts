import { deriveDynamicFieldID } from '@mysten/sui/utils'
import type { Twin } from '../../ledger/types.ts'
import { blobIdFromInt, deriveBlobId, ENCODING_RS2 } from '../blob-id.ts'
import type { BlobRegistry } from '../blob-registry.ts'
import type { StorageCommittee } from '../committee.ts'
import type { Encoder } from '../encoder.ts'
import { encodedBytes, type Geometry, unitsOf } from '../geometry.ts'
import { BlobCertified, BlobDeleted, BlobObject, BlobRegistered, type BlobStruct, Storage, type SystemState } from '../move-types.ts'
import { TYPES } from '../names.ts'
import { accountAhead } from '../system-state.ts'
import { BLOB_ABORT, ENCODING_ABORT, SYSTEM_ABORT } from './abort-codes.ts'
import { byMutRef, byValue, objectValue, PARAMETERS, PURE, type TwinCall, walrusTwin } from './call.ts'
import { verifyBlobCertificate } from './certificate.ts'
import { openSystemState } from './inner-state.ts'
import { METADATA_FIELD } from './metadata-field.ts'

/** What the twins of `walrus::system` need beside the ledger. */
export type SystemTwinsOptions = {
  readonly geometry: Geometry
  readonly committee: StorageCommittee
  readonly encoder: Encoder
  readonly registry: BlobRegistry
}

/**
 * Twins of `walrus::system::{reserve_space, register_blob, certify_blob,
 * delete_blob, extend_blob}` and of `walrus::staking::stake_with_pool`, which
 * exists for its signature only: the client reads the WAL type from it.
 */
export function systemTwins(options: SystemTwinsOptions): readonly Twin[] {
  return [
    reserveSpace(),
    registerBlob(options),
    certifyBlob(options),
    deleteBlob(options.registry),
    extendBlob(),
    walrusTwin('staking', 'stake_with_pool', [byMutRef(TYPES.staking), byValue(TYPES.walCoin), byValue(TYPES.id)], (call) =>
      // EWrongVersion: staking is not part of the localnet.
      call.abort('staking', 'stake_with_pool', 1),
    ),
  ]
}

function reserveSpace(): Twin {
  const parameters = [PARAMETERS.systemMut, byValue('u64'), byValue('u32'), PARAMETERS.walMut]
  return walrusTwin('system', 'reserve_space', parameters, (call) => {
    const system = openSystemState(call.context, call.object(0))
    const sizeBytes = BigInt(call.pure(1, PURE.u64))
    const epochsAhead = call.pure(2, PURE.u32)
    const { length } = system.state.future_accounting
    if (epochsAhead === 0 || epochsAhead > length) call.abort('system_state_inner', 'reserve_space', SYSTEM_ABORT.invalidEpochsAhead)
    payForStorage(call, system.state, { sizeBytes, from: 0, to: epochsAhead, coin: 3 })
    if (sizeBytes === 0n) call.abort('system_state_inner', 'reserve_space_without_payment', SYSTEM_ABORT.invalidResourceSize)
    useCapacity(call, system.state, { sizeBytes, from: 0, to: epochsAhead, fn: 'reserve_space_without_payment' })
    system.save()
    const id = call.context.freshId()
    const contents = Storage.serialize({
      id,
      start_epoch: system.epoch,
      end_epoch: system.epoch + epochsAhead,
      storage_size: sizeBytes,
    }).toBytes()
    call.context.write({ id, type: TYPES.storage, contents })
    return [objectValue(TYPES.storage, id, contents)]
  })
}

function registerBlob({ geometry, registry }: SystemTwinsOptions): Twin {
  const parameters = [
    PARAMETERS.systemMut,
    byValue(TYPES.storage),
    byValue('u256'),
    byValue('u256'),
    byValue('u64'),
    byValue('u8'),
    byValue('bool'),
    PARAMETERS.walMut,
  ]
  return walrusTwin('system', 'register_blob', parameters, (call) => {
    const system = openSystemState(call.context, call.object(0))
    const storage = Storage.parse(call.object(1).contents)
    const blobId = BigInt(call.pure(2, PURE.u256))
    const rootHash = BigInt(call.pure(3, PURE.u256))
    const sizeBytes = BigInt(call.pure(4, PURE.u64))
    const encodingType = call.pure(5, PURE.u8)
    const deletable = call.pure(6, PURE.bool)

    if (system.epoch < storage.start_epoch || system.epoch >= storage.end_epoch) call.abort('blob', 'new', BLOB_ABORT.resourceBounds)
    if (encodingType !== ENCODING_RS2) call.abort('encoding', 'encoded_blob_length', ENCODING_ABORT.invalidEncodingType)
    const encoded = encodedBytes(geometry, sizeBytes)
    if (encoded > BigInt(storage.storage_size)) call.abort('blob', 'new', BLOB_ABORT.resourceSize)
    if (deriveBlobId(rootHash, encodingType, sizeBytes) !== blobId) call.abort('blob', 'new', BLOB_ABORT.invalidBlobId)
    const price = unitsOf(encoded) * BigInt(system.state.write_price_per_unit_size)
    call.pay(7, price)
    addRewards(system.state, 0, price)
    system.save()

    const id = call.context.freshId()
    const blob: BlobStruct = {
      id,
      registered_epoch: system.epoch,
      blob_id: String(blobId),
      size: String(sizeBytes),
      encoding_type: encodingType,
      certified_epoch: null,
      storage,
      deletable,
    }
    const contents = BlobObject.serialize(blob).toBytes()
    // The Storage object lives on inside the blob.
    call.context.delete(storage.id)
    call.context.write({ id, type: TYPES.blob, contents })
    registry.note(blobIdFromInt(blobId), id)
    call.context.emit({
      type: TYPES.blobRegistered,
      bcs: new Uint8Array(
        BlobRegistered.serialize({
          epoch: system.epoch,
          blob_id: blobId,
          size: sizeBytes,
          encoding_type: encodingType,
          end_epoch: storage.end_epoch,
          deletable,
          object_id: id,
        }).toBytes(),
      ),
    })
    return [objectValue(TYPES.blob, id, contents)]
  })
}

function certifyBlob({ committee, encoder }: SystemTwinsOptions): Twin {
  const parameters = [PARAMETERS.system, PARAMETERS.blobMut, PARAMETERS.bytes, PARAMETERS.bytes, PARAMETERS.bytes]
  return walrusTwin('system', 'certify_blob', parameters, (call) => {
    const system = openSystemState(call.context, call.object(0))
    const blob = BlobObject.parse(call.object(1).contents)
    const certified = verifyBlobCertificate(call, {
      state: system.state,
      committee,
      encoder,
      signature: Uint8Array.from(call.pure(2, PURE.bytes)),
      bitmap: Uint8Array.from(call.pure(3, PURE.bytes)),
      message: Uint8Array.from(call.pure(4, PURE.bytes)),
    })
    const refuse = (code: number): never => call.abort('blob', 'certify_with_certified_msg', code)
    if (certified.blobId !== blob.blob_id) refuse(BLOB_ABORT.invalidBlobId)
    if (blob.certified_epoch !== null) refuse(BLOB_ABORT.alreadyCertified)
    if (system.epoch >= blob.storage.end_epoch) refuse(BLOB_ABORT.resourceBounds)
    if (blob.deletable !== (certified.objectId !== undefined)) refuse(BLOB_ABORT.invalidPersistenceType)
    if (blob.deletable && certified.objectId !== blob.id) refuse(BLOB_ABORT.invalidBlobObject)
    saveBlob(call, { ...blob, certified_epoch: system.epoch }, false)
  })
}

function deleteBlob(registry: BlobRegistry): Twin {
  return walrusTwin('system', 'delete_blob', [PARAMETERS.system, PARAMETERS.blob], (call) => {
    const { epoch } = openSystemState(call.context, call.object(0))
    const blob = BlobObject.parse(call.object(1).contents)
    if (!blob.deletable) call.abort('blob', 'delete', BLOB_ABORT.notDeletable)
    if (blob.storage.end_epoch <= epoch) call.abort('blob', 'delete', BLOB_ABORT.resourceBounds)
    removeBlob(call, blob.id)
    registry.noteDeleted(blob.id)
    const contents = Storage.serialize(blob.storage).toBytes()
    call.context.write({ id: blob.storage.id, type: TYPES.storage, contents })
    call.context.emit({
      type: TYPES.blobDeleted,
      bcs: new Uint8Array(
        BlobDeleted.serialize({
          epoch,
          blob_id: blob.blob_id,
          end_epoch: blob.storage.end_epoch,
          object_id: blob.id,
          was_certified: blob.certified_epoch !== null,
        }).toBytes(),
      ),
    })
    return [objectValue(TYPES.storage, blob.storage.id, contents)]
  })
}

function extendBlob(): Twin {
  const parameters = [PARAMETERS.systemMut, PARAMETERS.blobMut, byValue('u32'), PARAMETERS.walMut]
  return walrusTwin('system', 'extend_blob', parameters, (call) => {
    const system = openSystemState(call.context, call.object(0))
    const blob = BlobObject.parse(call.object(1).contents)
    const epochs = call.pure(2, PURE.u32)
    if (blob.certified_epoch === null) call.abort('blob', 'assert_certified_not_expired', BLOB_ABORT.notCertified)
    if (system.epoch >= blob.storage.end_epoch) call.abort('blob', 'assert_certified_not_expired', BLOB_ABORT.resourceBounds)
    const from = blob.storage.end_epoch - system.epoch
    const to = from + epochs
    if (epochs === 0 || to > system.state.future_accounting.length) {
      call.abort('system_state_inner', 'extend_blob', SYSTEM_ABORT.invalidEpochsAhead)
    }
    const sizeBytes = BigInt(blob.storage.storage_size)
    payForStorage(call, system.state, { sizeBytes, from, to, coin: 3 })
    useCapacity(call, system.state, { sizeBytes, from, to, fn: 'extend_blob' })
    system.save()
    saveBlob(call, { ...blob, storage: { ...blob.storage, end_epoch: blob.storage.end_epoch + epochs } }, true)
  })
}

type EpochRange = { readonly sizeBytes: bigint; readonly from: number; readonly to: number }

/** `process_storage_payments`: one payment per epoch, so a coin that is too small aborts half-way, which undoes everything. */
function payForStorage(call: TwinCall, state: SystemState, range: EpochRange & { readonly coin: number }): void {
  const perEpoch = unitsOf(range.sizeBytes) * BigInt(state.storage_price_per_unit_size)
  call.pay(range.coin, perEpoch * BigInt(range.to - range.from))
  for (let ahead = range.from; ahead < range.to; ahead++) addRewards(state, ahead, perEpoch)
}

function useCapacity(call: TwinCall, state: SystemState, range: EpochRange & { readonly fn: string }): void {
  for (let ahead = range.from; ahead < range.to; ahead++) {
    const account = accountAhead(state, ahead)
    const used = BigInt(account.used_capacity) + range.sizeBytes
    account.used_capacity = String(used)
    if (ahead === 0) state.used_capacity_size = String(used)
    if (used > BigInt(state.total_capacity_size)) call.abort('system_state_inner', range.fn, SYSTEM_ABORT.storageExceeded)
  }
}

function addRewards(state: SystemState, ahead: number, frost: bigint): void {
  const { rewards_to_distribute } = accountAhead(state, ahead)
  rewards_to_distribute.value = String(BigInt(rewards_to_distribute.value) + frost)
}

function saveBlob(call: TwinCall, blob: BlobStruct, isExtension: boolean): void {
  call.context.write({ id: blob.id, type: TYPES.blob, contents: BlobObject.serialize(blob).toBytes() })
  call.context.emit({
    type: TYPES.blobCertified,
    bcs: new Uint8Array(
      BlobCertified.serialize({
        epoch: blob.certified_epoch ?? 0,
        blob_id: blob.blob_id,
        end_epoch: blob.storage.end_epoch,
        deletable: blob.deletable,
        object_id: blob.id,
        is_extension: isExtension,
      }).toBytes(),
    ),
  })
}

/** Removes a blob with its attributes, as `blob::delete` and `blob::burn` do. */
export function removeBlob(call: TwinCall, blobObjectId: string): void {
  const fieldId = deriveDynamicFieldID(blobObjectId, METADATA_FIELD.nameType, METADATA_FIELD.name)
  if (call.context.get(fieldId) !== undefined) call.context.delete(fieldId)
  call.context.delete(blobObjectId)
}
