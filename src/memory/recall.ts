import { throwIfAborted } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { MAX_ITEM_BYTES, MAX_RECALL } from '../core/limits.ts'
import { matches } from './catalog.ts'
import { readMemory } from './local.ts'
import type { MemoryState } from './state.ts'
import type { Hit, RecallOptions } from './types.ts'

/**
 * Finds memories on this device, best first, whether or not they have been
 * uploaded. Filters are applied before anything is scored; only what is
 * returned is decrypted. A hit whose record turns out damaged is left out and
 * reported in a `warning` event.
 *
 * @throws {LocketError} `usage/invalid-argument` for a query or limit that cannot be used.
 */
export async function recall(state: MemoryState, query: string, options: RecallOptions = {}): Promise<readonly Hit[]> {
  const { limit = 10, mode = 'hybrid', filter, minScore, signal } = options
  if (typeof query !== 'string' || query.trim() === '' || query.length > MAX_ITEM_BYTES)
    throw invalid('query', 'a query is a text that is not empty')
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_RECALL) throw invalid('limit', `limit is a whole number from 1 to ${MAX_RECALL}`)
  throwIfAborted(options)

  const allow = filter === undefined ? undefined : [...state.catalog.values()].filter((entry) => matches(entry, filter)).map(({ id }) => id)
  if (allow?.length === 0 || state.catalog.size === 0) return []

  const ranked = await state.search.search({ query, limit, mode, allow, minScore, signal, nowMs: state.clock.nowMs() })
  const hits = await Promise.all(
    ranked.map(async ({ id, score, explain }) => {
      const entry = state.catalog.get(id)
      if (entry === undefined) return undefined
      try {
        return Object.freeze({ memory: await readMemory(state, entry, { signal }), score, explain })
      } catch (error) {
        if (isLocketError(error, 'memory/forgotten')) return undefined
        if (!isLocketError(error, 'store/corrupt')) throw error
        state.events.emit('warning', { error })
        return undefined
      }
    }),
  )
  return hits.filter((hit) => hit !== undefined)
}

function invalid(parameter: string, message: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation: 'memory.recall', message, details: { parameter } })
}
