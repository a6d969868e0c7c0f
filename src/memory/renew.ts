import type { AbortOptions } from '../core/abort.ts'
import type { LocketError } from '../core/errors.ts'
import { readRecord } from './local.ts'
import { encodeRecord, recordKey } from './record.ts'
import { asLocketError } from './remember.ts'
import type { MemoryState } from './state.ts'

/** One quilt that was to be renewed. */
export type Renewal =
  | { readonly ok: true; readonly blobId: string; readonly endEpoch: number; readonly memories: number }
  | { readonly ok: false; readonly blobId: string; readonly error: LocketError }

/**
 * Pays for `epochs` more Walrus epochs for every quilt that runs out before
 * epoch `beforeEpoch`. One signature per quilt; each has its own outcome.
 */
export function renewQuilts(
  state: MemoryState,
  options: AbortOptions & { readonly epochs: number; readonly beforeEpoch: number },
): Promise<readonly Renewal[]> {
  return state.uploading.run(async () => {
    const due = new Map<string, number>()
    for (const entry of state.catalog.values()) {
      for (const { placement } of entry.versions) {
        if (placement?.endEpoch !== undefined && placement.endEpoch < options.beforeEpoch) {
          due.set(placement.blobId, (due.get(placement.blobId) ?? 0) + 1)
        }
      }
    }
    const renewals: Renewal[] = []
    for (const [blobId, memories] of due) {
      options.signal?.throwIfAborted()
      try {
        const endEpoch = await state.network.quilts.renew(blobId, options.epochs, options)
        await recordEndEpoch(state, blobId, endEpoch)
        renewals.push({ ok: true, blobId, endEpoch, memories })
      } catch (error) {
        renewals.push({ ok: false, blobId, error: asLocketError(error) })
      }
    }
    return renewals
  }, options)
}

async function recordEndEpoch(state: MemoryState, blobId: string, endEpoch: number): Promise<void> {
  for (const entry of state.catalog.values()) {
    for (const version of entry.versions) {
      if (version.placement?.blobId !== blobId) continue
      const { item, placement } = await readRecord(state, entry.id, version)
      if (placement === undefined) continue
      const record = { item, placement: { ...placement, endEpoch } }
      await state.cache.put(recordKey(entry.id, version.version), encodeRecord(record))
      state.catalog.add(record)
    }
  }
}
