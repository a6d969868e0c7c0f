import type { MemoryInput } from '@locket/sdk'
import type { World } from './world.ts'
import { breathe } from './yield.ts'

/** Few enough that a batch never holds the page up. */
const BATCH = 10

/** Remembers entries a few at a time, so that the page stays quick and what is in is searchable at once. */
export async function importEntries(
  world: World,
  entries: readonly MemoryInput[],
  onProgress: (done: number, refused: number) => void,
): Promise<void> {
  let refused = 0
  for (let start = 0; start < entries.length; start += BATCH) {
    const outcomes = await world.locket.remember(entries.slice(start, start + BATCH))
    refused += outcomes.filter(({ ok }) => !ok).length
    onProgress(Math.min(start + BATCH, entries.length), refused)
    await breathe()
  }
}
