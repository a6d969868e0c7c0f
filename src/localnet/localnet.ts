import type { Signer } from '@mysten/sui/cryptography'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { normalizeSuiAddress } from '@mysten/sui/utils'
import { copyBytes } from '../core/bytes.ts'
import { randomBytes, systemEntropy, type Clock, type Entropy } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import type { SealNetwork, SealRisk } from '../seal/types.ts'
import type { WalrusNetwork } from '../walrus/types.ts'
import { LocalCoreClient } from './core-client.ts'
import { derivedBytes, derivedEntropy } from './derived-entropy.ts'
import { createFaults } from './faults.ts'
import { createLedger } from './ledger/create-ledger.ts'
import { SUI_COIN } from './ledger/framework.ts'
import type { LocalLedger } from './ledger/local-ledger.ts'
import { createMoveVm, type MoveVmOptions } from './move-vm/create-move-vm.ts'
import { locketModules, publishFramework } from './move-vm/framework.ts'
import { createRequestLog } from './request-log.ts'
import { createRouter } from './router.ts'
import { installKeyServers } from './seal/install-key-servers.ts'
import type { FaucetAmounts, Localnet, LocalnetSnapshot } from './types.ts'
import { installWalrus } from './walrus/install-walrus.ts'
import { findTransactionsIn } from './walrus/paid-transactions.ts'
import type { TipConfig } from './walrus/tip.ts'

export type LocalnetOptions = {
  /** 100 (default): quick, 66 files per quilt, blob ids of its own. 1000: the real network's ids, limits and computing time. */
  readonly nShards?: 100 | 1000 | undefined
  /** What ledger time follows. Defaults to the platform's clock. */
  readonly clock?: Clock | undefined
  /** Where every key comes from. Defaults to the platform's randomness; a seeded one makes the whole network repeatable. */
  readonly entropy?: Entropy | undefined
  /** The wallet. Default: a new one. Either way it gets 1000 SUI and 1000 WAL, unless it comes with a `snapshot`. */
  readonly signer?: Signer | undefined
  /** Key servers and how many must answer. Default 3 and 2. */
  readonly keyServers?: { readonly n: number; readonly threshold: number } | undefined
  /** How `walrus` uploads. Default `relay`. */
  readonly upload?: WalrusNetwork['upload']['via'] | undefined
  /** What the upload relay asks for each blob. Default nothing. */
  readonly relayTip?: TipConfig | undefined
  /** Requests kept in {@link Localnet.requests}. Default 1,000. */
  readonly requestsKeptCount?: number | undefined
  /** Goes on from here. `nShards` and `keyServers` are then the snapshot's. */
  readonly snapshot?: LocalnetSnapshot | undefined
  /** Where walrus-wasm is, for bundlers that do not emit it by themselves. */
  readonly walrusWasmUrl?: string | undefined
  /** Where the Move bytecode reader's WebAssembly is, likewise. */
  readonly bytecodeWasm?: MoveVmOptions['bytecodeWasm']
  /** Base URL of key server `index`, without a trailing slash. For serving the localnet over HTTP. */
  readonly keyServerUrlOf?: ((index: number) => string) | undefined
}

/** A {@link Localnet} in this process, with its ledger open to tests. */
export type InProcessLocalnet = Localnet & {
  readonly client: LocalCoreClient
  readonly ledger: LocalLedger
}

/** Package id of Locket's policies on every localnet. */
export const POLICY_PACKAGE_ID: string = normalizeSuiAddress('0x10c4e7')

const COIN = 1_000_000_000n
const SIGNER_FUNDS: FaucetAmounts = { sui: 1_000, wal: 1_000 }
const WALLET_FUNDS: FaucetAmounts = { sui: 100, wal: 100 }

/**
 * Sui, Seal and Walrus in this process: a ledger that runs Locket's compiled
 * policies, key servers, storage nodes, relay, publisher and aggregators. The
 * unmodified `@mysten/seal` and `@mysten/walrus` clients run on it, in Node and
 * in a browser tab, without a network.
 *
 * For development, tests and demonstrations. Nothing in it is secret from the
 * page that runs it, and nothing survives it unless snapshotted. What it does
 * not imitate is listed in `src/localnet/README.md`.
 *
 * @throws {LocketError} `usage/invalid-argument` for options that cannot work, `usage/missing-peer` if a WASM part cannot be loaded.
 */
export async function localnet(options: LocalnetOptions = {}): Promise<InProcessLocalnet> {
  const entropy = options.entropy ?? systemEntropy()
  const { snapshot } = options
  const seed = snapshot ? copyBytes(snapshot.seed) : randomBytes(entropy, 32)
  const nShards = snapshot?.nShards ?? options.nShards ?? 100
  const keyServers = snapshot?.keyServers ?? options.keyServers ?? { n: 3, threshold: 2 }
  const faults = createFaults()

  const vm = await createMoveVm({ bytecodeWasm: options.bytecodeWasm })
  publishFramework(vm)
  const ledger = createLedger({ clock: options.clock, vm, faults })
  ledger.publish(POLICY_PACKAGE_ID, locketModules())
  const sealServers = installKeyServers(ledger, {
    servers: keyServers.n,
    threshold: keyServers.threshold,
    entropy,
    seeds: Array.from({ length: keyServers.n }, (_, index) => derivedBytes(seed, `key-server ${index}`)),
    clock: ledger.clock,
    faults,
    urlOf: options.keyServerUrlOf,
    firstPackageOf: (packageId) => (ledger.isPackage(packageId) ? packageId : undefined),
  })
  const walrusNet = await installWalrus(ledger, {
    nShards,
    upload: options.upload,
    tip: options.relayTip,
    findTransaction: findTransactionsIn(ledger),
    entropy: derivedEntropy(seed, 'walrus'),
    clock: ledger.clock,
    faults,
    wasmUrl: options.walrusWasmUrl,
  })
  if (snapshot !== undefined) {
    ledger.restore(snapshot.ledger)
    walrusNet.restoreBlobs(snapshot.blobs, ledger.view().objects())
  }

  let isClosed = false
  const refuseIfClosed = () => {
    if (isClosed) throw new LocketError('usage/closed', { operation: 'localnet.request', message: 'the localnet is closed' })
  }
  const requests = createRequestLog(options.requestsKeptCount ?? 1_000)
  const fetch = createRouter([sealServers, walrusNet], (request, body) => {
    refuseIfClosed()
    requests.add({ method: request.method, url: request.url, headers: [...request.headers], body })
  })
  const client = new LocalCoreClient(ledger, {
    faults,
    onCall(method, body) {
      refuseIfClosed()
      requests.add({ method: 'POST', url: `http://fullnode.localnet/${method}`, headers: [], body })
    },
  })

  const faucet = async (address: string, { sui = 0, wal = 0 }: FaucetAmounts) => {
    if (sui > 0) ledger.mint(address, SUI_COIN, baseUnits(sui))
    if (wal > 0) ledger.mint(address, walrusNet.walType, baseUnits(wal))
  }
  const signer = options.signer ?? Ed25519Keypair.fromSecretKey(randomBytes(entropy, 32))
  // A wallet that came back with its snapshot has its money already.
  if (snapshot === undefined || options.signer === undefined) await faucet(signer.toSuiAddress(), SIGNER_FUNDS)

  const seal: SealNetwork = Object.freeze({
    ...sealServers.network,
    policyPackageId: POLICY_PACKAGE_ID,
    // Whoever asked for such a set here has named the risk by asking.
    acceptRisk: risksOf(keyServers),
    fetch,
  })
  const walrus: WalrusNetwork = Object.freeze({ ...walrusNet.network, fetch })
  const close = async () => {
    isClosed = true
  }
  return Object.freeze<InProcessLocalnet>({
    name: 'localnet',
    client,
    signer,
    ledger,
    seal,
    walrus,
    walType: walrusNet.walType,
    fetch,
    clock: ledger.clock,
    faults,
    requests: requests.log,
    faucet,
    async createWallet(amounts = WALLET_FUNDS) {
      const wallet = Ed25519Keypair.fromSecretKey(randomBytes(entropy, 32))
      await faucet(wallet.toSuiAddress(), amounts)
      return wallet
    },
    advance: async (ms) => ledger.advance(ms),
    advanceEpoch: async (epochs) => ledger.advanceEpoch(epochs),
    snapshot: async () => ({
      version: 1,
      seed: copyBytes(seed),
      nShards,
      keyServers,
      ledger: ledger.snapshot(),
      blobs: walrusNet.storedBlobs(),
    }),
    close,
    [Symbol.asyncDispose]: close,
  })
}

function baseUnits(coins: number): bigint {
  return BigInt(Math.round(coins * 1_000)) * (COIN / 1_000n)
}

function risksOf({ n, threshold }: { readonly n: number; readonly threshold: number }): readonly SealRisk[] {
  const risks: SealRisk[] = []
  if (threshold === 1) risks.push('single-server-can-decrypt')
  if (threshold === n) risks.push('no-server-may-fail')
  return risks
}
