import { throwIfAborted, type AbortOptions } from '../core/abort.ts'
import type { KeywordIndex } from '../search/keyword-index.ts'

/** A keyword index that puts off reading what arrives in bulk. */
export type LaterKeywords = KeywordIndex & {
  /** Reads what was put off, giving the event loop turns. Before a search; calls at the same time share one run. */
  catchUp(options?: AbortOptions): Promise<void>
  /** Gives up what was put off and not yet read. */
  drop(): void
}

/** Texts from which on a call counts as bulk. */
const BULK = 32
/** Texts read in one go between two looks at what has been removed meanwhile. */
const CHUNK = 64

/**
 * Puts off the words of texts that arrive in bulk. Taking words out of a text
 * costs more than everything else a restore or an opening does with it, and
 * nothing needs them before the first search, which catches up first.
 */
export function postponable(inner: KeywordIndex): LaterKeywords {
  const waiting = new Map<string, string>()
  let running: Promise<void> | undefined

  const run = async () => {
    while (waiting.size > 0) {
      const chunk = [...waiting].slice(0, CHUNK).map(([id, text]) => ({ id, text }))
      // Taken before they are read: what replaces or removes one meanwhile has the last word in `inner`.
      for (const { id } of chunk) waiting.delete(id)
      await inner.put(chunk)
    }
  }

  return Object.freeze<LaterKeywords>({
    get size() {
      return inner.size + waiting.size
    },
    async put(entries, options) {
      throwIfAborted(options)
      if (entries.length >= BULK) {
        for (const { id, text } of entries) waiting.set(id, text)
        return
      }
      for (const { id } of entries) waiting.delete(id)
      await inner.put(entries, options)
    },
    remove(ids) {
      for (const id of ids) waiting.delete(id)
      inner.remove(ids)
    },
    search: (options) => inner.search(options),
    async catchUp(options) {
      throwIfAborted(options)
      running ??= run().finally(() => (running = undefined))
      await running
      throwIfAborted(options)
    },
    drop: () => waiting.clear(),
  })
}
