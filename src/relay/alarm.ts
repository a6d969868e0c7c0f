import type { Clock } from '../core/capabilities.ts'

/** Rings once for each time it was set. */
export type Alarm = {
  /** Sees to it that it rings at `atMs`, or before; `Infinity` for no more. Milliseconds since the Unix epoch. */
  ringBy(atMs: number): void
  stop(): void
}

/** Calls `ring` when it rings. */
export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let next: { readonly atMs: number; readonly control: AbortController } | undefined
  const stop = () => {
    next?.control.abort()
    next = undefined
  }
  return Object.freeze({
    ringBy(atMs: number) {
      if (atMs === Number.POSITIVE_INFINITY) return stop()
      if (next !== undefined && next.atMs <= atMs) return
      stop()
      const control = new AbortController()
      next = { atMs, control }
      clock.sleep(Math.max(0, atMs - clock.nowMs()), { signal: control.signal }).then(
        () => {
          if (control.signal.aborted) return
          next = undefined
          ring()
        },
        () => {},
      )
    },
    stop,
  })
}
