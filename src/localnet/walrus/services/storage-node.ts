import { isValidSuiObjectId, normalizeSuiAddress } from '@mysten/sui/utils'
import { type Bytes, concatBytes } from '../../../core/bytes.ts'
import { playHostFault } from '../../host-fault.ts'
import { blobIdToBytes } from '../blob-id.ts'
import type { SliverKind } from '../blob-shelf.ts'
import type { StorageNode } from '../committee.ts'
import { shardOfPair, symbolBytes } from '../geometry.ts'
import { BlobMetadata, SliverData } from '../wire-types.ts'
import type { WalrusWorld } from '../world.ts'
import { confirmationMessage, isQuorum, isRegisteredAs, playEpochFault } from './confirmation.ts'
import { bodyBytes, bytesResponse, pathSegments, storageError, successResponse, tamper } from './http.ts'

type Call = { readonly request: Request; readonly blobId: string; readonly blobIdBytes: Bytes; readonly tampered: boolean }

/**
 * The REST interface of one storage node (`crates/walrus-service/src/node/server`
 * of the Walrus repository): metadata, slivers, status, confirmations.
 *
 * Checks what a node can check cheaply: that the blob is registered, that
 * metadata hashes to the blob id, that a sliver has the right shape and belongs
 * to one of its shards. DEVIATION: it does not recompute sliver hashes, so it
 * confirms well-shaped slivers with wrong content; a reader notices.
 */
export function createStorageNode(world: WalrusWorld, node: StorageNode): (request: Request) => Promise<Response> {
  const target = `storage-node/${node.index}` as const
  return async (request) => {
    const fault = world.faults.take(target)
    const early = await playHostFault(fault, world.clock, request.signal)
    if (early !== undefined) return early
    const [version, collection, blobId = '', what, ...rest] = pathSegments(new URL(request.url))
    const blobIdBytes = blobIdToBytes(blobId)
    if (version !== 'v1' || collection !== 'blobs') return storageError(404, 'NOT_FOUND', 'no such route')
    if (blobIdBytes === undefined) return storageError(400, 'INVALID_BLOB_ID', 'the blob ID is not valid')
    if (fault?.kind === 'not-found') return storageError(404, 'NOT_FOUND', 'the requested data does not exist')
    const call: Call = { request, blobId, blobIdBytes, tampered: fault?.kind === 'tampered' }
    switch (what) {
      case 'metadata':
        return serveMetadata(world, node, call, rest)
      case 'slivers':
        return serveSliver(world, node, call, rest)
      case 'status':
        return successResponse(blobStatus(world, blobId))
      case 'confirmation':
        return serveConfirmation(world, node, call, rest)
      default:
        return storageError(404, 'NOT_FOUND', 'no such route')
    }
  }
}

async function serveMetadata(world: WalrusWorld, node: StorageNode, call: Call, rest: readonly string[]): Promise<Response> {
  const { blobId, request } = call
  if (rest[0] === 'status') return successResponse(world.shelf.hasMetadata(blobId, node.index) ? 'Stored' : 'Nonexistent')
  const isRegistered = world.registry.registrationsOf(blobId, world.epoch()).length > 0
  if (request.method === 'PUT') {
    if (!isRegistered) return storageError(400, 'NOT_REGISTERED', 'the blob has not been registered or has already expired')
    playEpochFault(world, 'after-register')
    const stored = world.shelf.putMetadata(blobId, node.index, await bodyBytes(request))
    return stored
      ? successResponse('metadata successfully stored', 201)
      : storageError(400, 'INVALID_METADATA', 'the metadata does not hash to the blob ID')
  }
  const found = world.registry.isCertified(blobId, world.epoch()) ? world.shelf.metadata(blobId) : undefined
  if (found === undefined) return storageError(404, 'METADATA_NOT_FOUND', 'the requested blob metadata does not exist')
  return bytesResponse(concatBytes(call.blobIdBytes, call.tampered ? tamper(found) : found))
}

async function serveSliver(world: WalrusWorld, node: StorageNode, call: Call, rest: readonly string[]): Promise<Response> {
  const { blobId, request } = call
  const [pairText = '', kind, status] = rest
  const pairIndex = /^\d{1,5}$/.test(pairText) ? Number(pairText) : Number.NaN
  if (!(pairIndex < world.geometry.nShards) || (kind !== 'primary' && kind !== 'secondary')) {
    return storageError(400, 'INDEX_OUT_OF_RANGE', 'the sliver is out of range')
  }
  if (!node.shards.has(shardOfPair(world.geometry, call.blobIdBytes, pairIndex))) {
    return storageError(400, 'SHARD_NOT_ASSIGNED', 'the requested shard is not assigned to this storage node')
  }
  if (status === 'status') return successResponse(world.shelf.hasSliver(blobId, kind, pairIndex) ? 'Stored' : 'Nonexistent')
  if (request.method === 'PUT') {
    if (!world.shelf.hasMetadata(blobId, node.index)) return storageError(400, 'MISSING_METADATA', 'the metadata is not stored')
    const bytes = await bodyBytes(request)
    if (!hasRightShape(world, blobId, { kind, pairIndex, bytes })) {
      return storageError(400, 'INVALID_SLIVER', 'the sliver does not fit the metadata')
    }
    world.shelf.putSliver(blobId, kind, pairIndex, bytes)
    return successResponse('sliver stored successfully', 201)
  }
  const found = world.registry.isCertified(blobId, world.epoch()) ? world.shelf.sliver(blobId, kind, pairIndex) : undefined
  if (found === undefined) return storageError(404, 'SLIVER_NOT_FOUND', 'the requested sliver does not exist')
  return bytesResponse(call.tampered ? tamper(found) : found)
}

function hasRightShape(
  world: WalrusWorld,
  blobId: string,
  sliver: { readonly kind: SliverKind; readonly pairIndex: number; readonly bytes: Bytes },
): boolean {
  const metadata = world.shelf.metadata(blobId)
  if (metadata === undefined) return false
  const { nShards, primarySymbols, secondarySymbols } = world.geometry
  const symbol = symbolBytes(world.geometry, Number(BlobMetadata.parse(metadata).V1.unencoded_length))
  try {
    const { symbols, index } = SliverData.parse(sliver.bytes)
    const isPrimary = sliver.kind === 'primary'
    const expectedIndex = isPrimary ? sliver.pairIndex : nShards - 1 - sliver.pairIndex
    const expectedBytes = symbol * (isPrimary ? secondarySymbols : primarySymbols)
    return index === expectedIndex && symbols.symbol_size === symbol && symbols.data.length === expectedBytes
  } catch {
    return false
  }
}

function blobStatus(world: WalrusWorld, blobId: string): unknown {
  const records = world.registry.registrationsOf(blobId, world.epoch())
  if (records.length === 0) return 'nonexistent'
  const isCertified = (record: (typeof records)[number]): boolean => record.certifiedEpoch !== undefined
  const deletable = records.filter((record) => record.deletable)
  const certifiedEpochs = records.flatMap((record) => record.certifiedEpoch ?? [])
  const shared = {
    deletableCounts: { count_deletable_total: deletable.length, count_deletable_certified: deletable.filter(isCertified).length },
    initialCertifiedEpoch: certifiedEpochs.length === 0 ? null : Math.min(...certifiedEpochs),
  }
  const permanent = records.filter((record) => !record.deletable)
  if (permanent.length === 0) return { deletable: shared }
  // What counts is the certified registration that lasts longest; failing that, the longest at all.
  const certified = permanent.filter(isCertified)
  const [best] = (certified.length > 0 ? certified : permanent).toSorted((a, b) => b.endEpoch - a.endEpoch)
  return {
    permanent: {
      ...shared,
      endEpoch: best?.endEpoch,
      isCertified: certified.length > 0,
      statusEvent: { txDigest: best?.previousTransaction ?? '', eventSeq: '0' },
    },
  }
}

async function serveConfirmation(world: WalrusWorld, node: StorageNode, call: Call, rest: readonly string[]): Promise<Response> {
  const { blobId } = call
  const [kind, objectText = ''] = rest
  if (kind !== 'permanent' && !(kind === 'deletable' && isValidSuiObjectId(normalizeSuiAddress(objectText)))) {
    return storageError(404, 'NOT_FOUND', 'no such route')
  }
  playEpochFault(world, 'after-register')
  const objectId = kind === 'deletable' ? normalizeSuiAddress(objectText) : undefined
  if (!isRegisteredAs(world, blobId, objectId)) {
    return storageError(400, 'NOT_REGISTERED', 'the blob has not been registered or has already expired')
  }
  if (!holdsItsPart(world, node, call)) return storageError(400, 'MISSING_SLIVERS', 'the slivers have not all been stored')
  const message = confirmationMessage(world, blobId, objectId)
  const signature = world.committee.sign(node, call.tampered ? tamper(message) : message)
  const answer = successResponse({ signed: { serializedMessage: toBase64(message), signature: toBase64(signature) } })
  if (world.faults.peek('epoch')?.kind === 'after-upload') {
    // Complete once the nodes up to this one make a quorum: clients ask them in this order, more or less.
    const holders = world.committee.nodes.filter((other) => other.index <= node.index && holdsItsPart(world, other, call))
    if (isQuorum(world, holders)) playEpochFault(world, 'after-upload')
  }
  return answer
}

function holdsItsPart(world: WalrusWorld, node: StorageNode, { blobId, blobIdBytes }: Call): boolean {
  if (!world.shelf.hasMetadata(blobId, node.index)) return false
  for (let pair = 0; pair < world.geometry.nShards; pair++) {
    if (!node.shards.has(shardOfPair(world.geometry, blobIdBytes, pair))) continue
    if (!world.shelf.hasSliver(blobId, 'primary', pair) || !world.shelf.hasSliver(blobId, 'secondary', pair)) return false
  }
  return true
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
