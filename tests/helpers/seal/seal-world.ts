import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import type { Clock, Fetch } from '../../../src/core/capabilities.ts'
import { LocalCoreClient } from '../../../src/localnet/core-client.ts'
import { createFaults } from '../../../src/localnet/faults.ts'
import { createLedger } from '../../../src/localnet/ledger/create-ledger.ts'
import { SUI_COIN } from '../../../src/localnet/ledger/framework.ts'
import { createMoveVm } from '../../../src/localnet/move-vm/create-move-vm.ts'
import { locketModules, publishFramework } from '../../../src/localnet/move-vm/framework.ts'
import { installKeyServers } from '../../../src/localnet/seal/install-key-servers.ts'
import { createSealEngine, type SealEngine, type SealEngineDeps, type SealNetwork, type SealSigner } from '../../../src/seal/index.ts'
import { seededEntropy } from '../seeded-entropy.ts'

/** Where the policy package is published in these tests. */
export const POLICY = `0x${'10c4e7'.padStart(64, '0')}`
export const START_MS = 1_900_000_000_000

/** A wallet that counts what it is asked and can be told to refuse or to switch accounts. */
export type TestWallet = SealSigner & {
  account: Ed25519Keypair
  /** Set to refuse: every signature fails as a wallet's does. */
  refuses: boolean
  readonly prompts: { messages: number; transactions: number }
}

export function testWallet(account: Ed25519Keypair): TestWallet {
  const wallet: TestWallet = {
    account,
    refuses: false,
    prompts: { messages: 0, transactions: 0 },
    toSuiAddress: () => wallet.account.toSuiAddress(),
    async signPersonalMessage(bytes) {
      wallet.prompts.messages++
      if (wallet.refuses) throw new Error('User rejected the request')
      return wallet.account.signPersonalMessage(bytes)
    },
    async signTransaction(bytes) {
      wallet.prompts.transactions++
      if (wallet.refuses) throw new Error('User rejected the request')
      return wallet.account.signTransaction(bytes)
    },
  }
  return wallet
}

/**
 * The Move policies, key servers and a full node in this process, on a clock
 * that stands still. Pairings are what these tests cost: where the number of
 * servers does not matter, one is enough.
 */
export async function sealWorld(options: { servers?: number; threshold?: number } = {}) {
  const faults = createFaults()
  const vm = await createMoveVm()
  publishFramework(vm)
  const ledger = createLedger({ clock: { nowMs: () => START_MS, sleep: async () => {} }, vm, faults })
  ledger.publish(POLICY, locketModules())
  const ledgerClock: Clock = {
    nowMs: () => ledger.nowMs(),
    sleep: async (ms, { signal } = {}) => {
      signal?.throwIfAborted()
      ledger.advance(ms)
    },
  }
  const keyServers = installKeyServers(ledger, {
    servers: options.servers,
    threshold: options.threshold,
    entropy: seededEntropy('servers'),
    clock: ledgerClock,
    faults,
    firstPackageOf: (id) => (ledger.isPackage(id) ? id : undefined),
  })
  const client = new LocalCoreClient(ledger, { faults })
  const requests: string[] = []
  const fetch: Fetch = async (input, init) => {
    const request = new Request(input, init)
    requests.push(new URL(request.url).pathname)
    const answer = keyServers.handle(request)
    if (!answer) throw new TypeError('fetch failed')
    return answer
  }
  const network: SealNetwork = {
    ...keyServers.network,
    policyPackageId: POLICY,
    fetch,
    ...(options.servers === 1 ? { acceptRisk: ['single-server-can-decrypt', 'no-server-may-fail'] } : {}),
  }
  let accounts = 0
  let engines = 0

  /** A wallet with money. Always the same ones in the same order. */
  function wallet(): TestWallet {
    const account = Ed25519Keypair.fromSecretKey(new Uint8Array(32).fill(100 + accounts++))
    ledger.mint(account.toSuiAddress(), SUI_COIN, 100_000_000_000n)
    return testWallet(account)
  }

  /** The clock of a device that is `skewMs()` ahead of everybody else. */
  function deviceClock(skewMs: () => number = () => 0): Clock {
    return { nowMs: () => ledger.nowMs() + skewMs(), sleep: (ms, sleepOptions) => ledgerClock.sleep(ms, sleepOptions) }
  }

  function engine(signer: SealSigner, changes: Partial<SealEngineDeps> = {}): SealEngine {
    return createSealEngine({
      client,
      signer,
      network,
      clock: deviceClock(),
      entropy: seededEntropy(`engine ${engines++}`),
      ...changes,
    })
  }

  return { ledger, faults, client, keyServers, network, fetch, requests, wallet, deviceClock, engine }
}

export type SealWorld = Awaited<ReturnType<typeof sealWorld>>
