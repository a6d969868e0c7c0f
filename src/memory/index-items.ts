import { isAbort, type AbortOptions } from '../core/abort.ts'
import { unpackVector, type Item } from './item.ts'
import { asLocketError, embedAll } from './remember.ts'
import type { MemoryState } from './state.ts'

/** Puts items into the search, embedding those whose vector is of another model, of another length, or missing. */
export async function indexItems(
  state: MemoryState,
  items: readonly Item[],
  options: AbortOptions,
  how: 'put' | 'load' = 'put',
): Promise<void> {
  if (items.length === 0) return
  const { id: model, dimensions } = state.embedder
  // PERF: one array for all of them; thousands of small ones keep the garbage collector busy.
  const room = new Float32Array(items.length * dimensions)
  const known = items.map(({ text, vector }, i) => ({
    text,
    vector:
      vector?.model === model && vector.codes.length === dimensions
        ? unpackVector(vector, room.subarray(i * dimensions, (i + 1) * dimensions))
        : undefined,
  }))
  const vectors = await embedAll(state, known, options)
  try {
    await state.search[how](
      items.map((item, i) => ({ ...item, vector: vectors[i] })),
      options,
    )
  } catch (error) {
    if (isAbort(error, options)) throw error
    // The records are safe; the index is only a way to them and is rebuilt when the locket is next opened.
    state.events.emit('warning', { error: asLocketError(error) })
  }
}
