/** Runs at most so many tasks at once; the rest wait in order. */
export type Limiter = <T>(task: () => Promise<T>, signal?: AbortSignal) => Promise<T>

/**
 * A limiter for `limit` tasks at once; 1 makes a queue. A waiting task whose
 * signal aborts leaves the line and rejects with the signal's reason.
 */
export function createLimiter(limit: number): Limiter {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    signal?.throwIfAborted()
    if (running >= limit) await turn(waiting, signal)
    else running++
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      // The place is handed over, so that nobody who comes later can take it.
      if (next === undefined) running--
      else next()
    }
  }
}

function turn(waiting: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const enter = () => {
      signal?.removeEventListener('abort', leave)
      resolve()
    }
    const leave = () => {
      waiting.splice(waiting.indexOf(enter), 1)
      reject(signal?.reason as Error)
    }
    waiting.push(enter)
    signal?.addEventListener('abort', leave, { once: true })
  })
}
