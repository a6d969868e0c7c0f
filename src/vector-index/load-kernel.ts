import { fromBase64Url } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { createJsKernel } from './js-kernel.ts'
import type { Kernel } from './kernel.ts'
import { VECTOR_INDEX_WASM } from './wasm-bytes.ts'
import { instantiateWasmKernel } from './wasm-kernel.ts'

export type KernelOptions = {
  /**
   * The kernel's WebAssembly, if it is not to come from the package itself: the
   * bytes of `vector-index.wasm`, or a module compiled from them.
   */
  readonly wasm?: BufferSource | WebAssembly.Module | undefined
  /**
   * `auto` (the default) takes WebAssembly where it works, and plain JavaScript
   * where SIMD is missing or the page's Content Security Policy lacks
   * `'wasm-unsafe-eval'`: the same results some thirty times slower, 10 ms at
   * 10,000 vectors of 768 dimensions. The other two insist on one.
   */
  readonly engine?: 'auto' | 'wasm-simd' | 'javascript' | undefined
}

/**
 * A fresh kernel with an empty memory.
 *
 * @throws {LocketError} `index/wasm-not-found` if the given `wasm` is not the
 * kernel, or if `engine` insists on WebAssembly where it cannot be had.
 */
export async function loadKernel(options: KernelOptions = {}): Promise<Kernel> {
  const { wasm, engine = 'auto' } = options
  if (engine === 'javascript') return createJsKernel()
  try {
    return await instantiateWasmKernel(await compile(wasm ?? fromBase64Url(VECTOR_INDEX_WASM)))
  } catch (cause) {
    if (engine === 'auto' && wasm === undefined) return createJsKernel()
    throw new LocketError('index/wasm-not-found', { operation: 'vectorIndex.load', cause })
  }
}

async function compile(wasm: BufferSource | WebAssembly.Module): Promise<WebAssembly.Module> {
  if (wasm instanceof WebAssembly.Module) return wasm
  return WebAssembly.compile(wasm)
}
