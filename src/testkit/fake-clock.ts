import type { Clock } from '../core/capabilities.ts'

/** A clock that moves only when told to. */
export type FakeClock = Clock & {
  /** Moves time forward and wakes every sleeper whose time has come, in order. Resolves when they have run. */
  advance(ms: number): Promise<void>
  /** How many sleep. */
  readonly sleeperCount: number
}

type Sleeper = { readonly wakeAtMs: number; readonly wake: () => void }

/** Starts at `startMs`, milliseconds since the Unix epoch. Default 2025-01-01T00:00:00Z. */
export function createFakeClock(startMs: number = 1_735_689_600_000): FakeClock {
  let nowMs = startMs
  const sleepers = new Set<Sleeper>()
  return Object.freeze({
    nowMs: () => nowMs,
    get sleeperCount() {
      return sleepers.size
    },
    sleep(ms: number, options: { readonly signal?: AbortSignal | undefined } = {}) {
      const { signal } = options
      return new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = () => {
          sleepers.delete(sleeper)
          reject(signal?.reason)
        }
        const wake = () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        }
        const sleeper: Sleeper = { wakeAtMs: nowMs + ms, wake }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
    async advance(ms: number) {
      const untilMs = nowMs + ms
      for (let next = earliest(sleepers, untilMs); next !== undefined; next = earliest(sleepers, untilMs)) {
        nowMs = Math.max(nowMs, next.wakeAtMs)
        sleepers.delete(next)
        next.wake()
        await settle()
      }
      nowMs = untilMs
      await settle()
    },
  })
}

function earliest(sleepers: ReadonlySet<Sleeper>, untilMs: number): Sleeper | undefined {
  let found: Sleeper | undefined
  for (const sleeper of sleepers) {
    if (sleeper.wakeAtMs <= untilMs && (found === undefined || sleeper.wakeAtMs < found.wakeAtMs)) found = sleeper
  }
  return found
}

/** Lets promise chains that a waking sleeper started run on. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}
