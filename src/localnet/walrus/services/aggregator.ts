import { deriveDynamicFieldID, isValidSuiObjectId } from '@mysten/sui/utils'
import { type Bytes, fromBase64Url } from '../../../core/bytes.ts'
import { playHostFault } from '../../host-fault.ts'
import { blobIdFromInt, blobIdToBytes } from '../blob-id.ts'
import { MetadataField } from '../move-types.ts'
import { formatPatchId, parseQuilt, type Quilt, type QuiltPatch } from '../quilt-matrix.ts'
import { METADATA_FIELD } from '../twins/metadata-field.ts'
import { QuiltPatchId } from '../wire-types.ts'
import type { WalrusWorld } from '../world.ts'
import { bytesResponse, daemonError, jsonResponse, pathSegments, tamper, unknownQueryKey } from './http.ts'

const READ_OPTIONS = ['strict_consistency_check', 'skip_consistency_check']

/** Attributes and tags that an aggregator repeats as headers; others it keeps to itself. */
const ALLOWED_HEADERS: ReadonlySet<string> = new Set([
  'content-type',
  'authorization',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-location',
  'link',
])

type Call = { readonly request: Request; readonly url: URL; readonly lie: 'tampered' | 'wrong-blob' | undefined }

/**
 * The HTTP interface of a Walrus aggregator (`client/daemon/routes.rs` of the
 * Walrus repository): blobs by id, with `Range`; by object id; files of quilts
 * by patch id and by identifier; the list of a quilt's files. Only certified,
 * unexpired blobs are served. Tags do not become headers, as by default on the
 * real network; ask for `/v1/quilts/{id}/patches`.
 */
export function createAggregator(world: WalrusWorld, index: number): (request: Request) => Promise<Response> {
  return async (request) => {
    const fault = world.faults.take(`aggregator/${index}`)
    const early = await playHostFault(fault, world.clock, request.signal)
    if (early !== undefined) return early
    if (fault?.kind === 'not-found') return blobNotFound()
    const lie = fault?.kind === 'tampered' || fault?.kind === 'wrong-blob' ? fault.kind : undefined
    const response = route(world, { request, url: new URL(request.url), lie })
    return request.method === 'HEAD' ? new Response(null, response) : response
  }
}

function route(world: WalrusWorld, call: Call): Response {
  const { request, url } = call
  if (request.method !== 'GET' && request.method !== 'HEAD') return new Response(null, { status: 405 })
  const [version, collection, first = '', second = '', third] = pathSegments(url)
  if (version !== 'v1') return new Response(null, { status: 404 })
  if (collection === 'quilts' && second === 'patches') return listPatches(world, first)
  if (collection !== 'blobs') return new Response(null, { status: 404 })
  switch (first) {
    case 'by-object-id':
      return byObjectId(world, call, second)
    case 'by-quilt-patch-id':
      return byPatchId(world, call, second)
    case 'by-quilt-id':
      // The identifier is one path segment: a slash in it must come as %2F.
      if (third === undefined || pathSegments(url).length !== 5) return new Response(null, { status: 404 })
      return patchResponse(world, call, second, (patch) => patch.identifier === third)
    default:
      if (second === 'byte-range') return byteRange(world, call, first)
      return second === '' ? blobResponse(world, call, first) : new Response(null, { status: 404 })
  }
}

function blobResponse(world: WalrusWorld, call: Call, blobId: string): Response {
  const unknown = unknownQueryKey(call.url, READ_OPTIONS)
  if (unknown !== undefined) return daemonError(400, 'MALFORMED_REQUEST', `unknown field \`${unknown}\``)
  const found = readBlob(world, call, blobId)
  if (found instanceof Response) return found
  const headers = commonHeaders(call.request, blobId)
  const range = call.request.headers.get('range')
  if (range === null) return bytesResponse(found, { headers })
  const match = /^\s*bytes=(\d+)-(\d+)\s*$/.exec(range)
  const [start, end] = [Number(match?.[1]), Number(match?.[2])]
  // Open ranges are not supported by aggregators either.
  if (match === null || start > end || end >= found.length) {
    return daemonError(416, 'INVALID_BYTE_RANGE', 'invalid byte range')
  }
  return bytesResponse(found.subarray(start, end + 1), {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end}/${found.length}` },
  })
}

function byteRange(world: WalrusWorld, call: Call, blobId: string): Response {
  const found = readBlob(world, call, blobId)
  if (found instanceof Response) return found
  const start = Number(call.url.searchParams.get('start') ?? Number.NaN)
  const length = Number(call.url.searchParams.get('length') ?? Number.NaN)
  const isRange = Number.isSafeInteger(start) && Number.isSafeInteger(length) && start >= 0 && length > 0
  if (!isRange || start + length > found.length) return daemonError(416, 'INVALID_BYTE_RANGE', 'invalid byte range')
  return bytesResponse(found.subarray(start, start + length), { headers: commonHeaders(call.request, blobId) })
}

function byObjectId(world: WalrusWorld, call: Call, objectId: string): Response {
  if (!isValidSuiObjectId(objectId)) return daemonError(400, 'INVALID_ID_FORMAT', 'not an object ID')
  const record = world.registry.byObjectId(objectId)
  if (record === undefined) return blobNotFound()
  const response = blobResponse(world, call, record.blobId)
  if (!response.ok) return response
  const field = world.ledger.get(deriveDynamicFieldID(record.objectId, METADATA_FIELD.nameType, METADATA_FIELD.name))
  const attributes = field === undefined ? [] : MetadataField.parse(field.contents).value.metadata.contents
  addHeaders(response.headers, new Map(attributes.map(({ key, value }) => [key, value])))
  return response
}

function byPatchId(world: WalrusWorld, call: Call, patchId: string): Response {
  let parsed: typeof QuiltPatchId.$inferType
  try {
    parsed = QuiltPatchId.parse(fromBase64Url(patchId))
  } catch {
    return daemonError(400, 'INVALID_ID_FORMAT', 'not a quilt patch ID')
  }
  return patchResponse(
    world,
    call,
    blobIdFromInt(parsed.quilt_id),
    (patch) => patch.startIndex === parsed.start_index && patch.endIndex === parsed.end_index,
  )
}

function patchResponse(world: WalrusWorld, call: Call, quiltId: string, isWanted: (patch: QuiltPatch) => boolean): Response {
  const quilt = readQuilt(world, quiltId)
  if (quilt instanceof Response) return quilt
  const patch = quilt.patches.find(isWanted)
  if (patch === undefined) return daemonError(404, 'QUILT_PATCH_NOT_FOUND', 'the requested patch does not exist in the quilt')
  const other = call.lie === 'wrong-blob' ? quilt.patches.find((candidate) => candidate !== patch) : undefined
  const content = quilt.read(other ?? patch)
  // A quilt of one file has no other to confuse it with; the lie is then its reverse.
  const served =
    call.lie === 'tampered' ? tamper(content) : call.lie === 'wrong-blob' && other === undefined ? content.toReversed() : content
  const response = bytesResponse(served, {
    headers: commonHeaders(call.request, quiltId),
  })
  // Left out, as by the real one, when it is not a header value.
  if (/^[\x20-\x7e]+$/.test(patch.identifier)) response.headers.set('x-quilt-patch-identifier', patch.identifier)
  addHeaders(response.headers, patch.tags)
  return response
}

function listPatches(world: WalrusWorld, quiltId: string): Response {
  const quilt = readQuilt(world, quiltId)
  if (quilt instanceof Response) return quilt
  return jsonResponse(
    quilt.patches.map((patch) => ({
      identifier: patch.identifier,
      patch_id: formatPatchId(quiltId, patch),
      tags: Object.fromEntries(patch.tags),
    })),
  )
}

function readQuilt(world: WalrusWorld, quiltId: string): Quilt | Response {
  const found = storedBlob(world, quiltId)
  if (found instanceof Response) return found
  return parseQuilt(world.geometry, found) ?? daemonError(404, 'QUILT_PATCH_NOT_FOUND', 'the blob is not a quilt')
}

function readBlob(world: WalrusWorld, call: Call, blobId: string): Bytes | Response {
  const found = storedBlob(world, blobId)
  if (found instanceof Response || call.lie === undefined) return found
  if (call.lie === 'tampered') return tamper(found)
  const other = world.shelf.ids().find((id) => id !== blobId && !(storedBlob(world, id) instanceof Response))
  const wrong = other === undefined ? undefined : storedBlob(world, other)
  return wrong === undefined || wrong instanceof Response ? found.toReversed() : wrong
}

function storedBlob(world: WalrusWorld, blobId: string): Bytes | Response {
  if (blobIdToBytes(blobId) === undefined) return daemonError(400, 'INVALID_ID_FORMAT', 'not a blob ID')
  const found = world.registry.isCertified(blobId, world.epoch()) ? world.shelf.whole(blobId) : undefined
  if (found === 'inconsistent') return daemonError(500, 'INTERNAL', 'the blob is inconsistent')
  return found ?? blobNotFound()
}

function blobNotFound(): Response {
  return daemonError(404, 'BLOB_NOT_FOUND', 'the requested blob ID does not exist on Walrus, ensure that it was entered correctly')
}

function commonHeaders(request: Request, etag: string): Record<string, string> {
  const accept = request.headers.get('accept')
  return {
    'x-content-type-options': 'nosniff',
    'cache-control': 'public, max-age=86400, stale-while-revalidate=3600',
    etag,
    ...(accept === null || accept.includes('*') ? {} : { 'content-type': accept }),
  }
}

function addHeaders(headers: Headers, pairs: ReadonlyMap<string, string>): void {
  for (const [name, value] of pairs) {
    if (!ALLOWED_HEADERS.has(name.toLowerCase())) continue
    try {
      headers.set(name, value)
    } catch {
      // Not a header value: aggregators leave such attributes out as well.
    }
  }
}
