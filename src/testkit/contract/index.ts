/** What an adapter must pass to take a port's name. */

export { blobStoreContract, type BlobStoreBench, type BlobStoreContractOptions } from './blob-store.ts'
export { relayContract, type RelayBench, type RelayContractOptions } from './relay.ts'
