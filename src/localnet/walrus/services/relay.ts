import { bcs } from '@mysten/sui/bcs'
import { normalizeStructTag, normalizeSuiAddress } from '@mysten/sui/utils'
import { sha256 } from '@noble/hashes/sha2.js'
import { equalBytes, fromBase64Url, toBase64Url } from '../../../core/bytes.ts'
import { playHostFault } from '../../host-fault.ts'
import { blobIdToBytes } from '../blob-id.ts'
import { encodedBytes, maxBlobBytes } from '../geometry.ts'
import type { FindTransaction, PaidTransaction, TipConfig } from '../tip.ts'
import type { WalrusWorld } from '../world.ts'
import { confirmationMessage, isQuorum, isRegisteredAs, playEpochFault } from './confirmation.ts'
import { bodyBytes, jsonResponse, pathSegments, tamper, textResponse, unknownQueryKey } from './http.ts'

/** Largest body, 1 GiB. */
const MAX_BODY_BYTES = 1024 * 1024 * 1024
/** How old the transaction that paid may be. */
const MAX_TRANSACTION_AGE_MS = 60 * 60 * 1000
const QUERY_KEYS = ['blob_id', 'nonce', 'tx_id', 'deletable_blob_object', 'encoding_type']
const SUI_TYPE = normalizeStructTag('0x2::sui::SUI')

/**
 * The upload relay (`crates/walrus-upload-relay` of the Walrus repository):
 * takes a registered blob whole, checks that the tip was paid for this very
 * blob, and answers with a certificate of all nodes that are up.
 */
export function createRelay(
  world: WalrusWorld,
  options: { readonly tip: TipConfig | undefined; readonly findTransaction: FindTransaction | undefined },
): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url)
    const path = pathSegments(url).join('/')
    // A bad certificate is for the next upload: asking for the tip must not use it up.
    const isUpload = path === 'v1/blob-upload-relay'
    const fault = isUpload || world.faults.peek('relay')?.kind !== 'bad-certificate' ? world.faults.take('relay') : undefined
    const early = await playHostFault(fault, world.clock, request.signal)
    if (early !== undefined) return early
    if (path === 'v1/tip-config' && request.method === 'GET') return jsonResponse(tipConfigWire(options.tip))
    if (!isUpload || request.method !== 'POST') return textResponse(404, '')

    const unknown = unknownQueryKey(url, QUERY_KEYS)
    if (unknown !== undefined) return textResponse(400, `Failed to deserialize query string: unknown field \`${unknown}\``)
    const blobId = url.searchParams.get('blob_id') ?? ''
    const blobIdBytes = blobIdToBytes(blobId)
    if (blobIdBytes === undefined) return textResponse(400, 'Failed to deserialize query string: invalid blob ID')
    const encoding = url.searchParams.get('encoding_type')
    if (encoding !== null && encoding !== 'RS2') return textResponse(400, 'Failed to deserialize query string: unknown encoding')
    const body = await bodyBytes(request)
    if (body.length > MAX_BODY_BYTES) return textResponse(413, 'length limit exceeded')
    if (options.tip !== undefined) {
      const refusal = checkTip(world, url, body, options.tip, options.findTransaction)
      if (refusal !== undefined) return refusal
    }
    if (body.length > maxBlobBytes(world.geometry)) return textResponse(400, 'the data is too large to be encoded')
    if (world.encoder.blobIdOf(body) !== blobId) {
      return textResponse(400, 'the provided blob ID and the blob ID resulting from the blob encoding do not match')
    }

    playEpochFault(world, 'after-register')
    const objectText = url.searchParams.get('deletable_blob_object')
    const objectId = objectText === null ? undefined : normalizeSuiAddress(objectText)
    const signers = world.committee.nodes.filter(({ index }) => {
      const nodeFault = world.faults.peek(`storage-node/${index}`)
      return nodeFault === undefined || nodeFault.kind === 'slow'
    })
    if (!isRegisteredAs(world, blobId, objectId) || !isQuorum(world, signers)) return textResponse(500, 'internal client error')
    world.shelf.putWhole(blobId, body)
    const message = confirmationMessage(world, blobId, objectId)
    const signature = world.committee.signTogether(signers, fault?.kind === 'bad-certificate' ? tamper(message) : message)
    playEpochFault(world, 'after-upload')
    return jsonResponse({
      blob_id: [...blobIdBytes],
      confirmation_certificate: {
        signers: signers.map(({ index }) => index),
        serialized_message: [...message],
        signature: toBase64Url(signature),
      },
    })
  }
}

function tipConfigWire(tip: TipConfig | undefined): unknown {
  if (tip === undefined) return 'no_tip'
  const kind =
    tip.kind === 'const' ? { const: tip.tipMist } : { linear: { base: tip.baseMist, encoded_size_mul_per_kib: tip.mistPerEncodedKib } }
  return { send_tip: { address: tip.address, kind } }
}

/** What a blob of `sizeBytes` costs at the relay, in MIST. */
function tipFor(world: WalrusWorld, tip: TipConfig, sizeBytes: number): bigint {
  if (tip.kind === 'const') return BigInt(tip.tipMist)
  const kib = (encodedBytes(world.geometry, BigInt(sizeBytes)) + 1023n) / 1024n
  return BigInt(tip.baseMist) + BigInt(tip.mistPerEncodedKib) * kib
}

/** The relay's checks in its order: freshness, tip, nonce, length, hash. */
function checkTip(
  world: WalrusWorld,
  url: URL,
  body: Uint8Array,
  tip: TipConfig,
  findTransaction: FindTransaction | undefined,
): Response | undefined {
  const digest = url.searchParams.get('tx_id')
  const nonce = nonceOf(url)
  if (digest === null || nonce === undefined) return textResponse(400, 'The query parameters are missing the transaction ID or the nonce')
  const transaction = findTransaction?.(digest)
  if (transaction === undefined) return textResponse(500, 'internal client error')
  if (world.ledger.nowMs() - transaction.timestampMs > MAX_TRANSACTION_AGE_MS) return textResponse(400, 'the transaction is too old')

  const wanted = tipFor(world, tip, body.length)
  const change = transaction.balanceChanges.find(
    ({ address, coinType }) =>
      normalizeSuiAddress(address) === normalizeSuiAddress(tip.address) && normalizeStructTag(coinType) === SUI_TYPE,
  )
  if (change === undefined) return textResponse(402, 'no tip was sent to the relay')
  if (change.amount < wanted) return textResponse(402, `the tip was ${change.amount}, expected at least ${wanted}`)

  const payload = authPayloadOf(transaction)
  if (payload === undefined) return textResponse(401, 'the auth package is missing from the first input slot of the PTB')
  if (payload.length !== 72) return textResponse(401, 'the auth package was found but could not be read')
  if (!equalBytes(sha256(nonce), payload.subarray(32, 64))) return textResponse(401, 'the provided nonce hash in the ptb is invalid')
  if (BigInt(bcs.u64().parse(payload.subarray(64))) !== BigInt(body.length)) return textResponse(401, 'the blob lengths do not match')
  if (!equalBytes(sha256(body), payload.subarray(0, 32))) return textResponse(401, 'the blob digests do not match')
  return undefined
}

function nonceOf(url: URL): Uint8Array | undefined {
  try {
    const nonce = fromBase64Url((url.searchParams.get('nonce') ?? '').replace(/=+$/, ''))
    return nonce.length === 32 ? nonce : undefined
  } catch {
    return undefined
  }
}

function authPayloadOf(transaction: PaidTransaction): Uint8Array | undefined {
  const kind = bcs.TransactionData.parse(transaction.transactionBytes).V1.kind
  const pure = kind.ProgrammableTransaction?.inputs[0]?.Pure?.bytes
  return pure === undefined ? undefined : Uint8Array.from(atob(pure), (char) => char.charCodeAt(0))
}
