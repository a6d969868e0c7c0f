import type { AbortOptions } from '../core/abort.ts'
import { copyBytes } from '../core/bytes.ts'
import { newest } from './catalog.ts'
import { packVector, type Item } from './item.ts'
import { readItem, requireEntry } from './local.ts'
import { embedAll, storeItems } from './remember.ts'
import type { MemoryState } from './state.ts'
import type { Memory, MemoryId, MemoryInput } from './types.ts'
import { assertMemoryId, assertMemoryInput, assertOwnVector } from './validate.ts'

/** What an update may change. A field left out stays; the category cannot change, because keys belong to it. */
export type MemoryPatch = Partial<Omit<MemoryInput, 'category'>>

/**
 * Writes a new version of a memory. The older versions stay readable through
 * `history` until the memory is forgotten. A version number is settled once the
 * version is certified: one that another device took first moves this one up.
 *
 * @throws {LocketError} `memory/unknown-id`, `memory/forgotten`, `memory/invalid-item`, `memory/too-large`,
 *   `index/*` for a vector of the caller's own, `store/*`.
 */
export function updateMemory(state: MemoryState, id: MemoryId, patch: MemoryPatch, options: AbortOptions = {}): Promise<Memory> {
  return state.writing.run(async () => {
    assertMemoryId(id, 'memory.update')
    const old = await readItem(state, id, newest(requireEntry(state, id, 'memory.update')), options)
    const { vector: _oldVector, ...kept } = old
    const { vector: ownVector, ...changed } = patch
    const input: MemoryInput = { ...kept, ...changed }
    assertMemoryInput(input)
    assertOwnVector(state, ownVector)

    const [vector] = await embedAll(state, [{ text: input.text, vector: ownVector }], options)
    const item: Item = {
      ...kept,
      ...changed,
      text: input.text,
      occurredAtMs: patch.occurredAtMs ?? old.occurredAtMs,
      validFromMs: 'validFromMs' in patch ? patch.validFromMs : old.validFromMs,
      validUntilMs: 'validUntilMs' in patch ? patch.validUntilMs : old.validUntilMs,
      importance: patch.importance ?? old.importance,
      tags: [...(patch.tags ?? old.tags)],
      links: [...(patch.links ?? old.links)],
      source: 'source' in patch ? patch.source : old.source,
      contentType: patch.contentType ?? old.contentType,
      bytes: input.bytes === undefined ? undefined : copyBytes(input.bytes),
      category: old.category,
      id,
      version: old.version + 1,
      createdAtMs: old.createdAtMs,
      updatedAtMs: state.clock.nowMs(),
      vector: vector === undefined ? undefined : packVector(state.embedder.id, vector),
    }
    const [memory] = await storeItems(state, [item], [vector], options)
    return memory as Memory
  })
}
