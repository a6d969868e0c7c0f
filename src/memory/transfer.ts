import { isAbort, throwIfAborted, type AbortOptions } from '../core/abort.ts'
import type { Bytes } from '../core/bytes.ts'
import { isLocketError } from '../core/errors.ts'
import type { Aead } from '../crypto/aead.ts'
import { decodeBundle, encodeBundle } from './bundle.ts'
import type { BundleSecret } from './bundle-key.ts'
import type { Item } from './item.ts'
import { readItem, toMemory } from './local.ts'
import { asLocketError } from './remember.ts'
import { recordOp } from './record.ts'
import { indexItems } from './index-items.ts'
import type { MemoryState } from './state.ts'
import type { Memory, Outcome } from './types.ts'

/** Items written together by an import. */
const CHUNK = 64

/** Every version of every memory on this device as one encrypted bundle. See `docs` of {@link encodeBundle} for the format. */
export function exportBundle(state: MemoryState, aead: Aead, secret: BundleSecret, options: AbortOptions = {}): Promise<Bytes> {
  async function* items(): AsyncGenerator<Item> {
    let done = 0
    for (const entry of state.catalog.values()) {
      for (const version of entry.versions.slice()) {
        try {
          yield await readItem(state, entry.id, version, options)
        } catch (error) {
          // Forgotten while the export ran: it belongs in no file any more.
          if (!isLocketError(error, 'memory/forgotten')) throw error
        }
      }
      done += 1
      if (done % CHUNK === 0 || done === state.catalog.size)
        state.events.emit('progress', { task: 'export', done, total: state.catalog.size })
    }
  }
  return encodeBundle(items(), secret, { aead, entropy: state.entropy }, options)
}

/**
 * Takes the memories of a bundle onto this device, as `local` and to be
 * uploaded like any other. Versions that are here already, and memories that
 * were forgotten here, are left as they are.
 *
 * @returns one outcome for each version that was not here, whose `index` is its place in the bundle.
 * @throws {LocketError} `memory/bundle-invalid`, `codec/unknown-version`, `unlock/failed`; nothing is imported then.
 */
export async function importBundle(
  state: MemoryState,
  aead: Aead,
  bundle: Uint8Array,
  secret: BundleSecret,
  options: AbortOptions = {},
): Promise<{ readonly imported: number; readonly present: number; readonly outcomes: readonly Outcome<Memory>[] }> {
  const items = await decodeBundle(bundle, secret, { aead }, options)
  return state.writing.run(async () => {
    const outcomes: Outcome<Memory>[] = []
    let present = 0
    for (let start = 0; start < items.length; start += CHUNK) {
      throwIfAborted(options)
      const isNew = ({ id, version }: Item) =>
        !state.tombstones.has(id) && state.catalog.get(id)?.versions.some((known) => known.version === version) !== true
      const numbered = items.map((item, index) => ({ item, index })).slice(start, start + CHUNK)
      const fresh = numbered.filter(({ item }) => isNew(item))
      const chunk = fresh.map(({ item }) => item)
      present += numbered.length - fresh.length
      try {
        await state.vault.batch(chunk.map(recordOp), options)
        for (const item of chunk) outcomes.push({ ok: true, value: toMemory(item, state.catalog.add({ item, placement: undefined })) })
      } catch (error) {
        if (isAbort(error, options)) throw error
        for (const { index } of fresh) outcomes.push({ ok: false, index, error: asLocketError(error) })
        continue
      }
      const newestItems = chunk.filter(({ id, version }) => state.catalog.get(id)?.versions.at(-1)?.version === version)
      await indexItems(state, newestItems, options)
      for (const { id } of newestItems) state.events.emit('state', { id, state: 'local' })
      state.events.emit('progress', { task: 'import', done: Math.min(start + CHUNK, items.length), total: items.length })
    }
    return { imported: outcomes.filter(({ ok }) => ok).length, present, outcomes }
  }, options)
}
