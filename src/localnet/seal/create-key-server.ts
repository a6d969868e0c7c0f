import { toBase64 } from '@mysten/bcs'
import { normalizeSuiAddress } from '@mysten/sui/utils'
import { concatBytes, fromHex, type Bytes } from '../../core/bytes.ts'
import { systemClock, type Clock, type Entropy } from '../../core/capabilities.ts'
import { formatHttpDate } from '../../core/utc.ts'
import { createFaults, type Faults, type KeyServerFault } from '../faults.ts'
import { playHostFault } from '../host-fault.ts'
import type { Ledger } from '../ledger/types.ts'
import { checkPolicy } from './check-policy.ts'
import { checkCertificateTime, checkSignatures } from './check-signatures.ts'
import { decodeFetchKeyRequest, type FetchKeyRequest } from './fetch-key-request.ts'
import { extractEncrypted, proveMasterKey, publicKeyOf } from './identity-keys.ts'
import { KeyServerError } from './key-server-error.ts'
import { parsePolicyPtb } from './parse-policy-ptb.ts'
import type { KeyServersOptions, KeyServerTally, LocalKeyServer } from './types.ts'

/** What these servers say they are, in `X-KeyServer-Version`. The client requires 0.4.1. */
const SERVER_VERSION = '0.6.3'
/** Oldest client served, by `Client-Sdk-Type`. */
const OLDEST_TYPESCRIPT_SDK = [0, 4, 5] as const
/** 128 KiB of transaction in base64, and room for the rest. */
const MAX_BODY_BYTES = 180 * 1024

/** On every answer: without the version the client refuses it, without the rest a browser hides it. */
const HEADERS = {
  'x-keyserver-version': SERVER_VERSION,
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-expose-headers': '*',
}

/**
 * One Seal key server over the ledger: `GET /v1/service` and `POST
 * /v1/fetch_key` with the checks, error bodies and headers of MystenLabs/seal
 * `crates/key-server`. Keys are really extracted from a master key; the policy
 * is decided by the package's bytecode.
 *
 * Not modelled: MVR names (refused as `InvalidMVRName`), address aliases,
 * staleness of the full node, API keys.
 */
export function createKeyServer(
  ledger: Ledger,
  options: {
    readonly index: number
    readonly objectId: string
    readonly url: string
    readonly secretMasterKey: bigint
    readonly entropy: Entropy
    readonly clock?: Clock | undefined
    readonly faults?: Faults | undefined
    readonly firstPackageOf: (packageId: string) => string | undefined
  } & Pick<KeyServersOptions, 'servedPackages' | 'ttlMaxMin'>,
): LocalKeyServer {
  const { index, objectId, url, secretMasterKey, entropy, firstPackageOf, ttlMaxMin = 30, faults = createFaults() } = options
  const servedPackages = options.servedPackages && new Set(options.servedPackages.map((id) => normalizeSuiAddress(id)))
  const publicKey = publicKeyOf(secretMasterKey)
  const tally = { service: 0, fetchKey: 0, keys: 0 }
  let proof: Bytes | undefined

  function nowMs(fault: KeyServerFault | undefined): number {
    return ledger.nowMs() + (fault?.kind === 'skewed-clock' ? fault.skewMs : 0)
  }

  function service(request: Request, fault: KeyServerFault | undefined): Response {
    tally.service++
    const asked = new URL(request.url).searchParams.get('service_id')
    if (asked === null || !/^0x[0-9a-fA-F]{1,64}$/.test(asked) || normalizeSuiAddress(asked) !== objectId) {
      throw new KeyServerError('InvalidServiceId', 'Invalid service ID')
    }
    proof ??= proveMasterKey(secretMasterKey, publicKey, objectId)
    const shown = fault?.kind === 'wrong-proof' ? proveMasterKey(secretMasterKey + 1n, publicKey, objectId) : proof
    return reply({ service_id: objectId, pop: toBase64(shown) })
  }

  async function fetchKey(request: Request, fault: KeyServerFault | undefined): Promise<Response> {
    tally.fetchKey++
    if (!request.headers.get('content-type')?.includes('application/json')) {
      return plain('Expected request with `Content-Type: application/json`', 415)
    }
    const body = new Uint8Array(await request.arrayBuffer())
    if (body.length > MAX_BODY_BYTES) return plain('length limit exceeded', 413)
    let json: unknown
    try {
      json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    } catch {
      return plain('Failed to parse the request body as JSON', 400)
    }
    const parsed = decodeFetchKeyRequest(json)
    if (!parsed) return plain('Failed to deserialize the JSON body into the target type', 422)
    return reply({ decryption_keys: await grant(parsed, fault) })
  }

  async function grant(request: FetchKeyRequest, fault: KeyServerFault | undefined): Promise<unknown> {
    const ptb = parsePolicyPtb(request.ptb)
    const firstPackage = firstPackageOf(ptb.packageId)
    if (firstPackage === undefined) throw new KeyServerError('InvalidPackage', 'Invalid package ID')
    if (servedPackages && !servedPackages.has(firstPackage)) {
      throw new KeyServerError('UnsupportedPackageId', 'Unsupported package ID')
    }
    if (request.certificate.mvrName !== undefined) throw new KeyServerError('InvalidMVRName', 'Invalid MVR name')
    checkCertificateTime(request.certificate, nowMs(fault), ttlMaxMin)
    await checkSignatures(request, ptb.bytes, firstPackage)
    checkPolicy(ledger, request.certificate.user, ptb)
    tally.keys += ptb.ids.length
    return ptb.ids.map((id) => {
      const fullId = concatBytes(fromHex(firstPackage), id)
      const [c0, c1] = extractEncrypted({
        secretMasterKey: fault?.kind === 'wrong-key' ? secretMasterKey + 1n : secretMasterKey,
        fullId: fault?.kind === 'other-identity' ? concatBytes(fullId, new Uint8Array([1])) : fullId,
        requesterKey: request.encKey,
        entropy,
      })
      return { id: [...fullId], encrypted_key: [toBase64(c0), toBase64(c1)] }
    })
  }

  function route(request: Request, fault: KeyServerFault | undefined): Response | Promise<Response> {
    if (request.method === 'OPTIONS') return plain('', 200)
    const { pathname } = new URL(request.url)
    const wanted = pathname.endsWith('/v1/service') ? 'GET' : pathname.endsWith('/v1/fetch_key') ? 'POST' : undefined
    if (wanted === undefined) return plain('', 404)
    if (request.method !== wanted) return plain('', 405)
    checkSdk(request.headers)
    return wanted === 'GET' ? service(request, fault) : fetchKey(request, fault)
  }

  async function answer(request: Request, fault: KeyServerFault | undefined): Promise<Response> {
    try {
      return await route(request, fault)
    } catch (error) {
      if (error instanceof KeyServerError) return reply({ error: error.error, message: error.message }, error.status)
      throw error
    }
  }

  return Object.freeze({
    objectId,
    url,
    publicKey,
    tally: (): KeyServerTally => ({ ...tally }),
    async handle(request: Request): Promise<Response> {
      const { signal } = request
      signal.throwIfAborted()
      const fault = faults.take(`key-server/${index}`)
      const response = (await playHostFault(fault, options.clock ?? systemClock(), signal)) ?? (await answer(request, fault))
      for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value)
      response.headers.set('date', formatHttpDate(nowMs(fault)))
      return response
    },
  })
}

function reply(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}

function plain(text: string, status: number): Response {
  return new Response(text, { status, headers: { 'content-type': 'text/plain' } })
}

function checkSdk(headers: Headers): void {
  const version = headers.get('client-sdk-version')
  if (version === null) throw new KeyServerError('MissingRequiredHeader', 'Missing required header: Client-Sdk-Version')
  const parts = /^(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(version)
  if (!parts) throw new KeyServerError('InvalidSDKVersion', 'Invalid SDK version')
  if (headers.get('client-sdk-type') !== 'typescript') return
  const difference = OLDEST_TYPESCRIPT_SDK.map((oldest, i) => Number(parts[i + 1]) - oldest).find((d) => d !== 0) ?? 0
  if (difference < 0) throw new KeyServerError('DeprecatedSDKVersion', 'Deprecated SDK version')
}
