import type { Clock } from '../core/capabilities.ts'
import type { HostFault } from './faults.ts'

/**
 * Plays the part of a fault that is the same for every HTTP service. Returns
 * the answer to give, or `undefined` to go on and serve the request: after the
 * delay for `slow`, at once for a fault this function does not know.
 *
 * @throws {TypeError} for `down`, as `fetch` does when a connection is refused.
 */
export async function playHostFault(
  fault: HostFault | { readonly kind: string } | undefined,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Response | undefined> {
  if (fault === undefined) return undefined
  if (isHostFault(fault)) {
    if (fault.kind === 'down') throw new TypeError('fetch failed')
    if (fault.kind === 'slow') {
      await clock.sleep(fault.delayMs, { signal })
      return undefined
    }
    if (fault.kind === 'hang') return hang(signal)
    const headers = new Headers({ 'content-type': 'application/json', 'access-control-allow-origin': '*' })
    if (fault.retryAfterSeconds !== undefined) headers.set('retry-after', String(fault.retryAfterSeconds))
    const reason = fault.status === 429 ? 'TooManyRequests' : 'Failure'
    return new Response(JSON.stringify({ error: reason, message: 'the localnet was told to fail' }), { status: fault.status, headers })
  }
  return undefined
}

function isHostFault(fault: { readonly kind: string }): fault is HostFault {
  return fault.kind === 'down' || fault.kind === 'slow' || fault.kind === 'hang' || fault.kind === 'status'
}

function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
