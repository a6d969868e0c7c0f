import { copyBytes, type Bytes } from '../../../src/core/bytes.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { BlobStore } from '../../../src/store/port.ts'
import { collectKeys } from '../../../src/store/keys.ts'

/** A store that outlives its closing, like a disk, and can be copied and put back as it was. */
export type Disk = {
  /** One process's view: closing it closes nothing else. */
  open(): BlobStore
  snapshot(): Promise<Disk>
  /** Every value there is, one after the other. */
  contents(): Promise<readonly Bytes[]>
  keys(): Promise<readonly string[]>
  readonly raw: BlobStore
}

/** An empty disk. */
export function createDisk(): Disk {
  return diskOf(createMemoryStore())
}

function diskOf(raw: BlobStore): Disk {
  const values = async () =>
    Promise.all((await collectKeys(raw.list(''))).map(async (key) => [key, (await raw.get(key)) as Bytes] as const))
  return {
    raw,
    open: () => ({ ...raw, close: async () => undefined }),
    async snapshot() {
      const copy = createMemoryStore()
      for (const [key, value] of await values()) await copy.put(key, copyBytes(value))
      return diskOf(copy)
    },
    contents: async () => (await values()).map(([, value]) => value),
    keys: () => collectKeys(raw.list('')),
  }
}
