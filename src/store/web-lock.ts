import type { AbortOptions } from '../core/abort.ts'
import type { Clock } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'

export type AcquireLockOptions = AbortOptions & {
  readonly locks: Pick<LockManager, 'request'>
  readonly name: string
  /** How long to wait for whoever holds it; 0 takes it only if it is free, `undefined` waits for as long as it takes. */
  readonly waitMs: number | undefined
  readonly clock: Clock
}

/**
 * Waits for a Web Lock and holds it until `release` is called or the context ends.
 *
 * It queues well-behaved writers; it is no fence, because any script of the
 * origin may steal it. The exclusive file handle is the fence.
 *
 * @throws {LocketError} `store/locked` if it is not free within `waitMs`.
 */
export function acquireLock(options: AcquireLockOptions): Promise<{ release(): void }> {
  const { locks, name, waitMs, clock, signal } = options
  const waiting = new AbortController()
  return new Promise((resolve, reject) => {
    const stopWaiting = (reason: unknown) => {
      reject(reason)
      waiting.abort()
    }
    const onAbort = () => stopWaiting(signal?.reason)
    const settled = new AbortController()
    if (signal?.aborted) return onAbort()
    signal?.addEventListener('abort', onAbort, { signal: settled.signal })
    const timeout = () => stopWaiting(new LocketError('store/locked', { operation: 'store.lock' }))
    if (waitMs !== undefined && waitMs > 0) clock.sleep(waitMs, { signal: settled.signal }).then(timeout, () => {})
    const hold = (lock: Lock | null) => {
      if (lock === null) return stopWaiting(new LocketError('store/locked', { operation: 'store.lock' }))
      settled.abort()
      return new Promise<void>((release) => resolve({ release }))
    }
    // Rejects when waiting is over, which is told above, and when the lock is stolen, which the file's own exclusivity survives.
    const request = waitMs === 0 ? { ifAvailable: true } : { signal: waiting.signal }
    locks.request(name, request, hold).catch((cause: unknown) => {
      settled.abort()
      reject(new LocketError('store/locked', { operation: 'store.lock', cause }))
    })
  })
}
