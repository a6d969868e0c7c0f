import type { Clock } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import type { ErrorCode } from '../core/error-codes.ts'

export type DeadlineOptions = {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly operation: string
  /** Code of the error when time runs out. */
  readonly code: Extract<ErrorCode, 'walrus/unavailable' | 'chain/unreachable'>
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs something that may never settle, and settles: with its outcome, with the
 * caller's abort reason, or with `code` after `timeoutMs`. What runs gets a
 * signal that fires in the last two cases; whether it listens does not matter.
 *
 * @throws {LocketError} `walrus/unavailable` or `chain/unreachable` with `details.timeoutMs`.
 */
export async function withDeadline<T>(run: (signal: AbortSignal) => Promise<T>, options: DeadlineOptions): Promise<T> {
  const { clock, timeoutMs, signal } = options
  signal?.throwIfAborted()
  const stopRun = new AbortController()
  const stopTimer = new AbortController()
  const onAbort = () => stopRun.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  const stopped = new Promise<never>((_, reject) => {
    stopRun.signal.addEventListener('abort', () => reject(stopRun.signal.reason as Error), { once: true })
  })
  // Whoever loses the race must not surface as an unhandled rejection.
  stopped.catch(() => {})
  clock
    .sleep(timeoutMs, { signal: stopTimer.signal })
    .then(() => stopRun.abort(expired(options)))
    .catch(() => {})
  try {
    return await Promise.race([run(stopRun.signal), stopped])
  } finally {
    stopTimer.abort()
    signal?.removeEventListener('abort', onAbort)
  }
}

function expired(options: DeadlineOptions): LocketError {
  return new LocketError(options.code, {
    operation: options.operation,
    message: `no answer within ${options.timeoutMs} ms`,
    details: { timeoutMs: options.timeoutMs },
  })
}
