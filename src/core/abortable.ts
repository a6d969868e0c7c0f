import type { AbortOptions } from './abort.ts'

/**
 * Stops waiting for `work` when the signal fires; the work itself goes on, for
 * whoever else waits for it. Rejects with the signal's reason, unwrapped.
 */
export async function abortable<T>(work: Promise<T>, options: AbortOptions | undefined): Promise<T> {
  const signal = options?.signal
  if (!signal) return work
  // Without this a rejection after the abort would be unhandled.
  work.catch(() => undefined)
  signal.throwIfAborted()
  let onAbort: () => void = () => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
