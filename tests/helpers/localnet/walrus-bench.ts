import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { WalrusClient } from '@mysten/walrus'
import type { Clock, Entropy } from '../../../src/core/capabilities.ts'
import { LocalCoreClient } from '../../../src/localnet/core-client.ts'
import { createFaults, type Faults } from '../../../src/localnet/faults.ts'
import { createLedger } from '../../../src/localnet/ledger/create-ledger.ts'
import type { LocalLedger } from '../../../src/localnet/ledger/local-ledger.ts'
import { installWalrus, type WalrusNet, type WalrusNetOptions } from '../../../src/localnet/walrus/install-walrus.ts'
import { findTransactionsIn } from '../../../src/localnet/walrus/paid-transactions.ts'

/** A ledger with Walrus on it, one funded person, and real clients. */
export type WalrusBench = {
  readonly ledger: LocalLedger
  readonly walrus: WalrusNet
  readonly faults: Faults
  readonly sui: LocalCoreClient
  readonly signer: Ed25519Keypair
  readonly address: string
  /** A fresh client: the real one caches for ever. */
  client(options?: { readonly via?: 'relay' | 'direct'; readonly maxTipMist?: number; readonly fetch?: typeof fetch }): WalrusClient
}

/** Bytes that depend only on `seed`. */
export function seededEntropy(seed: number): Entropy {
  let state = seed >>> 0
  return {
    fill(out) {
      for (let i = 0; i < out.length; i++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        out[i] = state >>> 24
      }
    },
  }
}

/** A clock that stands still; sleeping passes its time at once. */
export function frozenClock(startMs = 1_700_000_000_000): Clock & { readonly sleptMs: number[] } {
  const sleptMs: number[] = []
  let now = startMs
  return {
    sleptMs,
    nowMs: () => now,
    async sleep(ms, options) {
      options?.signal?.throwIfAborted()
      sleptMs.push(ms)
      now += ms
    },
  }
}

export async function openWalrusBench(options: Partial<WalrusNetOptions> = {}): Promise<WalrusBench> {
  const faults = createFaults()
  const clock = options.clock ?? frozenClock()
  const ledger = createLedger({ clock, faults })
  const walrus = await installWalrus(ledger, {
    nShards: 100,
    entropy: seededEntropy(1),
    faults,
    findTransaction: findTransactionsIn(ledger),
    ...options,
    clock,
  })
  const sui = new LocalCoreClient(ledger, { faults })
  const signer = Ed25519Keypair.fromSecretKey(new Uint8Array(32).fill(7))
  const address = signer.toSuiAddress()
  ledger.mint(address, '0x2::sui::SUI', 10n ** 12n)
  walrus.mintWal(address, 10n ** 12n)
  return {
    ledger,
    walrus,
    faults,
    sui,
    signer,
    address,
    client: ({ via = 'relay', maxTipMist, fetch = walrus.fetch } = {}) =>
      new WalrusClient({
        packageConfig: { systemObjectId: walrus.network.systemObjectId, stakingPoolId: walrus.network.stakingPoolId },
        // Walrus clients share a cache through their Sui client, the relay's tip and its ceiling included.
        suiClient: new LocalCoreClient(ledger, { faults }),
        storageNodeClientOptions: { fetch },
        ...(via === 'relay'
          ? { uploadRelay: { host: walrus.urls.relay, fetch, ...(maxTipMist === undefined ? {} : { sendTip: { max: maxTipMist } }) } }
          : {}),
      }),
  }
}
