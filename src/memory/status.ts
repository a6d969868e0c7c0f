import { newest, stateOf } from './catalog.ts'
import type { MemoryState as State } from './state.ts'
import type { MemoryState } from './types.ts'

/** Where a locket stands, in numbers. */
export type LocketStatus = {
  readonly memories: number
  readonly byState: { readonly [state in MemoryState]: number }
  readonly byCategory: { readonly [category: string]: number }
  /** Encrypted bytes waiting to be uploaded. */
  readonly pendingBytes: number
  /** Forgotten memories whose key can still be had from the network. */
  readonly pendingErasures: number
  /** The first Walrus epoch in which something certified runs out, if known. */
  readonly earliestEndEpoch: number | undefined
}

/** Counts what is on this device. Asks no network. */
export function statusOf(state: State): LocketStatus {
  const byState = { local: 0, queued: 0, stored: 0, certified: 0 }
  // A map first: as a key of a plain object `__proto__` would be lost.
  const counts = new Map<string, number>()
  let pendingBytes = 0
  let earliestEndEpoch: number | undefined
  for (const entry of state.catalog.values()) {
    byState[stateOf(entry)] += 1
    counts.set(entry.category, (counts.get(entry.category) ?? 0) + 1)
    for (const { placement, patchBytes } of entry.versions) if (placement === undefined) pendingBytes += patchBytes
    const endEpoch = newest(entry).placement?.endEpoch
    if (endEpoch) earliestEndEpoch = Math.min(earliestEndEpoch ?? Infinity, endEpoch)
  }
  const byCategory = Object.fromEntries(counts)
  const pendingErasures = [...state.tombstones.values()].filter(({ keyAlive }) => keyAlive).length
  return Object.freeze({ memories: state.catalog.size, byState, byCategory, pendingBytes, pendingErasures, earliestEndEpoch })
}
