import { normalizeStructTag, normalizeSuiAddress } from '@mysten/sui/utils'

/** Where the localnet's Walrus package lives. Fixed, so that golden transactions stay valid. */
export const WALRUS_PACKAGE: string = normalizeSuiAddress('0x3a1205')

/** Where the localnet's WAL coin package lives. */
const WAL_PACKAGE: string = normalizeSuiAddress('0x3a1')

/** The Move framework package. */
export const FRAMEWORK: string = normalizeSuiAddress('0x2')

const STDLIB = normalizeSuiAddress('0x1')

const inWalrus = (name: string): string => normalizeStructTag(`${WALRUS_PACKAGE}::${name}`)

/** Normalised type of the WAL coin. */
export const WAL_TYPE: string = normalizeStructTag(`${WAL_PACKAGE}::wal::WAL`)

/** Normalised types of everything the localnet's Walrus puts on chain. */
export const TYPES = Object.freeze({
  system: inWalrus('system::System'),
  systemInner: inWalrus('system_state_inner::SystemStateInnerV1'),
  staking: inWalrus('staking::Staking'),
  stakingInner: inWalrus('staking_inner::StakingInnerV1'),
  stakingPool: inWalrus('staking_pool::StakingPool'),
  blob: inWalrus('blob::Blob'),
  sharedBlob: inWalrus('shared_blob::SharedBlob'),
  storage: inWalrus('storage_resource::Storage'),
  metadata: inWalrus('metadata::Metadata'),
  blobRegistered: inWalrus('events::BlobRegistered'),
  blobCertified: inWalrus('events::BlobCertified'),
  blobDeleted: inWalrus('events::BlobDeleted'),
  walCoin: normalizeStructTag(`${FRAMEWORK}::coin::Coin<${WAL_TYPE}>`),
  string: normalizeStructTag(`${STDLIB}::string::String`),
  id: normalizeStructTag(`${FRAMEWORK}::object::ID`),
  metadataField: normalizeStructTag(`${FRAMEWORK}::dynamic_field::Field<vector<u8>, ${WALRUS_PACKAGE}::metadata::Metadata>`),
})

/** The version of the System and Staking objects, and the key of their inner state. */
export const ROOT_VERSION = 1n
