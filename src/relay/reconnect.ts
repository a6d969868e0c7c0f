import { abortable } from '../core/abortable.ts'
import type { Clock } from '../core/capabilities.ts'
import { isLocketError } from '../core/errors.ts'
import { assertUsable } from './checks.ts'

/** One connection at a time to the same place, made when it is needed. */
export type Reconnector<Connection> = {
  /**
   * Runs `task` over a connection, and again over the next one if it breaks, for as long as the time allows.
   * Whatever else `task` fails with is the caller's.
   */
  run<T>(operation: string, task: (connection: Connection) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** A moment between two readings, so that a relay that ends each one at once is not asked without a pause. Returns at once when aborted. */
  pause(signal: AbortSignal): Promise<void>
  readonly isClosed: boolean
  /** Aborts the connection's signal. Tasks under way reject with `usage/closed`. */
  close(): void
}

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 5_000

/**
 * A reconnector of its own.
 *
 * @param options.dial - Makes a connection that lives until its `ended` resolves, or the signal aborts.
 */
export function createReconnector<Connection extends { readonly ended: Promise<unknown> }>(options: {
  readonly dial: (signal: AbortSignal) => Promise<Connection>
  readonly clock: Clock
  readonly timeoutMs: number
}): Reconnector<Connection> {
  const { dial, clock, timeoutMs } = options
  const stop = new AbortController()
  let current: Promise<Connection> | undefined

  const connected = (): Promise<Connection> => {
    if (current !== undefined) return current
    const forget = () => {
      if (current === dialled) current = undefined
    }
    const dialled = dial(stop.signal)
    dialled.then(({ ended }) => ended).then(forget, forget)
    current = dialled
    return dialled
  }

  return Object.freeze({
    async run<T>(operation: string, task: (connection: Connection) => Promise<T>, signal?: AbortSignal): Promise<T> {
      const deadlineMs = clock.nowMs() + timeoutMs
      for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
        try {
          assertUsable(stop.signal.aborted, operation, signal)
          return await task(await abortable(connected(), { signal }))
        } catch (error) {
          assertUsable(stop.signal.aborted, operation, signal)
          if (!isBroken(error) || clock.nowMs() + waitMs >= deadlineMs) throw error
        }
        const either = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal])
        await clock.sleep(waitMs, { signal: either }).catch(() => {})
      }
    },
    pause: (signal: AbortSignal) => clock.sleep(FIRST_WAIT_MS, { signal }).catch(() => {}),
    get isClosed() {
      return stop.signal.aborted
    },
    close: () => stop.abort(),
  })
}

function isBroken(error: unknown): boolean {
  return isLocketError(error, 'relay/unreachable') || isLocketError(error, 'relay/closed') || isLocketError(error, 'relay/timeout')
}
