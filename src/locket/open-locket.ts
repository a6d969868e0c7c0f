import type { LocketOptions } from './locket-options.ts'
import type { Locket } from './types.ts'

export type { LocketOptions }

/**
 * Opens a person's memories on this device, making the vault if there is none.
 * Needs no network: memories can be kept and recalled offline, and uploaded later.
 *
 * The wallet is asked for one signature to unlock (two the first time) unless
 * another `unlock` is given.
 *
 * @throws {LocketError} `unlock/refused`, `unlock/failed`, `unlock/unavailable`; `store/locked` if another tab has it open,
 *   `store/*` as the storage reports; `chain/wrong-network` if this device's memories belong to another network;
 *   `seal/weak-threshold` for a key-server set that cannot be relied on; `worker/failed`.
 */
export async function openLocket(options: LocketOptions): Promise<Locket> {
  // A page that may open a locket later loads none of it before.
  const { assembleLocket } = await import('./assemble-locket.ts')
  return assembleLocket(options)
}
