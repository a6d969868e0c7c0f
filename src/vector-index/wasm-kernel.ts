import type { Kernel } from './kernel.ts'

/** Names and shapes that `wasm/vector-index` exports. Bytes only: every argument and result is a number. */
type Exports = {
  readonly memory: WebAssembly.Memory
  readonly arena_base: () => number
  readonly encode: (layout: number, slot: number) => void
  readonly encode_query: (layout: number, limit: number) => void
  readonly scan: (layout: number, filtered: number, capacity: number) => number
  readonly rescore: (layout: number, count: number) => void
  readonly centre: (layout: number, live: number) => void
  readonly encode_bits: (layout: number, first: number, count: number) => void
  readonly encode_query_bits: (layout: number) => void
  readonly prefilter: (layout: number, filtered: number, wanted: number) => number
  readonly scan_within: (layout: number, distance: number, capacity: number) => number
}

const PAGE_BYTES = 65_536

/**
 * A kernel with a memory of its own, from the compiled module.
 *
 * Fails with what the platform throws if the module is not ours.
 */
export async function instantiateWasmKernel(module: WebAssembly.Module): Promise<Kernel> {
  const instance = await WebAssembly.instantiate(module, {})
  const wasm = instance.exports as Exports
  const { memory } = wasm
  return Object.freeze({
    engine: 'wasm-simd' as const,
    base: wasm.arena_base(),
    buffer: () => memory.buffer,
    grow(sizeBytes: number) {
      const missing = Math.ceil((sizeBytes - memory.buffer.byteLength) / PAGE_BYTES)
      if (missing <= 0) return true
      try {
        memory.grow(missing)
        return true
      } catch {
        return false
      }
    },
    encode: wasm.encode,
    encodeQuery: wasm.encode_query,
    scan: wasm.scan,
    rescore: wasm.rescore,
    centre: wasm.centre,
    encodeBits: wasm.encode_bits,
    encodeQueryBits: wasm.encode_query_bits,
    prefilter: wasm.prefilter,
    scanWithin: wasm.scan_within,
  })
}
