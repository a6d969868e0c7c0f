import { LocketError } from '../core/errors.ts'

/** The device worker, or `undefined` where the platform has no workers (Node, whose files need none). */
export function startWorker(make: (() => Worker) | undefined): Worker | undefined {
  if (make === undefined && typeof globalThis.Worker === 'undefined') return undefined
  try {
    // Spelled so that bundlers see it and emit the worker as a file of its own.
    return make?.() ?? new Worker(new URL('../worker/device-worker.js', import.meta.url), { type: 'module', name: 'locket' })
  } catch (cause) {
    throw new LocketError('worker/failed', { operation: 'locket.open', cause })
  }
}
