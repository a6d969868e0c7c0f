import { fromUtf8, toHex, utf8 } from '../../src/core/bytes.ts'
import { openJournalStore, type JournalStore } from '../../src/store/journal.ts'
import { collectKeys } from '../../src/store/keys.ts'
import type { BlobStore, StoreOp } from '../../src/store/port.ts'
import { createMemoryDisk, type FileFaults, type MemoryDisk } from '../../src/testkit/faults/memory-file.ts'

/** Everything in a store, values as text. */
export async function contents(store: BlobStore): Promise<Record<string, string>> {
  const out: Record<string, string> = {}
  for (const key of await collectKeys(store.list(''))) out[key] = fromUtf8((await store.get(key)) ?? new Uint8Array())
  return out
}

/** Everything in a store, values as hexadecimal. */
export async function rawContents(store: BlobStore): Promise<Record<string, string>> {
  const out: Record<string, string> = {}
  for (const key of await collectKeys(store.list(''))) out[key] = toHex((await store.get(key)) ?? new Uint8Array())
  return out
}

export function put(key: string, text: string): StoreOp {
  return { type: 'put', key, value: utf8(text) }
}

/** The two files of a journal, in memory. */
export function journalDisks(): readonly [MemoryDisk, MemoryDisk] {
  return [createMemoryDisk(), createMemoryDisk()]
}

export function openOn(disks: readonly [MemoryDisk, MemoryDisk], faults?: FileFaults): Promise<JournalStore> {
  return openJournalStore({ files: [disks[0].open(faults), disks[1].open(faults)] })
}

/** A small deterministic generator (mulberry32), for choosing faults; not for keys. */
export function createChooser(seed: number): (n: number) => number {
  let state = seed >>> 0
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % n
  }
}
