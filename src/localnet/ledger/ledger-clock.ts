import type { Clock } from '../../core/capabilities.ts'

/** A clock that runs with another and can be moved ahead of it. */
export type LedgerClock = Clock & {
  offsetMs(): number
  setOffsetMs(offsetMs: number): void
}

/** A ledger clock over `base`, at first in step with it. Moving it wakes whoever has slept long enough by it. */
export function createLedgerClock(base: Clock, offsetMs = 0): LedgerClock {
  let offset = offsetMs
  const wakers = new Set<() => void>()
  const nowMs = () => base.nowMs() + offset
  return {
    nowMs,
    async sleep(ms, { signal } = {}) {
      const dueMs = nowMs() + ms
      signal?.throwIfAborted()
      // At least once, so that a sleep of nothing still gives others their turn, as the platform's does.
      do {
        const stop = new AbortController()
        const forward = () => stop.abort(signal?.reason)
        signal?.addEventListener('abort', forward, { once: true })
        let wake: (() => void) | undefined
        const moved = new Promise<void>((resolve) => {
          wake = resolve
          wakers.add(resolve)
        })
        try {
          await Promise.race([base.sleep(Math.max(0, dueMs - nowMs()), { signal: stop.signal }), moved])
        } finally {
          if (wake !== undefined) wakers.delete(wake)
          signal?.removeEventListener('abort', forward)
          stop.abort()
        }
        signal?.throwIfAborted()
      } while (nowMs() < dueMs)
    },
    offsetMs: () => offset,
    setOffsetMs(next) {
      offset = next
      for (const wake of wakers) wake()
    },
  }
}
