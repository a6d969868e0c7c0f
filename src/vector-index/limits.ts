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
  return Math.max(1_000, Math.ceil(count / 50), 50 * k)
}

/** Below this many dimensions one bit each tells too little: measured recall falls under 0.999. */
const PREFILTER_MIN_DIMENSIONS = 384

/** Below this many int8 codes in all, the exact scan takes less than a millisecond: 20,000 vectors of 768 dimensions. */
const PREFILTER_MIN_CODES = 15_360_000

/** Whether `auto` uses the prefilter. */
export function isPrefilterWorthwhile(count: number, dimensions: number): boolean {
  return dimensions >= PREFILTER_MIN_DIMENSIONS && count * dimensions >= PREFILTER_MIN_CODES
}
