import { isAbort } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { backOff } from './backoff.ts'
import type { WalrusContext } from './context.ts'
import { withDeadline } from './deadline.ts'
import type { SourceHealth } from './source-health.ts'
import type { Sourced } from './types.ts'

/** One way to get some bytes. */
export type Source = {
  /** For blame and health. */
  readonly name: string
  /** Gets the bytes; throws `walrus/not-found`, `walrus/unavailable`, `walrus/inconsistent` or `codec/*`. */
  readonly read: (signal: AbortSignal) => Promise<Sourced>
  /** What this source gives is proven to be what was written: a failure to open it is the key's, not the source's. */
  readonly isProven?: boolean | undefined
}

type Failure = { readonly source: string; readonly error: LocketError }

/**
 * Reads from the first source whose bytes the caller accepts.
 *
 * Sources are asked one after the other, best recent health first. A source
 * whose bytes are refused (`crypto/open-failed`, `codec/*`) is not asked again;
 * one that did not answer or did not have the bytes is, after a pause.
 *
 * @throws {LocketError} `walrus/inconsistent` with `details.source` if any source gave wrong bytes and none right ones,
 * `walrus/unavailable` if some did not answer, `walrus/not-found` if all said no; `crypto/open-failed` if proven bytes do not open.
 */
export async function trySources<T>(
  context: WalrusContext,
  health: SourceHealth,
  sources: readonly Source[],
  accept: (bytes: Sourced, source: Source) => Promise<T> | T,
  options: { readonly operation: string; readonly signal?: AbortSignal | undefined },
): Promise<T> {
  const lied = new Map<string, Failure>()
  let failures: Failure[] = []
  for (let attempt = 1; attempt <= context.attempts; attempt++) {
    if (attempt > 1) await backOff(attempt, { ...context, baseMs: context.timeouts.backoffMs, signal: options.signal })
    failures = []
    for (const source of health.order(sources.filter(({ name }) => !lied.has(name)))) {
      const startedMs = context.clock.nowMs()
      try {
        const sourced = await withDeadline(source.read, {
          clock: context.clock,
          timeoutMs: context.timeouts.readMs,
          code: 'walrus/unavailable',
          ...options,
        })
        const accepted = await opened(sourced, source, accept)
        health.succeeded(source.name, context.clock.nowMs() - startedMs)
        return accepted
      } catch (error) {
        if (isAbort(error, options) || !isSourceFault(error, source)) throw error
        health.failed(source.name)
        const failure = { source: blamed(error, source), error }
        if (isLie(error)) lied.set(source.name, failure)
        else failures.push(failure)
      }
    }
    if (lied.size === sources.length) break
  }
  throw verdict([...lied.values()], failures, options.operation)
}

async function opened<T>(sourced: Sourced, source: Source, accept: (bytes: Sourced, source: Source) => Promise<T> | T): Promise<T> {
  try {
    return await accept(sourced, source)
  } catch (error) {
    if (!isLocketError(error) || source.isProven === true) throw error
    if (error.code !== 'crypto/open-failed' && !error.code.startsWith('codec/') && error.code !== 'walrus/inconsistent') throw error
    throw new LocketError('walrus/inconsistent', {
      operation: error.operation,
      message: 'the bytes are not what was written',
      details: { source: sourced.source },
      cause: error,
    })
  }
}

/** Whether another source may do better. What the caller's own code throws besides is not the source's doing. */
function isSourceFault(error: unknown, source: Source): error is LocketError {
  if (!isLocketError(error)) return false
  if (error.code.startsWith('codec/')) return source.isProven !== true
  return error.code.startsWith('walrus/') || error.code === 'chain/unreachable' || error.code === 'chain/not-found'
}

const isLie = (error: LocketError): boolean => error.code === 'walrus/inconsistent' || error.code.startsWith('codec/')

const blamed = (error: LocketError, source: Source): string => {
  const named = error.details['source']
  return typeof named === 'string' ? named : source.name
}

function verdict(lies: readonly Failure[], failures: readonly Failure[], operation: string): LocketError {
  const names = (list: readonly Failure[]) => [...new Set(list.map(({ source }) => source))]
  if (lies.length > 0) {
    return new LocketError('walrus/inconsistent', {
      operation,
      details: { source: names(lies).join(', '), sources: names(lies), silent: names(failures) },
      cause: lies[0]?.error,
    })
  }
  const silent = failures.filter(({ error }) => error.code !== 'walrus/not-found')
  if (silent.length > 0) {
    return new LocketError('walrus/unavailable', { operation, details: { sources: names(silent) }, cause: silent[0]?.error })
  }
  return new LocketError('walrus/not-found', { operation, details: { sources: names(failures) }, cause: failures[0]?.error })
}
