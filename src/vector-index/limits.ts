/** Most dimensions a vector may have. */
export const MAX_DIMENSIONS = 8_192

/** Most neighbours one search returns. */
export const MAX_NEIGHBOURS = 4_096

/** Longest id, in bytes of UTF-8. */
export const MAX_ID_BYTES = 512

/** Candidates of the int8 scan that are scored again in 32-bit floats, for `k` results. */
export function rescoredFor(k: number): number {
  return Math.max(128, 2 * k + 64)
}

/** Candidates of the one-bit prefilter that go on to the int8 scan, for `k` results among `count` vectors. */
export function prefilteredFor(k: number, count: number): number {
  return Math.max(1_000, Math.ceil(count / 50), 20 * k)
}

/** `auto` turns the prefilter on at this many vectors; below, the exact scan takes less than a millisecond. */
export const PREFILTER_FROM = 20_000
