import { openLocket, type Locket, type MemoryEvents, type Status } from '@locket/sdk'
import { localnet, type InProcessLocalnet } from '@locket/sdk/localnet'
import { browserStorage } from '@locket/sdk/storage/browser'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { dropKept, keep, kept } from './kept.ts'

const NAME = 'pepys'

/** Names of what the world tells. `changed`: numbers may differ. `opened`: there is a new locket. */
type WorldEvent = 'changed' | 'opened'

/** The pretend network, and the locket that is open on it. */
export type World = {
  readonly network: InProcessLocalnet
  readonly locket: Locket
  /** What the locket says of itself, or said last if it is just being wiped. */
  status(): Status
  /** Whether memories of an earlier visit were found. */
  readonly isReturning: boolean
  on(event: WorldEvent, listener: () => void): void
  /** Hears of each memory whose state changed. */
  onState(listener: (event: MemoryEvents['state']) => void): void
  /** Whether long work is under way that nothing else should come between. */
  readonly isBusy: boolean
  /** Does long work, alone. */
  busyWith<T>(work: () => Promise<T>): Promise<T>
  /** Tells everybody that numbers may have changed. */
  changed(): void
  /** Keeps the pretend network for the next visit. */
  keepNetwork(): Promise<void>
  /** Closes the locket and destroys all it kept in this browser, then opens an empty one. */
  wipe(): Promise<void>
  /** Forgets everything, the network and the wallet included. */
  startOver(): Promise<void>
}

/** Opens the network where the last visit left it, or a new one, and the locket on it. */
export async function openWorld(): Promise<World> {
  const [secret, snapshot] = await Promise.all([kept('wallet'), kept('network')])
  const isReturning = secret !== undefined && snapshot !== undefined
  // The pretend network is this page's own: a second page would have another, so it cannot share the locket.
  const storage = browserStorage({ shareTabs: false })
  // What a lost network left behind cannot be opened by a new wallet.
  if (!isReturning) await storage.destroy(NAME)

  const signer = isReturning ? Ed25519Keypair.fromSecretKey(secret) : new Ed25519Keypair()
  const network = await localnet({ signer, snapshot, requestsKeptCount: 3_000 })
  const listeners = new Map<WorldEvent, Set<() => void>>()
  const stateListeners = new Set<(event: MemoryEvents['state']) => void>()
  let isBusy = false
  const tell = (event: WorldEvent) => listeners.get(event)?.forEach((listener) => listener())

  let saving: Promise<unknown> = Promise.resolve()
  const keepNetwork = async () => {
    saving = saving.then(async () => keep('network', await network.snapshot()))
    await saving
  }
  if (!isReturning) {
    await keep('wallet', signer.getSecretKey())
    await keepNetwork()
  }

  const open = async (): Promise<Locket> => {
    const opened = await openLocket({ network, name: NAME, storage })
    opened.on('state', (event) => {
      for (const listener of stateListeners) listener(event)
      tell('changed')
    })
    return opened
  }
  let locket = await open()
  let lastStatus = locket.status()
  let isOpen = true

  return {
    network,
    get locket() {
      return locket
    },
    status() {
      if (isOpen) lastStatus = locket.status()
      return lastStatus
    },
    isReturning,
    on(event, listener) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener))
    },
    onState: (listener) => void stateListeners.add(listener),
    get isBusy() {
      return isBusy
    },
    async busyWith(work) {
      isBusy = true
      tell('changed')
      try {
        return await work()
      } finally {
        isBusy = false
        tell('changed')
      }
    },
    changed: () => tell('changed'),
    keepNetwork,
    async wipe() {
      isOpen = false
      await locket.close()
      await storage.destroy(NAME)
      locket = await open()
      isOpen = true
      tell('opened')
      tell('changed')
    },
    async startOver() {
      isOpen = false
      await locket.close()
      await storage.destroy(NAME)
      await dropKept()
    },
  }
}
