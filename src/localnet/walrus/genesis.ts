import { bcs } from '@mysten/sui/bcs'
import type { Ledger } from '../ledger/types.ts'
import type { StorageCommittee } from './committee.ts'
import { StakingInner, StakingPool, SystemStateInner, VersionedRoot } from './move-types.ts'
import { ROOT_VERSION, TYPES, WALRUS_PACKAGE } from './names.ts'
import { emptyAccounting } from './system-state.ts'

/** What storage costs, in FROST per storage unit (1 MiB of encoded size). */
export type WalrusPrices = { readonly storageFrostPerEpoch: bigint; readonly writeFrost: bigint }

const ZERO_ADDRESS = `0x${'0'.repeat(64)}`
const SHARED = { kind: 'shared', initialVersion: 1n } as const

/** Puts Walrus on the ledger as if it had been running: system, staking and one pool per node. */
export function placeGenesis(
  ledger: Ledger,
  options: {
    readonly committee: StorageCommittee
    readonly nShards: number
    readonly epoch: number
    readonly maxEpochs: number
    readonly prices: WalrusPrices
    readonly capacityBytes: bigint
  },
): { readonly systemObjectId: string; readonly stakingPoolId: string } {
  const { committee, nShards, epoch, prices } = options
  const collection = () => ({ id: ledger.freshId(), size: 0n })
  const extendedField = () => ({ id: ledger.freshId() })
  const root = (type: string): string => {
    const id = ledger.freshId()
    const contents = VersionedRoot.serialize({ id, version: ROOT_VERSION, package_id: WALRUS_PACKAGE, new_package_id: null }).toBytes()
    ledger.place({ id, type, contents, owner: SHARED })
    return id
  }
  const inner = (parent: string, valueType: string, value: Uint8Array): void => {
    ledger.placeField({ parent, nameType: 'u64', name: bcs.u64().serialize(ROOT_VERSION).toBytes(), valueType, value })
  }

  const systemObjectId = root(TYPES.system)
  const systemState = SystemStateInner.serialize({
    committee: {
      members: committee.nodes.map((node) => ({
        public_key: { bytes: node.publicKeyUncompressed },
        weight: node.shards.size,
        node_id: node.id,
      })),
      n_shards: nShards,
      epoch,
      total_aggregated_key: { bytes: committee.aggregateKey },
    },
    total_capacity_size: options.capacityBytes,
    used_capacity_size: 0n,
    storage_price_per_unit_size: prices.storageFrostPerEpoch,
    write_price_per_unit_size: prices.writeFrost,
    future_accounting: emptyAccounting(epoch, options.maxEpochs),
    event_blob_certification_state: { latest_certified_blob: null, aggregate_weight_per_blob: { contents: [] } },
    deny_list_sizes: extendedField(),
  })
  inner(systemObjectId, TYPES.systemInner, systemState.toBytes())

  const stakingPoolId = root(TYPES.staking)
  const assignment = { contents: committee.nodes.map((node) => ({ key: node.id, value: [...node.shards] })) }
  const stakingState = StakingInner.serialize({
    n_shards: nShards,
    epoch_duration: 86_400_000n,
    first_epoch_start: 0n,
    pools: { ...collection(), size: BigInt(committee.nodes.length) },
    epoch,
    active_set: extendedField(),
    next_committee: null,
    committee: assignment,
    previous_committee: assignment,
    next_epoch_params: null,
    epoch_state: { EpochChangeDone: BigInt(Math.max(0, Math.trunc(ledger.nowMs()))) },
    next_epoch_public_keys: extendedField(),
  })
  inner(stakingPoolId, TYPES.stakingInner, stakingState.toBytes())

  for (const node of committee.nodes) {
    const contents = StakingPool.serialize({
      id: node.id,
      state: { Active: true },
      voting_params: {
        storage_price: prices.storageFrostPerEpoch,
        write_price: prices.writeFrost,
        node_capacity: options.capacityBytes / BigInt(committee.nodes.length),
      },
      node_info: {
        name: `node-${node.index}`,
        node_id: node.id,
        network_address: node.host,
        public_key: { bytes: node.publicKey },
        next_epoch_public_key: null,
        network_public_key: new Uint8Array(33),
        metadata: extendedField(),
      },
      activation_epoch: epoch,
      latest_epoch: epoch,
      wal_balance: 0n,
      num_shares: 0n,
      pending_shares_withdraw: { contents: [] },
      pre_active_withdrawals: { contents: [] },
      pending_commission_rate: { contents: [] },
      commission_rate: 0,
      exchange_rates: collection(),
      pending_stake: { contents: [] },
      rewards_pool: { value: 0n },
      commission: { value: 0n },
      commission_receiver: { Address: ZERO_ADDRESS },
      governance_authorized: { Address: ZERO_ADDRESS },
      extra_fields: collection(),
    }).toBytes()
    ledger.place({ id: node.id, type: TYPES.stakingPool, contents, owner: SHARED })
  }
  return { systemObjectId, stakingPoolId }
}
