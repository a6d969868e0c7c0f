import type { Clock } from '../core/capabilities.ts'

/** Which sources answered well of late. */
export type SourceHealth = {
  /** The same sources, best first; equals keep their order. */
  order<T extends { readonly name: string }>(sources: readonly T[]): readonly T[]
  succeeded(name: string, tookMs: number): void
  failed(name: string): void
}

/** A failure counts for this long, and halves in weight on the way. */
const MEMORY_MS = 5 * 60_000

/** Remembers recent failures and usual answer times, per source. */
export function createSourceHealth(clock: Clock): SourceHealth {
  const known = new Map<string, { failures: number; failedAtMs: number; usualMs: number }>()
  const of = (name: string) => {
    let record = known.get(name)
    if (record === undefined) known.set(name, (record = { failures: 0, failedAtMs: 0, usualMs: 0 }))
    return record
  }
  const penalty = (name: string) => {
    const { failures, failedAtMs } = of(name)
    const age = clock.nowMs() - failedAtMs
    if (failures === 0 || age > MEMORY_MS) return 0
    return failures * (1 - age / (2 * MEMORY_MS))
  }
  // Answer times differ by noise: only a clear difference changes the order.
  const pace = (name: string) => Math.round(Math.log2(1 + of(name).usualMs / 50))
  return Object.freeze<SourceHealth>({
    order(sources) {
      // One that was never asked is not faster than one that answered: it keeps its place behind it.
      const slowest = Math.max(0, ...sources.map(({ name }) => pace(name)))
      const expected = (name: string) => (of(name).usualMs === 0 ? slowest : pace(name))
      return sources.toSorted((a, b) => penalty(a.name) - penalty(b.name) || expected(a.name) - expected(b.name))
    },
    succeeded(name, tookMs) {
      const record = of(name)
      record.failures = 0
      record.usualMs = record.usualMs === 0 ? tookMs : record.usualMs * 0.7 + tookMs * 0.3
    },
    failed(name) {
      const record = of(name)
      record.failures = Math.min(record.failures + 1, 10)
      record.failedAtMs = clock.nowMs()
    },
  })
}
