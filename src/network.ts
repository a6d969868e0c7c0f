import type { ClientWithCoreApi } from '@mysten/sui/client'
import type { Signer } from '@mysten/sui/cryptography'
import type { Clock, Fetch } from './core/capabilities.ts'
import { LocketError } from './core/errors.ts'
import type { SealNetwork } from './seal/types.ts'
import type { WalrusNetwork } from './walrus/types.ts'

/** Everything Locket needs of the outside world: a chain, a wallet, key servers and storage. */
export type Network = {
  readonly name: string
  readonly client: ClientWithCoreApi
  readonly signer: Signer
  readonly seal: SealNetwork
  readonly walrus: WalrusNetwork
  /** Defaults to the platform's clock. A localnet brings its own, which can be advanced. */
  readonly clock?: Clock | undefined
  /** Transport for whatever has none of its own. Defaults to `globalThis.fetch`. */
  readonly fetch?: Fetch | undefined
}

export type TestnetOptions = {
  /** A client for testnet: `new SuiGrpcClient({ network: 'testnet', baseUrl })`. */
  readonly client: ClientWithCoreApi
  readonly signer: Signer
  /** Package id of `contracts/move` as first published on testnet. There is no default: publish it once, then keep the id. */
  readonly policyPackageId: string
  /** Replaces the key servers and threshold named below. */
  readonly seal?: Partial<Omit<SealNetwork, 'policyPackageId'>> | undefined
  /** Replaces the services named below. */
  readonly walrus?: Partial<WalrusNetwork> | undefined
  readonly clock?: Clock | undefined
  readonly fetch?: Fetch | undefined
}

/**
 * Sui's testnet with Mysten Labs' public services: two independent key servers
 * in open mode and a committee, of which two must answer; the Walrus testnet,
 * its reference aggregator and upload relay. Ids as the npm packages
 * `@mysten/seal` 1.4.12 and `@mysten/walrus` 1.2.13 and their documentation
 * give them; testnets are reset from time to time, so they can go stale.
 *
 * Makes no request. Server keys are not pinned: pass `seal.pinnedPublicKeys` to
 * refuse a server that changes its key.
 *
 * @throws {LocketError} `chain/wrong-network` if `client` is of another network;
 *   `usage/invalid-argument` if `policyPackageId` is not a package id.
 */
export function testnet(options: TestnetOptions): Network {
  const { client, signer, policyPackageId } = options
  if (client.network !== 'testnet') {
    throw new LocketError('chain/wrong-network', {
      operation: 'network.testnet',
      message: `the client is of ${client.network}, not of testnet`,
      details: { network: client.network },
    })
  }
  if (!/^0x[0-9a-fA-F]{1,64}$/.test(policyPackageId)) {
    throw new LocketError('usage/invalid-argument', {
      operation: 'network.testnet',
      message: 'policyPackageId must be the 0x… id of the published policy package',
      details: { parameter: 'policyPackageId' },
    })
  }
  return Object.freeze<Network>({
    name: 'testnet',
    client,
    signer,
    seal: Object.freeze<SealNetwork>({
      servers: [
        { objectId: '0x73d05d62c18d9374e3ea529e8e0ed6161da1a141a94d3f76ae3fe4e99356db75', weight: 1 },
        { objectId: '0xf5d14a81a982144ae441cd7d64b09027f116a468bd36e7eca494f750591623c8', weight: 1 },
        {
          objectId: '0xb012378c9f3799fb5b1a7083da74a4069e3c3f1c93de0b27212a5799ce1e1e98',
          weight: 1,
          aggregatorUrl: 'https://seal-aggregator-testnet.mystenlabs.com',
        },
      ],
      threshold: 2,
      fetch: options.fetch,
      ...options.seal,
      policyPackageId,
    }),
    walrus: Object.freeze<WalrusNetwork>({
      systemObjectId: '0x6c2547cbbc38025cf3adac45f63cb0a8d12ecf777cdc75a4971612bf97fdf6af',
      stakingPoolId: '0xbe46180321c30aab2f8b3501e24048377287fa708018a5b7c2792b35fe339ee3',
      aggregators: ['https://aggregator.walrus-testnet.walrus.space'],
      upload: { via: 'relay', host: 'https://upload-relay.testnet.walrus.space', maxTipMist: 1_000 },
      nShards: 1_000,
      maxEpochs: 53,
      fetch: options.fetch,
      ...options.walrus,
    }),
    clock: options.clock,
    fetch: options.fetch,
  })
}
