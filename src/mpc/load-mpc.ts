import { byteReader } from '../core/byte-reader.ts'
import { copyBytes, type Bytes } from '../core/bytes.ts'
import { systemEntropy, type Entropy, type Fetch } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { readCoreError } from './core-error.ts'
import { guardEntropy } from './guarded-entropy.ts'
import type { Mpc } from './port.ts'

export type LoadMpcOptions = {
  /**
   * The core's WebAssembly, if it is not to come from the package itself: the bytes of
   * `mpc.wasm`, a module compiled from them, or where to fetch it.
   */
  readonly wasm?: BufferSource | WebAssembly.Module | URL | undefined
  /** Where every secret of the core comes from. Default: the platform's generator. */
  readonly entropy?: Entropy | undefined
  /** Default: `globalThis.fetch`. */
  readonly fetch?: Fetch | undefined
}

/** Names and shapes that `wasm/mpc/binding` exports: numbers only. */
type Exports = {
  readonly memory: WebAssembly.Memory
  readonly alloc: (length: number) => number
  readonly free: (pointer: number, length: number) => void
  readonly call: (op: number, pointer: number, length: number) => bigint
}

const VERSION = 1

/**
 * A fresh threshold core in this thread, with a memory of its own. A ceremony
 * computes for tens to hundreds of milliseconds: pages use `openMpcWorker`.
 *
 * By default the code is fetched as `mpc.wasm` beside this file; where that
 * does not work (Node, bundlers that do not copy assets) it comes from a
 * module that holds the same bytes.
 *
 * Requests and answers are overwritten in the core's memory after each call.
 * Not promised: that the JavaScript engine keeps no copy of what crosses.
 *
 * @throws {LocketError} `mpc/wasm-not-found`
 */
export async function loadMpc(options: LoadMpcOptions = {}): Promise<Mpc> {
  const fill = guardEntropy(options.entropy ?? systemEntropy())
  let randomFailure: unknown
  let memory: WebAssembly.Memory | undefined
  const imports = {
    env: {
      random_fill(pointer: number, length: number): number {
        const out = new Uint8Array(length)
        try {
          fill(out)
          new Uint8Array((memory as WebAssembly.Memory).buffer, pointer >>> 0, length).set(out)
          return 1
        } catch (error) {
          randomFailure = error
          return 0
        } finally {
          out.fill(0)
        }
      },
    },
  }
  let core: Exports
  try {
    const { exports } = await WebAssembly.instantiate(await compile(options), imports)
    core = exports as Exports
    memory = core.memory
    core.free(core.alloc(1), 1)
  } catch (cause) {
    throw new LocketError('mpc/wasm-not-found', { operation: 'mpc.load', cause })
  }

  let state: 'ready' | 'poisoned' | 'closed' = 'ready'
  const poisoned = (cause?: unknown) => {
    state = 'poisoned'
    return new LocketError('mpc/poisoned', { operation: OPERATION, cause })
  }

  const answerOf = (op: number, payload: Bytes): Bytes => {
    const length = payload.length + 1
    const pointer = core.alloc(length) >>> 0
    if (pointer === 0) throw new RangeError('the core is out of memory')
    // Read anew each time: the buffer is another one after the memory grew.
    const request = new Uint8Array(core.memory.buffer, pointer, length)
    request[0] = VERSION
    request.set(payload, 1)
    const result = BigInt.asUintN(64, core.call(op, pointer, length))
    core.free(pointer, length)
    const [at, size] = [Number(result >> 32n), Number(result & 0xffff_ffffn)]
    const answer = copyBytes(new Uint8Array(core.memory.buffer, at, size))
    core.free(at, size)
    return answer
  }

  return Object.freeze<Mpc>({
    async call(op, payload, { signal } = {}) {
      try {
        signal?.throwIfAborted()
        if (state === 'closed') throw new LocketError('usage/closed', { operation: OPERATION })
        if (state === 'poisoned') throw poisoned()
        randomFailure = undefined
        const answer = answerOf(op, payload)
        if (isLocketError(randomFailure)) throw randomFailure
        // A window, not a copy: what the caller overwrites is all there is.
        if (answer[0] === 0) return answer.subarray(1)
        const reader = byteReader(answer, OPERATION)
        if (reader.u8() !== 1) throw poisoned()
        throw readCoreError(reader, OPERATION)
      } catch (error) {
        // What is neither the core's own answer nor the caller's mistake is a trap, or an answer that cannot be.
        if (signal?.aborted || (isLocketError(error) && !error.code.startsWith('codec/'))) throw error
        throw poisoned(error)
      } finally {
        payload.fill(0)
      }
    },
    close() {
      state = 'closed'
    },
  })
}

const OPERATION = 'mpc.call'

async function compile({ wasm, fetch = globalThis.fetch }: LoadMpcOptions): Promise<WebAssembly.Module> {
  if (wasm instanceof WebAssembly.Module) return wasm
  if (wasm instanceof URL) return WebAssembly.compile(await download(wasm, fetch))
  if (wasm !== undefined) return WebAssembly.compile(wasm)
  // Spelled so that bundlers see the asset and emit it as a file of its own.
  const asset = new URL('./mpc.wasm', import.meta.url)
  if (/^https?:$/.test(asset.protocol)) {
    try {
      return await WebAssembly.compile(await download(asset, fetch))
    } catch {
      // Not copied, or served as something else: the module below has the same bytes.
    }
  }
  const { inlineMpcWasm } = await import('./inline.ts')
  return WebAssembly.compile(inlineMpcWasm())
}

async function download(url: URL, fetch: Fetch): Promise<ArrayBuffer> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  return response.arrayBuffer()
}
