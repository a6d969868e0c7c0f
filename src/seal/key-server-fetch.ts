import type { Fetch } from '../core/capabilities.ts'
import { abortable } from '../core/abortable.ts'
import type { ServerTime } from './server-time.ts'

/** What became of one request to one key server. */
export type KeyServerAnswer = {
  readonly objectId: string
  readonly path: 'service' | 'fetch_key'
  /** `cancelled`: given up because enough others had answered, or too few could. */
  readonly kind: 'granted' | 'refused' | 'down' | 'cancelled'
  /** The protocol's error name, or the status, or why there was no answer. */
  readonly reason: string | undefined
  readonly status: number | undefined
  readonly body: Uint8Array | undefined
}

/** Statuses whose responses must not have a body. */
const EMPTY_STATUSES = [101, 204, 205, 304]

/**
 * A `fetch` that reports what each key server did: the Seal client reduces all
 * of it to the most frequent error, or to `undefined`. Learns the servers' time
 * on the way.
 *
 * @param deps.serverOf - Object id of the server a URL belongs to.
 */
export function createKeyServerFetch(deps: {
  readonly fetch: Fetch
  readonly time: ServerTime
  readonly serverOf: (url: string) => string | undefined
  readonly onAnswer: (answer: KeyServerAnswer) => void
}): Fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : input.toString()
    const objectId = deps.serverOf(url) ?? url
    const path = url.includes('/v1/service') ? 'service' : 'fetch_key'
    let response: Response
    let body: Uint8Array<ArrayBuffer>
    try {
      // The SDK waits for every request it has aborted: a transport that ignores signals must not hold it up.
      ;[response, body] = await abortable(load(deps.fetch, input, init), { signal: init?.signal ?? undefined })
    } catch (error) {
      const timedOut = error instanceof DOMException && error.name === 'TimeoutError'
      const kind = init?.signal?.aborted && !timedOut ? 'cancelled' : 'down'
      deps.onAnswer({ objectId, path, kind, reason: timedOut ? 'timeout' : 'unreachable', status: undefined, body: undefined })
      throw error
    }
    const { status, statusText, headers } = response
    deps.time.observe(objectId, headers.get('date'))
    const kind = response.ok ? 'granted' : 'refused'
    deps.onAnswer({ objectId, path, kind, reason: response.ok ? undefined : errorName(body, status), status, body })
    return new Response(EMPTY_STATUSES.includes(status) ? null : body, { status, statusText, headers })
  }
}

async function load(fetch: Fetch, input: RequestInfo | URL, init: RequestInit | undefined): Promise<[Response, Uint8Array<ArrayBuffer>]> {
  const response = await fetch(input, init)
  return [response, new Uint8Array(await response.arrayBuffer())]
}

/** The `error` of a key server's error body, or `HTTP <status>`. Never its message, which is free text. */
function errorName(body: Uint8Array, status: number): string {
  try {
    const { error } = JSON.parse(new TextDecoder().decode(body)) as { error?: unknown }
    if (typeof error === 'string' && /^[A-Za-z]{1,40}$/.test(error)) return error
  } catch {}
  return `HTTP ${status}`
}
