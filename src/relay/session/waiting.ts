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

/**
 * Runs `task` with a signal that aborts when the caller's does, at `atMs` with the reason `late` gives, and when the task
 * has ended: what it started need not be stopped.
 */
export async function byDeadline<T>(
  limit: { readonly clock: Clock; readonly atMs: number; readonly late: () => unknown },
  options: AbortOptions | undefined,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const signal = options?.signal === undefined ? over.signal : AbortSignal.any([over.signal, options.signal])
  signal.throwIfAborted()
  sleepUntil(limit.clock, limit.atMs, over.signal).then(
    () => over.abort(limit.late()),
    () => {},
  )
  try {
    return await task(signal)
  } finally {
    over.abort()
  }
}
