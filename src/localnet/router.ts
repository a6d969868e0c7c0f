import type { Bytes } from '../core/bytes.ts'
import type { Fetch } from '../core/capabilities.ts'

/** A service that answers for some hosts and leaves other requests alone. */
export type LocalService = { handle(request: Request): Promise<Response> | undefined }

/**
 * A `fetch` that reaches the localnet's services and nothing else: any other
 * host does not resolve, so no request can escape to the real network.
 *
 * @param observe - Told of each request, with its body, before it is answered.
 */
export function createRouter(services: readonly LocalService[], observe: (request: Request, body: Bytes) => void): Fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    request.signal.throwIfAborted()
    observe(request, new Uint8Array(await request.clone().arrayBuffer()))
    for (const service of services) {
      const answer = service.handle(request)
      if (answer !== undefined) return abortable(answer, request.signal)
    }
    throw new TypeError(`fetch failed: the localnet has no host ${new URL(request.url).host}`)
  }
}

/** `answer`, unless the request is aborted first. */
function abortable<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    // Listened to in any case: an answer that fails because of the abort must not go unhandled.
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
