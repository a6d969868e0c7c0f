import type { Bytes } from '../core/bytes.ts'
import type { Clock, Fetch } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import { withDeadline } from './deadline.ts'
import { createLimiter, type Limiter } from './limiter.ts'

export type BoundedFetchOptions = {
  readonly fetch: Fetch
  readonly clock: Clock
  /** For one request, body included: a server that drips bytes does not hold anyone up. */
  readonly timeoutMs: number
  /** Largest response body that is read. */
  readonly limitBytes: number
  /** Requests to one origin at the same time. */
  readonly perOrigin: number
  /** How long a host that let a request time out is not asked again. 0 asks it again at once. */
  readonly restMs: number
  /** Sees each response before it is handed on; throwing makes it a failed request. */
  readonly inspect?: ((url: URL, method: string, response: Response, body: Uint8Array) => void) | undefined
}

/** A response that has been read to its end. */
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Bytes }

export type BoundedFetch = {
  readonly fetch: Fetch
  /** The same for whoever wants the bytes alone: a `Response` around them would copy them twice. */
  answer(input: string | URL | Request, init?: RequestInit): Promise<Answer>
  /** How many requests were ever made, and how many are not answered yet. */
  traffic(): { readonly made: number; readonly open: number }
}

/**
 * A `fetch` with what untrusted hosts make necessary: a deadline that covers
 * the body, a cap on the body, a limit of requests per host, and a rest for
 * hosts that hang. The body is read before the response is handed on.
 *
 * Rejects with the request signal's reason when that aborts, with
 * `walrus/unavailable` when time runs out or the host rests, and with
 * `codec/too-large` when the body is over the cap.
 */
export function createBoundedFetch(options: BoundedFetchOptions): BoundedFetch {
  const { clock } = options
  const lines = new Map<string, Limiter>()
  const restUntilMs = new Map<string, number>()
  const resting = (origin: string) => (restUntilMs.get(origin) ?? 0) > clock.nowMs()

  let made = 0
  let open = 0
  const answer = async (input: string | URL | Request, init: RequestInit = {}): Promise<Answer> => {
    const url = new URL(input instanceof Request ? input.url : input)
    const signal = init.signal ?? (input instanceof Request ? input.signal : undefined) ?? undefined
    const { origin } = url
    let line = lines.get(origin)
    if (line === undefined) lines.set(origin, (line = createLimiter(options.perOrigin)))
    made++
    open++
    const done = line(async () => {
      if (resting(origin)) throw unavailable(origin, 'the host let an earlier request time out')
      try {
        return await withDeadline(
          async (stop) => {
            const response = await options.fetch(input, { ...init, signal: stop })
            const body = await readCapped(response, options.limitBytes, stop)
            options.inspect?.(url, init.method ?? 'GET', response, body)
            return { status: response.status, headers: response.headers, body }
          },
          { clock, timeoutMs: options.timeoutMs, operation: 'walrus.fetch', code: 'walrus/unavailable', signal },
        )
      } catch (error) {
        if (error instanceof LocketError && 'timeoutMs' in error.details) restUntilMs.set(origin, clock.nowMs() + options.restMs)
        throw error
      }
    }, signal)
    return done.finally(() => open--)
  }
  const fetch: Fetch = async (input, init) => {
    const { status, headers, body } = await answer(input, init)
    const empty = status === 204 || status === 205 || status === 304
    return new Response(empty ? null : body, { status, headers })
  }
  return { fetch, answer, traffic: () => ({ made, open }) }
}

/** Reads a body up to the cap, whatever its headers say, and lets go of the rest. */
async function readCapped(response: Response, limitBytes: number, signal: AbortSignal): Promise<Bytes> {
  const tooLarge = () => new LocketError('codec/too-large', { operation: 'walrus.fetch', details: { limitBytes } })
  if (response.body === null) return new Uint8Array(0)
  const declared = Number(response.headers.get('content-length') ?? 0)
  if (declared > limitBytes) {
    await response.body.cancel().catch(() => {})
    throw tooLarge()
  }
  const reader = response.body.getReader()
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) break
      sizeBytes += value.length
      if (sizeBytes > limitBytes) throw tooLarge()
      parts.push(value)
    }
  } catch (error) {
    await reader.cancel().catch(() => {})
    throw error
  }
  const out = new Uint8Array(sizeBytes)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

function unavailable(source: string, message: string): LocketError {
  return new LocketError('walrus/unavailable', { operation: 'walrus.fetch', message, details: { source } })
}
