import type { Clock } from '../core/capabilities.ts'
import { parseHttpDate } from '../core/utc.ts'

/** Largest difference between this device's clock and the key servers' that sessions are made across. */
export const MAX_CLOCK_SKEW_MS: number = 10 * 60_000

/** HTTP dates are cut to the second and arrive late: a measured skew may exceed the true one by this much. */
export const MEASUREMENT_MS = 2_000
/** Taken off the start of a session, so that a drifting clock cannot put it in the future. */
const MARGIN_MS = 1_000
/** Taken off instead while no server has told the time. */
const BLIND_MARGIN_MS = 30_000

/**
 * What the key servers' clocks say, learned from the `Date` header of every
 * answer. Key servers refuse certificates from the future without any
 * tolerance and call old ones expired; a device whose clock is off by seconds
 * would fail without knowing why.
 */
export type ServerTime = {
  /** Takes note of an answer that has just arrived. */
  observe(objectId: string, dateHeader: string | null): void
  /** How far this device is ahead of one server, or of the median of all. `undefined` before the first answer. */
  skewMs(objectId?: string): number | undefined
  /** Whether device and servers are too far apart for {@link MAX_CLOCK_SKEW_MS}. */
  isTooFar(): boolean
  /** The servers' time now, or the device's before the first answer. Never ahead of the median server. */
  nowMs(): number
  /** The latest start of a session that the most servers will accept now. */
  sessionStartMs(ttlMin: number): number
  forget(): void
}

/** An empty record. `clock` is the device's. */
export function createServerTime(clock: Clock): ServerTime {
  /** Server time minus device time, a lower bound. */
  const offsets = new Map<string, number>()

  function median(): number | undefined {
    const sorted = [...offsets.values()].toSorted((a, b) => a - b)
    return sorted[(sorted.length - 1) >> 1]
  }

  /** Of the offsets, the one at which most servers see a start that is neither in the future nor over. */
  function bestOffset(ttlMs: number): number | undefined {
    let best: { offset: number; accepting: number } | undefined
    for (const offset of offsets.values()) {
      const accepting = [...offsets.values()].filter((other) => other >= offset && other - offset < ttlMs).length
      if (!best || accepting > best.accepting || (accepting === best.accepting && offset > best.offset)) best = { offset, accepting }
    }
    return best?.offset
  }

  function skewMs(objectId?: string): number | undefined {
    const offset = objectId === undefined ? median() : offsets.get(objectId)
    return offset === undefined ? undefined : -offset
  }

  return Object.freeze({
    observe(objectId: string, dateHeader: string | null) {
      const dateMs = dateHeader === null ? undefined : parseHttpDate(dateHeader)
      if (dateMs !== undefined) offsets.set(objectId, dateMs - clock.nowMs())
    },
    skewMs,
    isTooFar: () => Math.abs(skewMs() ?? 0) > MAX_CLOCK_SKEW_MS + MEASUREMENT_MS,
    nowMs: () => clock.nowMs() + (median() ?? 0),
    sessionStartMs(ttlMin: number) {
      const offset = bestOffset(ttlMin * 60_000)
      return Math.floor(clock.nowMs() + (offset === undefined ? -BLIND_MARGIN_MS : offset - MARGIN_MS))
    },
    forget: () => offsets.clear(),
  })
}
