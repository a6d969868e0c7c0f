import type { Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { createRpcClient } from '../core/rpc.ts'
import type { LoadMpcOptions } from './load-mpc.ts'
import type { Mpc, OpenMpc } from './port.ts'
import { MPC_SERVICE, type MpcCallRequest } from './serve-mpc.ts'

export type MpcWorkersOptions = Pick<LoadMpcOptions, 'wasm'> & {
  /** Makes a Worker of `@locket/sdk/mpc/worker`. Needed only where the bundler cannot see `new Worker(new URL(…))` inside a package. */
  readonly worker?: (() => Worker) | undefined
}

/**
 * Cores in Workers, one for each ceremony, so that the page stays responsive and
 * a ceremony's memory is gone when it ends: terminating the Worker is the only
 * dependable way to be rid of what WebAssembly held. Its randomness is the platform's.
 *
 * The returned function rejects with `worker/failed` where a Worker cannot be started, and as `loadMpc`.
 */
export function mpcWorkers(options: MpcWorkersOptions = {}): OpenMpc {
  return async ({ signal } = {}) => {
    signal?.throwIfAborted()
    const worker = start(options.worker)
    const rpc = createRpcClient(worker)
    let isClosed = false
    const close = () => {
      if (isClosed) return
      isClosed = true
      rpc.close()
      worker.terminate()
    }
    try {
      await rpc.call(MPC_SERVICE, 'load', { wasm: options.wasm }, { signal })
    } catch (error) {
      close()
      throw error
    }
    return Object.freeze<Mpc>({
      call: (op, payload, callOptions) =>
        // Moved, not copied: nothing of it stays on this side.
        rpc.call<Bytes>(MPC_SERVICE, 'call', { op, payload } satisfies MpcCallRequest, {
          signal: callOptions?.signal,
          transfer: [payload.buffer],
        }),
      close,
    })
  }
}

function start(make: (() => Worker) | undefined): Worker {
  try {
    // Spelled so that bundlers see it and emit the worker as a file of its own.
    return make?.() ?? new Worker(new URL('./mpc-worker.js', import.meta.url), { type: 'module', name: 'locket mpc' })
  } catch (cause) {
    throw new LocketError('worker/failed', { operation: 'mpc.openWorker', cause })
  }
}
