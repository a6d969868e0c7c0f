import type { AbortOptions } from '../core/abort.ts'
import type { CostQuote } from '../walrus/types.ts'
import { MANIFEST_ENTRY_BYTES, splitGroups } from './flush.ts'
import { pendingByCategory } from './pending.ts'
import type { MemoryState } from './state.ts'
import { padmeLength } from '../crypto/padme.ts'
import { SEAL_OVERHEAD_BYTES } from '../crypto/sealed.ts'

/** Format, space, version, category and counts of a manifest, generously. */
const MANIFEST_BASE_BYTES = 256

/**
 * What flushing now would cost, computed from sizes and the chain's prices
 * before anything is written: padding, seals and manifests included.
 *
 * @throws {LocketError} `walrus/epochs-out-of-range`, `chain/*`.
 */
export function quoteFlush(
  state: MemoryState,
  options: AbortOptions & { readonly epochs: number; readonly category?: string | undefined },
): Promise<CostQuote> {
  const quilts = [...pendingByCategory(state, options.category).values()].flatMap((pending) =>
    splitGroups(state, pending).map((group) => ({
      patches: group.map(({ version }) => version.patchBytes),
      manifest: padmeLength(MANIFEST_BASE_BYTES + group.length * MANIFEST_ENTRY_BYTES) + SEAL_OVERHEAD_BYTES,
    })),
  )
  return state.network.quilts.quote(quilts, options.epochs, { signal: options.signal })
}
