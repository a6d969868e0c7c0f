import { isAbort, throwIfAborted, type AbortOptions } from '../core/abort.ts'
import { copyBytes, toBase64Url } from '../core/bytes.ts'
import { randomBytes, type Entropy } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { CatalogVersion } from './catalog.ts'
import { MEMORY_ID_BYTES, packVector, type Item } from './item.ts'
import { readItem, requireEntry, toMemory } from './local.ts'
import { DEFAULT_CATEGORY } from './presets.ts'
import { recordOp } from './record.ts'
import type { MemoryState } from './state.ts'
import type { Memory, MemoryId, MemoryInput, Outcome } from './types.ts'
import { assertMemoryId, assertMemoryInput, assertOwnVector } from './validate.ts'

/** Memories embedded, written and indexed together: large enough to amortise a flush, small enough to show progress. */
const CHUNK = 64

export type RememberOptions = AbortOptions & {
  /**
   * Ids the memories are to have, one for each input and no two the same, for a call that may have to be repeated: what
   * is here already under its id is answered as it was kept, and not kept again.
   */
  readonly ids?: readonly MemoryId[] | undefined
}

/**
 * Stores memories on this device. Each is validated, embedded, written to both
 * durable places and indexed before its outcome is given; nothing touches the
 * network. One bad memory does not stop the others.
 *
 * A memory whose embedding fails is stored all the same, found by keyword, and
 * reported in a `warning` event; it is embedded when the locket is next opened.
 *
 * Outcomes fail with `memory/invalid-item`, `memory/too-large`, `index/*` (a
 * vector of the caller's own), or what the store reports (`store/quota`, …).
 */
export async function rememberAll(
  state: MemoryState,
  inputs: readonly MemoryInput[],
  options: RememberOptions = {},
): Promise<readonly Outcome<Memory>[]> {
  const { ids, signal } = options
  const outcomes: Outcome<Memory>[] = []
  for (let start = 0; start < inputs.length; start += CHUNK) {
    throwIfAborted(options)
    const accepted: { readonly index: number; readonly input: MemoryInput }[] = []
    for (let index = start; index < Math.min(start + CHUNK, inputs.length); index++) {
      try {
        const id = ids?.[index]
        if (ids !== undefined && isHere(state, id)) {
          outcomes[index] = { ok: true, value: await firstVersion(state, id, { signal }) }
          continue
        }
        assertMemoryInput(inputs[index] as MemoryInput)
        assertOwnVector(state, inputs[index]?.vector)
        accepted.push({ index, input: inputs[index] as MemoryInput })
      } catch (error) {
        if (isAbort(error, options)) throw error
        outcomes[index] = { ok: false, index, error: asLocketError(error) }
      }
    }
    const vectors = await embedAll(
      state,
      accepted.map(({ input }) => input),
      { signal },
    )
    const items = accepted.map(({ input, index }, i) => newItem(state, ids?.[index], input, vectors[i]))
    try {
      const memories = await storeItems(state, items, vectors, { signal })
      accepted.forEach(({ index }, i) => (outcomes[index] = { ok: true, value: memories[i] as Memory }))
    } catch (error) {
      if (isAbort(error, options)) throw error
      for (const { index } of accepted) outcomes[index] = { ok: false, index, error: asLocketError(error) }
    }
    state.events.emit('progress', { task: 'remember', done: Math.min(start + CHUNK, inputs.length), total: inputs.length })
  }
  return outcomes
}

/** Writes new versions to the vault, then makes them known and findable. */
export async function storeItems(
  state: MemoryState,
  items: readonly Item[],
  vectors: readonly (Float32Array | undefined)[],
  options: AbortOptions,
): Promise<Memory[]> {
  if (items.length === 0) return []
  await state.vault.batch(items.map(recordOp), options)
  const entries = items.map((item) => state.catalog.add({ item, placement: undefined }))
  try {
    await state.search.put(items.map((item, i) => ({ ...item, vector: vectors[i] })))
  } catch (error) {
    // The memory is safe; the index is only a way to it and is rebuilt from the records.
    state.events.emit('warning', { error: asLocketError(error) })
  }
  for (const { id } of items) state.events.emit('state', { id, state: 'local' })
  return items.map((item, i) => toMemory(item, entries[i] as (typeof entries)[number]))
}

/** One vector per input: the caller's own, or the embedder's. `undefined` where embedding failed. */
export async function embedAll(
  state: MemoryState,
  inputs: readonly { readonly text: string; readonly vector?: Float32Array | undefined }[],
  options: AbortOptions,
): Promise<readonly (Float32Array | undefined)[]> {
  const missing = inputs.filter(({ vector }) => vector === undefined)
  if (missing.length === 0) return inputs.map(({ vector }) => vector)
  try {
    const embedded = await state.embedder.embed(
      missing.map(({ text }) => text),
      { ...options, purpose: 'document' },
    )
    let next = 0
    return inputs.map(({ vector }) => vector ?? embedded[next++])
  } catch (error) {
    if (isAbort(error, options)) throw error
    state.events.emit('warning', { error: new LocketError('embed/failed', { operation: 'memory.remember', cause: error }) })
    return inputs.map(({ vector }) => vector)
  }
}

/** An id for a memory that is yet to be kept. */
export function newMemoryId(entropy: Entropy): MemoryId {
  return toBase64Url(randomBytes(entropy, MEMORY_ID_BYTES))
}

/** Whether something is, or was, kept under an id. */
function isHere(state: MemoryState, id: unknown): id is MemoryId {
  assertMemoryId(id, 'memory.remember')
  return state.catalog.get(id) !== undefined || state.tombstones.has(id)
}

/** A memory as its `remember` kept it, whatever has been made of it since. */
async function firstVersion(state: MemoryState, id: MemoryId, options: AbortOptions): Promise<Memory> {
  const entry = requireEntry(state, id, 'memory.remember')
  return toMemory(await readItem(state, id, entry.versions[0] as CatalogVersion, options), entry)
}

function newItem(state: MemoryState, id: MemoryId | undefined, input: MemoryInput, vector: Float32Array | undefined): Item {
  const nowMs = state.clock.nowMs()
  return {
    id: id ?? newMemoryId(state.entropy),
    version: 1,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    occurredAtMs: input.occurredAtMs ?? nowMs,
    validFromMs: input.validFromMs,
    validUntilMs: input.validUntilMs,
    importance: input.importance ?? 0.5,
    category: input.category ?? DEFAULT_CATEGORY,
    tags: [...(input.tags ?? [])],
    source: input.source,
    links: [...(input.links ?? [])],
    contentType: input.contentType ?? (input.bytes === undefined ? 'text/plain' : 'application/octet-stream'),
    text: input.text,
    bytes: input.bytes === undefined ? undefined : copyBytes(input.bytes),
    vector: vector === undefined ? undefined : packVector(state.embedder.id, vector),
  }
}

/** Foreign errors come wrapped, ours as they are. */
export function asLocketError(error: unknown): LocketError {
  return isLocketError(error) ? error : new LocketError('store/unavailable', { operation: 'memory', cause: error })
}
