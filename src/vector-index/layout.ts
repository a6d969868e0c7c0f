/**
 * Where everything lies in the kernel's linear memory. Mirrors
 * `wasm/vector-index/src/layout.rs`, which says what each section holds.
 */

/** Slots in one block. Blocks follow one another, so memory only ever grows at its end. */
export const SLOTS_PER_BLOCK = 256

/** 32-bit words of one bitmap in a block: a bit per slot. */
export const WORDS_PER_BLOCK = 8

/** Dimensions are padded with zeros to a multiple of this, so that no loop needs a tail. */
const DIMENSION_STEP = 128

/** The fields of the record the kernel reads, in its order, each a little-endian `u32`. */
export const LAYOUT_FIELDS = [
  'dims',
  'blocks',
  'blockBytes',
  'blockCount',
  'live',
  'allow',
  'distances',
  'scales',
  'bits',
  'codes',
  'vectors',
  'query',
  'queryCodes',
  'queryBits',
  'mean',
  'histogram',
  'heap',
] as const

/** Addresses, and offsets within a block, in bytes. All but `dims` and `blockCount` are multiples of 16. */
export type Layout = Readonly<Record<(typeof LAYOUT_FIELDS)[number], number>> & {
  /** Where the record itself is. */
  readonly address: number
}

const align = (offset: number) => Math.ceil(offset / 16) * 16

/** Hands out consecutive aligned ranges from `start`. */
function ranges(start: number) {
  let next = align(start)
  return {
    take(sizeBytes: number): number {
      const at = next
      next = align(next + sizeBytes)
      return at
    },
    end: () => next,
  }
}

/** The layout for vectors of `dimensions`, in memory that is free from `base` on, with room for `candidates`. */
export function planLayout(base: number, dimensions: number, candidates: number): Layout {
  const dims = Math.ceil(dimensions / DIMENSION_STEP) * DIMENSION_STEP
  const scratch = ranges(base)
  const block = ranges(0)
  return Object.freeze({
    dims,
    address: scratch.take(LAYOUT_FIELDS.length * 4),
    query: scratch.take(dims * 4),
    queryCodes: scratch.take(dims * 2),
    queryBits: scratch.take(dims / 8),
    mean: scratch.take(dims * 4),
    histogram: scratch.take((dims + 1) * 4),
    heap: scratch.take(candidates * 8),
    live: block.take(WORDS_PER_BLOCK * 4),
    allow: block.take(WORDS_PER_BLOCK * 4),
    distances: block.take(SLOTS_PER_BLOCK * 2),
    scales: block.take(SLOTS_PER_BLOCK * 4),
    bits: block.take((SLOTS_PER_BLOCK * dims) / 8),
    codes: block.take(SLOTS_PER_BLOCK * dims),
    vectors: block.take(SLOTS_PER_BLOCK * dims * 4),
    blocks: scratch.end(),
    blockBytes: block.end(),
    blockCount: 0,
  })
}
