import type { LocketOptions } from './options.ts'
import type { Locket } from './types.ts'

/**
 * Opens a person's memories on this device, making the vault if there is none.
 * Needs no network: memories can be kept and recalled offline, and uploaded later.
 *
 * The wallet is asked for one signature to unlock (two the first time) unless
 * another `unlock` is given. The tabs of an origin share one locket: where one
 * has it open for the same wallet, the next is asked for nothing.
 *
 * @throws {LocketError} `unlock/refused`, `unlock/failed`, `unlock/unavailable`; `store/locked` if it is open
 *   where it cannot be shared, `store/*` as the storage reports; `chain/wrong-network` if this device's memories belong to
 *   another network; `index/model-mismatch` if another tab has it open with another embedder;
 *   `seal/weak-threshold` for a key-server set that cannot be relied on; `worker/failed`.
 * @example
 * import { openLocket } from '@locket/sdk'
 * import { localnet } from '@locket/sdk/localnet'
 *
 * const locket = await openLocket({ network: await localnet() })
 * await locket.remember('Allergic to peanuts since 2019', { category: 'medical' })
 * const [hit] = await locket.recall('which food am I allergic to?')
 * await locket.close()
 */
export async function openLocket(options: LocketOptions): Promise<Locket> {
  // Fetched here, so that a page can draw itself before it loads what a locket is made of.
  const { assembleLocket } = await import('./assemble-locket.ts')
  return assembleLocket(options)
}
