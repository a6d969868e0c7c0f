import type { Clock } from '../../core/capabilities.ts'

/** Longest single sleep, in milliseconds: platform timers wrap above 2^31. */
const MAX_SLEEP_MS = 2 ** 30

/** Sleeps until `atMs`, milliseconds since the Unix epoch, however far that is. Rejects with the signal's reason when aborted. */
export async function sleepUntil(clock: Clock, atMs: number, signal: AbortSignal): Promise<void> {
  for (let leftMs = atMs - clock.nowMs(); leftMs > 0; leftMs = atMs - clock.nowMs()) {
    await clock.sleep(Math.min(leftMs, MAX_SLEEP_MS), { signal })
  }
}
