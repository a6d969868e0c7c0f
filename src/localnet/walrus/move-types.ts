import { bcs } from '@mysten/sui/bcs'

/*
 * BCS layouts of the on-chain structs of Walrus (`contracts/walrus/sources` of
 * the Walrus repository). The client package keeps its own copies private.
 */

const Element = bcs.struct('Element', { bytes: bcs.byteVector() })
const Balance = bcs.struct('Balance', { value: bcs.u64() })
const Collection = bcs.struct('Collection', { id: bcs.Address, size: bcs.u64() })
const ExtendedField = bcs.struct('ExtendedField', { id: bcs.Address })
const PendingValues = bcs.struct('PendingValues', {
  contents: bcs.vector(bcs.struct('PendingValue', { key: bcs.u32(), value: bcs.u64() })),
})
const Authorized = bcs.enum('Authorized', { Address: bcs.Address, ObjectID: bcs.Address })

/** `walrus::system::System` and `walrus::staking::Staking`: the same fields. */
export const VersionedRoot = bcs.struct('VersionedRoot', {
  id: bcs.Address,
  version: bcs.u64(),
  package_id: bcs.Address,
  new_package_id: bcs.option(bcs.Address),
})

const BlsCommittee = bcs.struct('BlsCommittee', {
  members: bcs.vector(bcs.struct('BlsCommitteeMember', { public_key: Element, weight: bcs.u16(), node_id: bcs.Address })),
  n_shards: bcs.u16(),
  epoch: bcs.u32(),
  total_aggregated_key: Element,
})

const FutureAccounting = bcs.struct('FutureAccounting', {
  epoch: bcs.u32(),
  used_capacity: bcs.u64(),
  rewards_to_distribute: Balance,
})

const EventBlob = bcs.struct('EventBlob', { blob_id: bcs.u256(), ending_checkpoint_sequence_number: bcs.u64() })

/** `walrus::system_state_inner::SystemStateInnerV1`. */
export const SystemStateInner = bcs.struct('SystemStateInnerV1', {
  committee: BlsCommittee,
  total_capacity_size: bcs.u64(),
  used_capacity_size: bcs.u64(),
  storage_price_per_unit_size: bcs.u64(),
  write_price_per_unit_size: bcs.u64(),
  future_accounting: bcs.struct('FutureAccountingRingBuffer', {
    current_index: bcs.u32(),
    length: bcs.u32(),
    ring_buffer: bcs.vector(FutureAccounting),
  }),
  event_blob_certification_state: bcs.struct('EventBlobCertificationState', {
    latest_certified_blob: bcs.option(EventBlob),
    aggregate_weight_per_blob: bcs.struct('EventBlobWeights', {
      contents: bcs.vector(bcs.struct('EventBlobWeight', { key: EventBlob, value: bcs.u16() })),
    }),
  }),
  deny_list_sizes: ExtendedField,
})

/** A parsed {@link SystemStateInner}. 64-bit numbers are decimal strings. */
export type SystemState = typeof SystemStateInner.$inferType

const Committee = bcs.struct('Committee', {
  contents: bcs.vector(bcs.struct('CommitteeEntry', { key: bcs.Address, value: bcs.vector(bcs.u16()) })),
})

/** `walrus::staking_inner::StakingInnerV1`. */
export const StakingInner = bcs.struct('StakingInnerV1', {
  n_shards: bcs.u16(),
  epoch_duration: bcs.u64(),
  first_epoch_start: bcs.u64(),
  pools: Collection,
  epoch: bcs.u32(),
  active_set: ExtendedField,
  next_committee: bcs.option(Committee),
  committee: Committee,
  previous_committee: Committee,
  next_epoch_params: bcs.option(
    bcs.struct('EpochParams', {
      total_capacity_size: bcs.u64(),
      storage_price_per_unit_size: bcs.u64(),
      write_price_per_unit_size: bcs.u64(),
    }),
  ),
  epoch_state: bcs.enum('EpochState', { EpochChangeSync: bcs.u16(), EpochChangeDone: bcs.u64(), NextParamsSelected: bcs.u64() }),
  next_epoch_public_keys: ExtendedField,
})

/** `walrus::staking_pool::StakingPool`: one per storage node; holds its address and key. */
export const StakingPool = bcs.struct('StakingPool', {
  id: bcs.Address,
  state: bcs.enum('PoolState', { Active: null, Withdrawing: bcs.u32(), Withdrawn: null }),
  voting_params: bcs.struct('VotingParams', { storage_price: bcs.u64(), write_price: bcs.u64(), node_capacity: bcs.u64() }),
  node_info: bcs.struct('StorageNodeInfo', {
    name: bcs.string(),
    node_id: bcs.Address,
    network_address: bcs.string(),
    public_key: Element,
    next_epoch_public_key: bcs.option(Element),
    network_public_key: bcs.byteVector(),
    metadata: ExtendedField,
  }),
  activation_epoch: bcs.u32(),
  latest_epoch: bcs.u32(),
  wal_balance: bcs.u64(),
  num_shares: bcs.u64(),
  pending_shares_withdraw: PendingValues,
  pre_active_withdrawals: PendingValues,
  pending_commission_rate: PendingValues,
  commission_rate: bcs.u16(),
  exchange_rates: Collection,
  pending_stake: PendingValues,
  rewards_pool: Balance,
  commission: Balance,
  commission_receiver: Authorized,
  governance_authorized: Authorized,
  extra_fields: Collection,
})

/** `walrus::storage_resource::Storage`. */
export const Storage = bcs.struct('Storage', {
  id: bcs.Address,
  start_epoch: bcs.u32(),
  end_epoch: bcs.u32(),
  storage_size: bcs.u64(),
})

/** `walrus::blob::Blob`. */
export const BlobObject = bcs.struct('Blob', {
  id: bcs.Address,
  registered_epoch: bcs.u32(),
  blob_id: bcs.u256(),
  size: bcs.u64(),
  encoding_type: bcs.u8(),
  certified_epoch: bcs.option(bcs.u32()),
  storage: Storage,
  deletable: bcs.bool(),
})

/** A parsed {@link BlobObject}. 64-bit and larger numbers are decimal strings. */
export type BlobStruct = typeof BlobObject.$inferType

/** `walrus::shared_blob::SharedBlob`. */
export const SharedBlob = bcs.struct('SharedBlob', { id: bcs.Address, blob: BlobObject, funds: Balance })

/** `walrus::metadata::Metadata`: the attributes of a blob, in insertion order. */
export const Metadata = bcs.struct('Metadata', {
  metadata: bcs.struct('VecMap', {
    contents: bcs.vector(bcs.struct('Entry', { key: bcs.string(), value: bcs.string() })),
  }),
})

/** `0x2::coin::Coin<T>`. */
export const Coin = bcs.struct('Coin', { id: bcs.Address, balance: bcs.u64() })

/** The dynamic field that holds an inner state under its root's version. */
export const SystemField = bcs.struct('SystemField', { id: bcs.Address, name: bcs.u64(), value: SystemStateInner })

/** See {@link SystemField}. */
export const StakingField = bcs.struct('StakingField', { id: bcs.Address, name: bcs.u64(), value: StakingInner })

/** The dynamic field that holds the attributes of a blob. */
export const MetadataField = bcs.struct('MetadataField', { id: bcs.Address, name: bcs.byteVector(), value: Metadata })

/** `walrus::events::{BlobRegistered, BlobCertified, BlobDeleted}`. */
export const BlobRegistered = bcs.struct('BlobRegistered', {
  epoch: bcs.u32(),
  blob_id: bcs.u256(),
  size: bcs.u64(),
  encoding_type: bcs.u8(),
  end_epoch: bcs.u32(),
  deletable: bcs.bool(),
  object_id: bcs.Address,
})

/** See {@link BlobRegistered}. */
export const BlobCertified = bcs.struct('BlobCertified', {
  epoch: bcs.u32(),
  blob_id: bcs.u256(),
  end_epoch: bcs.u32(),
  deletable: bcs.bool(),
  object_id: bcs.Address,
  is_extension: bcs.bool(),
})

/** See {@link BlobRegistered}. */
export const BlobDeleted = bcs.struct('BlobDeleted', {
  epoch: bcs.u32(),
  blob_id: bcs.u256(),
  end_epoch: bcs.u32(),
  object_id: bcs.Address,
  was_certified: bcs.bool(),
})
