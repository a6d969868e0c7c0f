import type { AbortOptions } from '../core/abort.ts'

/** Where an adapter puts what arrives for one `receive`. */
export type Inbox<T> = {
  push(value: T): void
  /** Lets the loop end once what was pushed is taken. */
  end(): void
  /** Drops what was not taken and makes the loop throw. */
  fail(error: unknown): void
}

/** The far end of an inbox. */
export type Source = {
  /** One value left the inbox. */
  taken?(): void
  /** Nobody reads any more. Called once. */
  stop(): void
}

/**
 * The iteration of a `receive`: opened when its first value is asked for, stopped when
 * the loop is left, the signal aborts, or the source ends or fails. Each iteration opens its own source.
 *
 * Not an async generator: `return` of one waits for a `next` that may never come.
 */
export function iterateInbox<T>(open: (inbox: Inbox<T>) => Source, options: AbortOptions = {}): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => createIterator(open, options.signal) }
}

type Waiter<T> = { resolve(result: IteratorResult<T>): void; reject(error: unknown): void }

function createIterator<T>(open: (inbox: Inbox<T>) => Source, signal: AbortSignal | undefined): AsyncIterator<T> {
  const values: T[] = []
  const waiters: Waiter<T>[] = []
  let source: Source | undefined
  let isOpened = false
  let end: { readonly failed: false } | { readonly failed: true; readonly error: unknown } | undefined

  const finish = (outcome: NonNullable<typeof end>, keep: boolean) => {
    if (end !== undefined) return
    end = outcome
    if (!keep) values.length = 0
    signal?.removeEventListener('abort', onAbort)
    source?.stop()
    for (const waiter of waiters.splice(0)) settle(waiter)
  }
  const settle = (waiter: Waiter<T>) => {
    if (end?.failed !== true) return waiter.resolve({ done: true, value: undefined })
    const { error } = end
    // Told once; a loop asked again after its failure is over.
    end = { failed: false }
    waiter.reject(error)
  }
  const onAbort = () => finish({ failed: true, error: signal?.reason }, false)

  const inbox: Inbox<T> = Object.freeze({
    push(value: T) {
      if (end !== undefined) return
      const waiter = waiters.shift()
      if (waiter === undefined) return void values.push(value)
      waiter.resolve({ done: false, value })
      source?.taken?.()
    },
    end: () => finish({ failed: false }, true),
    fail: (error: unknown) => finish({ failed: true, error }, false),
  })

  const begin = () => {
    isOpened = true
    if (signal?.aborted) return onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      source = open(inbox)
    } catch (error) {
      finish({ failed: true, error }, false)
    }
    // It may have ended while it opened, before there was anything to stop.
    if (end !== undefined) source?.stop()
  }

  return {
    next() {
      if (!isOpened) begin()
      return new Promise<IteratorResult<T>>((resolve, reject) => {
        if (values.length > 0) {
          resolve({ done: false, value: values.shift() as T })
          source?.taken?.()
        } else if (end !== undefined) settle({ resolve, reject })
        else waiters.push({ resolve, reject })
      })
    },
    async return() {
      isOpened = true
      finish({ failed: false }, false)
      return { done: true, value: undefined }
    },
  }
}
