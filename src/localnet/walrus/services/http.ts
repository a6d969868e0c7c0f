import type { Bytes } from '../../../core/bytes.ts'

/** gRPC-style status names that Walrus puts beside HTTP codes, by HTTP code. */
const STATUS_NAMES: Readonly<Record<number, string>> = Object.freeze({
  400: 'INVALID_ARGUMENT',
  404: 'NOT_FOUND',
  413: 'SIZE_EXCEEDED',
  416: 'RANGE_NOT_SATISFIABLE',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
})

const STORAGE_DOMAIN = 'storage.walrus.space'
const DAEMON_DOMAIN = 'daemon.walrus.space'

/** An answer with a JSON body. */
export function jsonResponse(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}

/** An answer with a binary body. */
export function bytesResponse(
  bytes: Uint8Array,
  options: { readonly status?: number; readonly headers?: Record<string, string> } = {},
): Response {
  return new Response(bytes as Bytes, {
    status: options.status ?? 200,
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(bytes.length), ...options.headers },
  })
}

/** A storage node's success envelope. */
export function successResponse(data: unknown, code = 200): Response {
  return jsonResponse({ success: { code, data } }, code)
}

/** A storage node's error envelope. `FAILED_PRECONDITION` reasons travel as 400. */
export function storageError(code: number, reason: string, message: string): Response {
  return errorResponse(STORAGE_DOMAIN, code, reason, message)
}

/** A publisher's or aggregator's error envelope. */
export function daemonError(code: number, reason: string, message: string): Response {
  return errorResponse(DAEMON_DOMAIN, code, reason, message)
}

/** An answer in plain text, as the upload relay words its errors. */
export function textResponse(status: number, text: string): Response {
  return new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
}

/** The whole body of a request. */
export async function bodyBytes(request: Request): Promise<Bytes> {
  return new Uint8Array(await request.arrayBuffer())
}

/** The first query key that is not among `known`, if any: Walrus refuses unknown ones. */
export function unknownQueryKey(url: URL, known: readonly string[]): string | undefined {
  for (const key of url.searchParams.keys()) if (!known.includes(key)) return key
  return undefined
}

/** The decoded segments of a path. */
export function pathSegments(url: URL): readonly string[] {
  return url.pathname.split('/').filter(Boolean).map(decodeURIComponent)
}

/** A copy with one bit of the middle byte flipped. */
export function tamper(bytes: Uint8Array): Bytes {
  const copy = new Uint8Array(bytes)
  const middle = copy.length >> 1
  if (copy.length > 0) copy[middle] = (copy[middle] as number) ^ 1
  return copy
}

function errorResponse(domain: string, code: number, reason: string, message: string): Response {
  const status = STATUS_NAMES[code] ?? 'UNKNOWN'
  return jsonResponse({ error: { status, code, message, details: [{ '@type': 'ErrorInfo', reason, domain }] } }, code)
}
