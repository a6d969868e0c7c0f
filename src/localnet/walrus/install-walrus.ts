import { type Bytes, copyBytes, toHex } from '../../core/bytes.ts'
import { type Clock, type Entropy, type Fetch, randomBytes, systemClock, systemEntropy } from '../../core/capabilities.ts'
import { LocketError } from '../../core/errors.ts'
import type { WalrusNetwork } from '../../walrus/types.ts'
import { createFaults, type Faults } from '../faults.ts'
import type { Ledger, LedgerObject } from '../ledger/types.ts'
import { createBlobRegistry } from './blob-registry.ts'
import { createBlobShelf } from './blob-shelf.ts'
import { createCommittee } from './committee.ts'
import { loadEncoder } from './encoder.ts'
import { placeGenesis, type WalrusPrices } from './genesis.ts'
import { geometryOf } from './geometry.ts'
import { Coin, StakingField } from './move-types.ts'
import { TYPES, WAL_TYPE, WALRUS_PACKAGE } from './names.ts'
import { createAggregator } from './services/aggregator.ts'
import { createPublisher } from './services/publisher.ts'
import { createRelay } from './services/relay.ts'
import { createStorageNode } from './services/storage-node.ts'
import { innerStateId, nextEpoch, readSystemState, withSystemState } from './system-state.ts'
import type { FindTransaction, TipConfig } from './tip.ts'
import { blobTwins } from './twins/blob-twins.ts'
import { systemTwins } from './twins/system-twins.ts'
import type { WalrusWorld } from './world.ts'

export type WalrusNetOptions = {
  /** 100: quick, 66 files per quilt, blob ids of its own. 1000: the real network's ids and limits, and its computing time. */
  readonly nShards: 100 | 1000
  /** Storage nodes. Default 13, of which 4 may fail. At least 11: with fewer the client has a bug of its own. */
  readonly nodes?: number | undefined
  /** How `network` uploads. Default `relay`. All three services run whatever is chosen. */
  readonly upload?: WalrusNetwork['upload']['via'] | undefined
  /** Aggregators. Default 2. */
  readonly aggregators?: number | undefined
  /** What the relay asks. Default: nothing. A tip needs `findTransaction`. */
  readonly tip?: TipConfig | undefined
  readonly findTransaction?: FindTransaction | undefined
  /** Default 11,000 FROST per unit and epoch, 20,000 per unit written. */
  readonly prices?: WalrusPrices | undefined
  /** All the storage there is, in encoded bytes. Default 10^15. */
  readonly capacityBytes?: bigint | undefined
  /** Where node keys and the publisher's address come from. Defaults to the platform's. */
  readonly entropy?: Entropy | undefined
  /** Whose time slow services take. Defaults to the platform's. */
  readonly clock?: Clock | undefined
  readonly faults?: Faults | undefined
  /** Domain of all hosts. Default `walrus.localnet.test`, which no resolver knows. */
  readonly domain?: string | undefined
  /** URL of walrus-wasm for bundlers that do not emit it by themselves. */
  readonly wasmUrl?: string | undefined
}

/** A whole blob and its id. */
export type StoredBlob = { readonly blobId: string; readonly bytes: Uint8Array }

/** A Walrus network in this process. */
export type WalrusNet = {
  /** What a client needs to use it. */
  readonly network: WalrusNetwork
  readonly walType: string
  readonly packageId: string
  /** Who owns what the publisher stores for others, unless they ask for it. */
  readonly publisherAddress: string
  /** Base URLs of the services. */
  readonly urls: {
    readonly relay: string
    readonly publisher: string
    readonly aggregators: readonly string[]
    readonly nodes: readonly string[]
  }
  /** Answers a request to one of its hosts; `undefined` for any other host. */
  handle(request: Request): Promise<Response> | undefined
  /** {@link WalrusNet.handle} in the shape of `fetch`. Other hosts do not exist. */
  readonly fetch: Fetch
  /** Gives `to` a coin of `amountFrost`; returns the coin's id. */
  mintWal(to: string, amountFrost: bigint): string
  /** Walrus's epoch, which is not Sui's. It moves along when the ledger's epoch does. */
  epoch(): number
  /** Begins the next Walrus epoch: storage that has run out is gone for good. Sui's epoch stays. */
  advanceEpoch(): void
  /** Everything the storage nodes hold in full, as plain data. */
  storedBlobs(): readonly StoredBlob[]
  /**
   * Takes back what {@link WalrusNet.storedBlobs} gave, after the ledger was
   * restored to the state of that moment. `objects` are all objects of the
   * ledger. Data of blobs whose objects were burned is not kept.
   */
  restoreBlobs(blobs: readonly StoredBlob[], objects: Iterable<LedgerObject>): void
  /** Changes prices from now on. Clients cache prices until they are reset. */
  setPrices(prices: WalrusPrices): void
}

/** Most epochs ahead that storage is sold for, on mainnet and testnet. */
const MAX_EPOCHS = 53
const DEFAULT_PRICES: WalrusPrices = { storageFrostPerEpoch: 11_000n, writeFrost: 20_000n }
const MIN_NODES = 11
const MAX_TIP_MIST = 10_000_000

/**
 * Puts a Walrus network on `ledger`: contracts, storage nodes, an upload relay,
 * a publisher and aggregators, so that the unmodified `@mysten/walrus` client
 * runs on it. Blobs are really encoded, certificates really signed and verified,
 * prices really paid.
 *
 * What it is not: there is no Move VM behind the Walrus contracts, they are
 * TypeScript twins with the same checks in the same order; storage pools,
 * staking and subsidies are missing; nodes share one store and never lose data,
 * and do not recompute the hashes of uploaded slivers.
 *
 * @throws {LocketError} `usage/invalid-argument` for a number of shards or nodes that cannot work, or a tip without `findTransaction`.
 * @throws {LocketError} `usage/missing-peer` if walrus-wasm cannot be loaded.
 */
export async function installWalrus(ledger: Ledger, options: WalrusNetOptions): Promise<WalrusNet> {
  const { nShards, nodes: nodeCount = 13, aggregators: aggregatorCount = 2, domain = 'walrus.localnet.test', tip } = options
  requireUsable(nShards === 100 || nShards === 1000, 'nShards', '100 or 1000')
  requireUsable(Number.isInteger(nodeCount) && nodeCount >= MIN_NODES && nodeCount <= nShards, 'nodes', `${MIN_NODES} to ${nShards}`)
  requireUsable(Number.isInteger(aggregatorCount) && aggregatorCount >= 1, 'aggregators', 'at least 1')
  requireUsable(tip === undefined || options.findTransaction !== undefined, 'findTransaction', 'given together with a tip')
  const entropy = options.entropy ?? systemEntropy()
  const faults = options.faults ?? createFaults()
  const geometry = geometryOf(nShards)
  const encoder = await loadEncoder(geometry, options.wasmUrl)

  const hostOf = (index: number): string => `node-${index}.${domain}`
  const committee = createCommittee({ count: nodeCount, nShards, hostOf, freshId: () => ledger.freshId(), entropy })
  const { systemObjectId, stakingPoolId } = placeGenesis(ledger, {
    committee,
    nShards,
    epoch: ledger.epoch(),
    maxEpochs: MAX_EPOCHS,
    prices: options.prices ?? DEFAULT_PRICES,
    capacityBytes: options.capacityBytes ?? 10n ** 15n,
  })
  const registry = createBlobRegistry(ledger)
  const shelf = createBlobShelf(encoder, geometry)

  const fieldOf = (rootId: string) => {
    const field = ledger.get(innerStateId(rootId))
    if (field === undefined)
      throw new LocketError('chain/not-found', { operation: 'localnet.walrus', message: 'Walrus is not on this ledger' })
    return field
  }
  const systemState = () => readSystemState(fieldOf(systemObjectId))
  const updateSystem = (change: (state: ReturnType<typeof systemState>) => void): void => {
    const field = fieldOf(systemObjectId)
    const state = readSystemState(field)
    change(state)
    ledger.place({ ...field, contents: withSystemState(field, state) })
  }
  // PERF: asked several times per request, and parsing the state takes 0.1 ms. Contents are never changed in place.
  let known: { readonly contents: Uint8Array; readonly epoch: number } | undefined
  const epoch = (): number => {
    const field = fieldOf(systemObjectId)
    if (known?.contents !== field.contents) known = { contents: field.contents, epoch: readSystemState(field).committee.epoch }
    return known.epoch
  }

  const advanceEpoch = (): void => {
    updateSystem(nextEpoch)
    const field = fieldOf(stakingPoolId)
    const parsed = StakingField.parse(field.contents)
    parsed.value.epoch++
    const epoch_state = { EpochChangeDone: BigInt(Math.max(0, Math.trunc(ledger.nowMs()))) }
    ledger.place({ ...field, contents: StakingField.serialize({ ...parsed, value: { ...parsed.value, epoch_state } }).toBytes() })
    const now = epoch()
    shelf.retain((blobId) => registry.registrationsOf(blobId, now).length > 0)
  }
  ledger.onEpochChange(advanceEpoch)

  const world: WalrusWorld = {
    ledger,
    clock: options.clock ?? systemClock(),
    entropy,
    faults,
    geometry,
    encoder,
    committee,
    registry,
    shelf,
    systemState,
    epoch,
    advanceEpoch,
  }
  for (const twin of systemTwins({ geometry, committee, encoder, registry })) ledger.registerTwin(twin)
  for (const twin of blobTwins(registry)) ledger.registerTwin(twin)

  const publisherAddress = addressFrom(randomBytes(entropy, 32))
  const services = new Map<string, (request: Request) => Promise<Response>>()
  const relayHost = `relay.${domain}`
  const publisherHost = `publisher.${domain}`
  const aggregatorHosts = Array.from({ length: aggregatorCount }, (_, index) => `aggregator-${index}.${domain}`)
  services.set(relayHost, createRelay(world, { tip, findTransaction: options.findTransaction }))
  services.set(publisherHost, createPublisher(world, publisherAddress))
  for (const [index, host] of aggregatorHosts.entries()) services.set(host, createAggregator(world, index))
  for (const node of committee.nodes) services.set(node.host, createStorageNode(world, node))

  const handle: WalrusNet['handle'] = (request) => services.get(new URL(request.url).hostname)?.(request)
  const fetch: Fetch = async (input, init) => {
    const request = new Request(input, init)
    request.signal.throwIfAborted()
    const answer = handle(request)
    if (answer === undefined) throw new TypeError(`fetch failed: no such host ${new URL(request.url).hostname}`)
    return answer
  }
  const urls = {
    relay: urlOf(relayHost),
    publisher: urlOf(publisherHost),
    aggregators: aggregatorHosts.map(urlOf),
    nodes: committee.nodes.map((node) => urlOf(node.host)),
  }
  return Object.freeze<WalrusNet>({
    network: Object.freeze<WalrusNetwork>({
      systemObjectId,
      stakingPoolId,
      aggregators: urls.aggregators,
      upload: uploadVia(options.upload ?? 'relay', urls),
      nShards,
      maxEpochs: MAX_EPOCHS,
      fetch,
      wasmUrl: options.wasmUrl,
    }),
    walType: WAL_TYPE,
    packageId: WALRUS_PACKAGE,
    publisherAddress,
    urls,
    handle,
    fetch,
    mintWal(to, amountFrost) {
      const id = ledger.freshId()
      const contents = Coin.serialize({ id, balance: amountFrost }).toBytes()
      ledger.place({ id, type: TYPES.walCoin, contents, owner: { kind: 'address', address: to } })
      return id
    },
    epoch,
    advanceEpoch,
    storedBlobs: () =>
      shelf.ids().flatMap((blobId) => {
        const bytes = shelf.whole(blobId)
        return bytes === undefined || bytes === 'inconsistent' ? [] : [{ blobId, bytes: copyBytes(bytes) }]
      }),
    restoreBlobs(blobs, objects) {
      shelf.retain(() => false)
      for (const { id } of objects) {
        const record = registry.byObjectId(id)
        if (record !== undefined) registry.note(record.blobId, id)
      }
      for (const { blobId, bytes } of blobs) shelf.putWhole(blobId, copyBytes(bytes))
    },
    setPrices: (prices) =>
      updateSystem((state) => {
        state.storage_price_per_unit_size = String(prices.storageFrostPerEpoch)
        state.write_price_per_unit_size = String(prices.writeFrost)
      }),
  })
}

function uploadVia(
  via: WalrusNetwork['upload']['via'],
  urls: { readonly relay: string; readonly publisher: string },
): WalrusNetwork['upload'] {
  if (via === 'direct') return { via }
  return via === 'relay' ? { via, host: urls.relay, maxTipMist: MAX_TIP_MIST } : { via, url: urls.publisher }
}

function urlOf(host: string): string {
  return `https://${host}`
}

function addressFrom(bytes: Bytes): string {
  return `0x${toHex(bytes)}`
}

function requireUsable(isUsable: boolean, parameter: string, expected: string): void {
  if (isUsable) return
  throw new LocketError('usage/invalid-argument', {
    operation: 'localnet.installWalrus',
    message: `${parameter} must be ${expected}`,
    details: { parameter },
  })
}
