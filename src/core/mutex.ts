import type { AbortOptions } from './abort.ts'

/** Runs tasks one after the other, in the order they were asked for. */
export type Mutex = {
  /** Rejects with the signal's reason if it is aborted before the task's turn; a running task minds the signal itself. */
  run<T>(task: () => Promise<T>, options?: AbortOptions): Promise<T>
}

/** A mutex of its own. */
export function createMutex(): Mutex {
  let tail: Promise<unknown> = Promise.resolve()
  return Object.freeze({
    run<T>(task: () => Promise<T>, options?: AbortOptions): Promise<T> {
      const turn = tail.then(() => {
        options?.signal?.throwIfAborted()
        return task()
      })
      tail = turn.catch(() => undefined)
      return turn
    },
  })
}
