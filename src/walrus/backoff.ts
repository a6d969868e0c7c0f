import type { Clock, Entropy } from '../core/capabilities.ts'
import { randomBytes } from '../core/capabilities.ts'

export type BackoffOptions = {
  readonly clock: Clock
  readonly entropy: Entropy
  /** Pause before the second attempt at most; doubles with each further one. */
  readonly baseMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Pauses before attempt number `attempt` (from 1): a random time up to
 * `baseMs * 2^(attempt-1)` ("full jitter"), so that many clients that failed
 * together do not come back together.
 */
export async function backOff(attempt: number, options: BackoffOptions): Promise<void> {
  const share = new DataView(randomBytes(options.entropy, 4).buffer).getUint32(0) / 2 ** 32
  await options.clock.sleep(Math.round(share * options.baseMs * 2 ** (attempt - 1)), { signal: options.signal })
}
