import type { AbortOptions } from '../../core/abort.ts'
import type { Clock } from '../../core/capabilities.ts'

/** Longest single sleep, in milliseconds: platform timers wrap above 2^31. */
const MAX_SLEEP_MS = 2 ** 30

/** Sleeps until `atMs`, milliseconds since the Unix epoch, however far that is. Rejects with the signal's reason when aborted. */
export async function sleepUntil(clock: Clock, atMs: number, signal: AbortSignal): Promise<void> {
  for (let leftMs = atMs - clock.nowMs(); leftMs > 0; leftMs = atMs - clock.nowMs()) {
    await clock.sleep(Math.min(leftMs, MAX_SLEEP_MS), { signal })
  }
}

/** `promise`, or the abort reason if that comes first; then nobody minds what becomes of `promise`. */
export async function orAborted<T>(promise: Promise<T>, options: AbortOptions | undefined): Promise<T> {
  const signal = options?.signal
  if (signal === undefined) return promise
  promise.catch(() => {})
  const done = new AbortController()
  try {
    return await new Promise<T>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: done.signal })
      promise.then(resolve, reject)
    })
  } finally {
    done.abort()
  }
}
