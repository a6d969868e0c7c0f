/**
 * What scans vectors: the WebAssembly build, or the same arithmetic in plain
 * JavaScript. Both work on one linear memory that the caller lays out
 * (`layout.ts`) and give the same results to the last bit.
 *
 * The first argument of each function is the address of the layout record.
 */
export type Kernel = {
  readonly engine: 'wasm-simd' | 'javascript'
  /** The first byte of memory that is the caller's. */
  readonly base: number
  /** The memory as it is now. Growing it detaches every view made before. */
  buffer(): ArrayBuffer
  /** Makes memory at least `sizeBytes` long. False if the platform refuses. */
  grow(sizeBytes: number): boolean
  /** Quantises the unit vector that was written to `slot`. */
  encode(layout: number, slot: number): void
  /** Quantises the unit query to at most `limit` steps either side of zero. */
  encodeQuery(layout: number, limit: number): void
  /** Scores every live slot, or every live and allowed one, by its codes; keeps the best `capacity`; returns how many. */
  scan(layout: number, filtered: number, capacity: number): number
  /** Scores the `count` kept candidates in 32-bit floats and sorts them, best first. */
  rescore(layout: number, count: number): void
  /** Sets the mean to that of the `live` vectors present. */
  centre(layout: number, live: number): void
  /** Encodes the signs, relative to the mean, of `count` slots from `first`. */
  encodeBits(layout: number, first: number, count: number): void
  /** Encodes the signs of the query. */
  encodeQueryBits(layout: number): void
  /** Measures Hamming distances; returns one within which at least `wanted` slots lie. */
  prefilter(layout: number, filtered: number, wanted: number): number
  /** As `scan`, over the slots that `prefilter` left within `distance`. */
  scanWithin(layout: number, distance: number, capacity: number): number
}
