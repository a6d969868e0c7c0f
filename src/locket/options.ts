import type { AbortOptions } from '../core/abort.ts'
import type { Clock, Entropy } from '../core/capabilities.ts'
import type { LocketError } from '../core/errors.ts'
import type { Embedder } from '../embed/port.ts'
import type { Network } from '../network.ts'
import type { UnlockMethod } from '../unlock/method.ts'
import type { LocketStorage } from './storage.ts'

/** The name of a locket that was given none. */
export const DEFAULT_NAME = 'locket'
/** Walrus epochs that are paid for unless somebody says otherwise. */
export const DEFAULT_EPOCHS = 5

export type LocketOptions = AbortOptions & {
  /** Chain, wallet, key servers and storage: `await localnet()`, or `testnet({ … })`. */
  readonly network: Network
  /** Lockets of different names on one device share nothing. Default `locket`. */
  readonly name?: string | undefined
  /** Where to keep things. Default: `browserStorage()` in a page; in Node, which has no storage of its own, `memoryStorage()`. */
  readonly storage?: LocketStorage | undefined
  /** What opens the vault on this device. Default: a signature of the network's wallet. */
  readonly unlock?: UnlockMethod | undefined
  /** What turns texts into vectors. Default: the built-in hashing embedder, which is lexical and sends nothing anywhere. */
  readonly embedder?: Embedder | undefined
  /** Walrus epochs to pay for unless a call says otherwise. Default 5. */
  readonly epochs?: number | undefined
  /** Whether quilts may be deleted before they expire, which burning what was forgotten needs. Default true. */
  readonly deletable?: boolean | undefined
  /** Makes the device worker. Needed only where the bundler cannot see `new Worker(new URL(…))` inside a package. */
  readonly worker?: (() => Worker) | undefined
  readonly clock?: Clock | undefined
  readonly entropy?: Entropy | undefined
  /** Hears every warning from the very start, opening included. */
  readonly onWarning?: ((error: LocketError) => void) | undefined
}
