import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LocketError } from '../../core/errors.ts'
import { localnet, type InProcessLocalnet, type LocalnetOptions } from '../localnet.ts'
import { decodeTaggedJson, encodeTaggedJson } from '../tagged-json.ts'
import { runControl } from './controls.ts'
import { CONTROLS, hostPath, RPC_METHODS, splitHostPath, type LocalnetDescription } from './protocol.ts'

export type LocalnetServerOptions = LocalnetOptions & {
  /** Default 0: any free port. */
  readonly port?: number | undefined
}

export type LocalnetServer = {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  readonly net: InProcessLocalnet
  /** Stops listening and drops open connections. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Largest request body taken, in bytes. */
const MAX_BODY_BYTES = 256 * 1024 * 1024

/**
 * Serves a localnet over HTTP on 127.0.0.1, with CORS open to every page:
 * anything on this machine, and any page open in its browser, may use its
 * faucet and break its parts. The money is play money; put nothing else in it.
 *
 * @throws {LocketError} `usage/invalid-argument` if the port cannot be listened on.
 */
export async function openLocalnetServer(options: LocalnetServerOptions = {}): Promise<LocalnetServer> {
  let net: InProcessLocalnet | undefined
  const server = createServer((request, response) => {
    if (net === undefined) return void response.writeHead(503, CORS).end()
    answer(net, url, request, response).catch((error: unknown) => {
      // A refused connection is how a machine that is down looks; nothing else is told to the client either.
      if (error instanceof TypeError || response.headersSent) response.destroy()
      else sendJson(response, 500, error)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `port ${options.port} cannot be used`
      reject(new LocketError('usage/invalid-argument', { operation: 'localnet.serve', message, details: { parameter: 'port' }, cause }))
    })
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async () => {
    await net?.close()
    server.closeAllConnections()
    await new Promise<void>((resolve) => void server.close(() => resolve()))
  }
  try {
    net = await localnet({ ...options, keyServerUrlOf: (index) => `${url}${hostPath(`seal-${index + 1}.localnet.test`)}` })
  } catch (error) {
    await close()
    throw error
  }
  return Object.freeze<LocalnetServer>({ url, net, close, [Symbol.asyncDispose]: close })
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE, OPTIONS',
  'access-control-expose-headers': '*',
  'access-control-max-age': '600',
}

async function answer(net: InProcessLocalnet, url: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/'
  if (request.method === 'OPTIONS') {
    // `*` does not cover `authorization`, so the wish is echoed.
    const wanted = request.headers['access-control-request-headers'] ?? '*'
    response.writeHead(204, { ...CORS, 'access-control-allow-headers': wanted, 'access-control-allow-private-network': 'true' }).end()
    return
  }
  const body = await readBody(request)
  if (body === undefined) return void response.writeHead(413, CORS).end()
  if (path === '/') return sendJson(response, 200, describe(net, url))

  const host = splitHostPath(path)
  if (host !== undefined) return forward({ net, url, host, path, body, request, response })

  const [, kind, name] = path.split('/')
  const method = RPC_METHODS.find((known) => known === name)
  const control = CONTROLS.find((known) => known === name)
  if (request.method !== 'POST' || !((kind === 'rpc' && method) || (kind === 'control' && control))) {
    return sendJson(response, 404, new Error(`the localnet has nothing at ${request.method} ${path}`))
  }
  try {
    const parameters = decodeTaggedJson(new TextDecoder().decode(body))
    const call = kind === 'rpc' && method ? (net.client[method] as (options: unknown) => Promise<unknown>).bind(net.client) : undefined
    sendJson(response, 200, call ? await call(parameters) : await runControl(net, control as (typeof CONTROLS)[number], parameters))
  } catch (error) {
    // A full node that is down does not answer, it refuses the connection.
    if (error instanceof TypeError) throw error
    sendJson(response, 400, error)
  }
}

function describe(net: InProcessLocalnet, url: string): LocalnetDescription {
  const { fetch: _sealFetch, ...seal } = net.seal
  const { fetch: _walrusFetch, wasmUrl: _wasmUrl, upload, ...walrus } = net.walrus
  const byPath = (hostUrl: string) => `${url}${hostPath(new URL(hostUrl).host)}`
  return {
    protocolVersion: 1,
    name: net.name,
    nowMs: net.clock.nowMs(),
    chainIdentifier: net.ledger.chainIdentifier,
    walType: net.walType,
    seal,
    walrus: {
      ...walrus,
      aggregators: walrus.aggregators.map(byPath),
      upload:
        upload.via === 'relay'
          ? { ...upload, host: byPath(upload.host) }
          : upload.via === 'publisher'
            ? { ...upload, url: byPath(upload.url) }
            : upload,
    },
  }
}

async function forward(call: {
  readonly net: InProcessLocalnet
  readonly url: string
  readonly host: { readonly hostname: string; readonly rest: string }
  readonly path: string
  readonly body: Uint8Array<ArrayBuffer>
  readonly request: IncomingMessage
  readonly response: ServerResponse
}): Promise<void> {
  const { net, host, request, response } = call
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  // Key servers know themselves by their path here, because that is the address on chain; the others by their host.
  const isKeyServer = /^seal-\d+\.localnet\.test$/.test(host.hostname)
  const target = isKeyServer ? `${call.url}${call.path}` : `https://${host.hostname}${host.rest}`
  const headers = new Headers()
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2)
    headers.append(request.rawHeaders[i] as string, request.rawHeaders[i + 1] as string)
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
  const result = await net.fetch(target, {
    method: request.method ?? 'GET',
    headers,
    ...(hasBody ? { body: call.body } : {}),
    signal: gone.signal,
  })
  const out: Record<string, string> = {}
  for (const [name, value] of result.headers) out[name] = value
  response.writeHead(result.status, { ...out, ...CORS })
  response.end(new Uint8Array(await result.arrayBuffer()))
}

/** The whole body, or `undefined` if it is too large. */
async function readBody(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length
    if (sizeBytes > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  const out = new Uint8Array(sizeBytes)
  let offset = 0
  for (const chunk of chunks) {
    out.set(chunk, offset)
    offset += chunk.length
  }
  return out
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { ...CORS, 'content-type': 'application/json', 'cache-control': 'no-store' }).end(encodeTaggedJson(value))
}
