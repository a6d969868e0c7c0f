import { throwIfAborted } from '../core/abort.ts'
import { systemClock, systemEntropy } from '../core/capabilities.ts'
import { createEmitter } from '../core/emitter.ts'
import { LocketError } from '../core/errors.ts'
import { createLimiter } from '../walrus/limiter.ts'
import { createMutex } from '../core/mutex.ts'
import { createAead } from '../crypto/aead.ts'
import { createCatalog } from '../memory/catalog.ts'
import { createEnvelope } from '../memory/envelope.ts'
import type { MemoryEvents } from '../memory/events.ts'
import { loadRecords } from '../memory/load.ts'
import { rememberAll, type RememberOptions } from '../memory/remember.ts'
import { loadSpaces, loadTombstones, type MemoryState } from '../memory/state.ts'
import type { Memory, MemoryInput, Outcome } from '../memory/types.ts'
import { createEncryptedStore } from '../store/encrypted.ts'
import type { SealEngine } from '../seal/seal-engine.ts'
import { lazily } from './lazily.ts'
import { createLocket } from './create-locket.ts'
import { createQuilts } from './quilts.ts'
import { createSpaces } from './spaces.ts'
import { DEFAULT_EPOCHS, DEFAULT_NAME, type LocketOptions } from './options.ts'
import type { LocketStorage } from './storage.ts'
import type { Locket } from './types.ts'
import { unlockVault } from './unlock-vault.ts'
import { startWorker } from './worker.ts'

/** A locket whose stores are open in this very process. */
export type OpenedLocket = {
  readonly locket: Locket
  /** `remember` with ids of the caller's own, so that it may be repeated. */
  readonly rememberAs: (inputs: readonly MemoryInput[], options: RememberOptions) => Promise<readonly Outcome<Memory>[]>
}

/** Opens the stores and builds a locket over them. One at a time: what is opened twice fails with `store/locked`. */
export async function openAlone(options: LocketOptions & { readonly storage: LocketStorage }): Promise<OpenedLocket> {
  const { network, storage, name = DEFAULT_NAME, signal, epochs = DEFAULT_EPOCHS, deletable = true } = options
  const clock = options.clock ?? network.clock ?? systemClock()
  const entropy = options.entropy ?? systemEntropy()
  const worker = storage.isDurable ? startWorker(options.worker) : undefined
  const events = createEmitter<MemoryEvents>()
  if (options.onWarning !== undefined) events.on('warning', ({ error }) => options.onWarning?.(error))
  const closing: (() => Promise<unknown> | void)[] = [() => worker?.terminate()]

  try {
    const stores = await storage.open({ name, clock, entropy, worker, signal })
    closing.unshift(() => Promise.allSettled([stores.vault.close(), stores.cache.close()]))
    const { health } = stores
    if (health !== undefined && health.healed !== 'none') {
      events.emit('warning', {
        error: new LocketError('store/corrupt', {
          operation: 'locket.open',
          message: 'one of the two local copies was damaged or missing and was rebuilt from the other',
          details: { healed: health.healed, reason: health.reason, records: health.records },
        }),
      })
    }

    const aead = createAead()
    const secretVaultKey = await unlockVault({ store: stores.vault, network, method: options.unlock, aead, entropy, signal })
    const vault = createEncryptedStore({ inner: stores.vault, key: secretVaultKey, aead, entropy, repair: stores.repair })
    const cache = createEncryptedStore({ inner: stores.cache, key: secretVaultKey, aead, entropy })
    secretVaultKey.fill(0)
    closing.unshift(() => Promise.allSettled([vault.close(), cache.close()]))

    const embedder = options.embedder ?? (await import('../embed/hashing.ts')).createHashingEmbedder()
    const { openSearch } = await import('./open-search.ts')
    const search = await openSearch({
      vault,
      cache,
      embedder,
      clock,
      worker,
      signal,
      onWarning: (error) => events.emit('warning', { error }),
    })
    closing.unshift(() => search.close())

    // One writer at a time for everything that spends this wallet's coins: two would take the same coin.
    const writes = createLimiter(1)
    let sealInUse: SealEngine | undefined
    const seal = lazily(async () => {
      const { createSealEngine } = await import('../seal/create-seal-engine.ts')
      const { client, signer, seal: sealNetwork } = network
      sealInUse = createSealEngine({ client, signer, network: sealNetwork, clock, entropy, sessionStore: cache })
      return sealInUse
    })
    const walrus = lazily(async () => {
      const { createWalrusEngine } = await import('../walrus/create-walrus-engine.ts')
      const { createByteCache } = await import('../walrus/byte-cache.ts')
      const { client, signer, walrus: walrusNetwork } = network
      const quiltCache = createByteCache({ limitBytes: QUILT_CACHE_BYTES })
      return createWalrusEngine({ client, signer, network: walrusNetwork, clock, entropy, writes, cache: quiltCache })
    })
    const { assertThreshold } = await import('../seal/assert-threshold.ts')
    assertThreshold(network.seal)

    const state: MemoryState = {
      vault,
      cache,
      catalog: createCatalog(),
      tombstones: await loadTombstones(vault),
      spaces: await loadSpaces(vault),
      envelope: createEnvelope({ aead, entropy }),
      network: {
        spaces: createSpaces(network.signer.toSuiAddress(), seal),
        quilts: createQuilts(walrus, network.walrus.nShards),
      },
      search,
      embedder,
      clock,
      entropy,
      events,
      writing: createMutex(),
      uploading: createMutex(),
    }
    await loadRecords(state, { signal })
    await search.forgetStrangers()
    search.catchUpSoon()
    throwIfAborted(options)

    const locket = createLocket({
      state,
      aead,
      seal,
      sealInUse: () => sealInUse,
      network,
      isDurable: storage.isDurable,
      defaults: { epochs, deletable },
      close: () => closeAll(closing),
    })
    return Object.freeze<OpenedLocket>({ locket, rememberAs: (inputs, asked) => rememberAll(state, inputs, asked) })
  } catch (error) {
    // What went wrong first is what the caller needs to know.
    await closeAll(closing).catch(() => undefined)
    throw error
  }
}

/** Every step, in order, whatever one of them fails with: a lock that stays held keeps the locket from ever opening again. */
async function closeAll(steps: readonly (() => Promise<unknown> | void)[]): Promise<void> {
  const failures: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}

/** Quilts read lately: a restore reads the manifest and the memories of each from one download. */
const QUILT_CACHE_BYTES = 32 * 1024 * 1024
