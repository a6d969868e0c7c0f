import { isLocketError } from '../core/errors.ts'
import { BATCH_PLAN_PREFIX, decodeBatch, type Batch } from './batch.ts'
import type { MemoryState } from './state.ts'

/**
 * Batches an earlier run left behind, in the order their heads were to be set.
 * A plan that is damaged beyond repair is reported in a `warning` event and left
 * out: its memories are still in the vault and are queued again.
 */
export async function unfinishedBatches(state: Pick<MemoryState, 'vault' | 'events'>, category?: string): Promise<Batch[]> {
  const batches: Batch[] = []
  for await (const key of state.vault.list(BATCH_PLAN_PREFIX)) {
    try {
      const encoded = await state.vault.get(key)
      if (encoded === undefined) continue
      const batch = decodeBatch(encoded)
      if (category === undefined || batch.category === category) batches.push(batch)
    } catch (error) {
      if (!isLocketError(error, 'store/corrupt')) throw error
      state.events.emit('warning', { error })
    }
  }
  return batches.sort((a, b) => Number(a.headVersion - b.headVersion))
}
