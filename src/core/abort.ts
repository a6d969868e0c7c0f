/** What every operation that can take longer than a moment accepts last. */
export type AbortOptions = {
  /** Aborting rejects with the signal's reason, unwrapped; state stays resumable. */
  readonly signal?: AbortSignal | undefined
}

/** Throws the signal's reason if it is aborted. */
export function throwIfAborted(options: AbortOptions | undefined): void {
  options?.signal?.throwIfAborted()
}

/** Whether `error` is what an aborted signal rejects with. Such errors are never wrapped. */
export function isAbort(error: unknown, options?: AbortOptions): boolean {
  if (options?.signal?.aborted) return true
  return error instanceof DOMException && error.name === 'AbortError'
}
