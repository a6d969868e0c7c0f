import { isValidSuiAddress, normalizeSuiAddress, toBase58 } from '@mysten/sui/utils'
import { encodeQuilt } from '@mysten/walrus'
import { type Bytes, fromHex, utf8 } from '../../../core/bytes.ts'
import { randomBytes } from '../../../core/capabilities.ts'
import { playHostFault } from '../../host-fault.ts'
import type { Owner } from '../../ledger/types.ts'
import { blobIdToInt, ENCODING_RS2 } from '../blob-id.ts'
import type { BlobRecord } from '../blob-registry.ts'
import { encodedBytes, maxBlobBytes, unitsOf } from '../geometry.ts'
import { BlobObject, type BlobStruct, SharedBlob } from '../move-types.ts'
import { TYPES } from '../names.ts'
import { formatPatchId } from '../quilt-matrix.ts'
import type { WalrusWorld } from '../world.ts'
import { bodyBytes, daemonError, jsonResponse, pathSegments, unknownQueryKey } from './http.ts'

const QUERY_KEYS = [
  'encoding_type',
  'epochs',
  'deletable',
  'permanent',
  'force',
  'quilt_version',
  'reuse_resources',
  'send_object_to',
  'share',
]
const METADATA_FIELD_NAME = '_metadata'
const MAX_IDENTIFIER_BYTES = 65_535
/** Default body limits of the real daemon. */
const MAX_BLOB_BODY_BYTES = 10 * 1024 * 1024
const MAX_QUILT_BODY_BYTES = 100 * 1024 * 1024

type StoreOptions = {
  readonly epochs: number
  readonly permanent: boolean
  readonly force: boolean
  readonly owner: Owner
}

/**
 * The HTTP interface of a Walrus publisher (`client/daemon/routes.rs` of the
 * Walrus repository): stores blobs and quilts and pays for them. DEVIATION: its
 * wallet is bottomless and its objects appear without transactions of their
 * own; the cost it reports is what a wallet would have paid.
 */
export function createPublisher(world: WalrusWorld, publisherAddress: string): (request: Request) => Promise<Response> {
  return async (request) => {
    const fault = world.faults.take('publisher')
    const early = await playHostFault(fault, world.clock, request.signal)
    if (early !== undefined) return early
    const url = new URL(request.url)
    const path = pathSegments(url).join('/')
    if (path !== 'v1/blobs' && path !== 'v1/quilts') return new Response(null, { status: 404 })
    if (request.method !== 'PUT') return new Response(null, { status: 405 })
    const options = parseQuery(world, url, publisherAddress)
    if (options instanceof Response) return options
    const isWrong = fault?.kind === 'wrong-blob'
    return path === 'v1/blobs' ? putBlob(world, request, { ...options, isWrong }) : putQuilt(world, request, { ...options, isWrong })
  }
}

async function putBlob(world: WalrusWorld, request: Request, options: StoreOptions & { readonly isWrong: boolean }): Promise<Response> {
  const body = await bodyBytes(request)
  if (body.length > MAX_BLOB_BODY_BYTES) return tooLarge()
  return jsonResponse(store(world, options.isWrong ? randomBytes(world.entropy, body.length + 1) : body, options))
}

async function putQuilt(world: WalrusWorld, request: Request, options: StoreOptions & { readonly isWrong: boolean }): Promise<Response> {
  let form: FormData
  try {
    form = await request.formData()
  } catch {
    return malformed('failed to parse multipart form')
  }
  const files = await quiltFiles(form)
  if (typeof files === 'string') return malformed(files)
  if (files.reduce((sum, { contents }) => sum + contents.length, 0) > MAX_QUILT_BODY_BYTES) return tooLarge()
  const blobs = options.isWrong ? files.map((file) => ({ ...file, contents: randomBytes(world.entropy, file.contents.length + 1) })) : files
  let quilt: ReturnType<typeof encodeQuilt>
  try {
    quilt = encodeQuilt({ blobs, numShards: world.geometry.nShards })
  } catch (error) {
    return malformed(`failed to construct quilt: ${error instanceof Error ? error.message : String(error)}`)
  }
  const bytes = new Uint8Array(quilt.quilt)
  const result = store(world, bytes, options)
  const blobId = world.encoder.blobIdOf(bytes)
  return jsonResponse({
    blobStoreResult: result,
    storedQuiltBlobs: quilt.index.patches.map(({ identifier, startIndex, endIndex }) => ({
      identifier,
      quiltPatchId: formatPatchId(blobId, { startIndex, endIndex }),
      range: [startIndex, endIndex],
    })),
  })
}

/** The files of the form, or why it is malformed. */
async function quiltFiles(
  form: FormData,
): Promise<{ readonly identifier: string; readonly contents: Bytes; readonly tags: Record<string, string> }[] | string> {
  const metadata = form.get(METADATA_FIELD_NAME)
  const tags =
    metadata === null
      ? new Map<string, Record<string, string>>()
      : parseTags(typeof metadata === 'string' ? metadata : await metadata.text())
  if (typeof tags === 'string') return tags
  const files: { identifier: string; contents: Bytes; tags: Record<string, string> }[] = []
  for (const [identifier, value] of form.entries()) {
    if (identifier === METADATA_FIELD_NAME) continue
    if (!isIdentifier(identifier)) return `invalid identifier: ${identifier}`
    const contents = typeof value === 'string' ? utf8(value) : new Uint8Array(await value.arrayBuffer())
    files.push({ identifier, contents, tags: tags.get(identifier) ?? {} })
  }
  return files.length === 0 ? 'no files provided in multipart form' : files
}

/** Tags by identifier; values that are not text are kept as JSON, as the real daemon does. */
function parseTags(json: string): Map<string, Record<string, string>> | string {
  let entries: unknown
  try {
    entries = JSON.parse(json)
  } catch {
    return 'failed to parse _metadata'
  }
  if (!Array.isArray(entries)) return 'failed to parse _metadata'
  const byIdentifier = new Map<string, Record<string, string>>()
  for (const entry of entries as { identifier?: unknown; tags?: Record<string, unknown> }[]) {
    if (typeof entry?.identifier !== 'string') return 'failed to parse _metadata'
    if (byIdentifier.has(entry.identifier)) return 'duplicate identifiers found in _metadata'
    const tags: Record<string, string> = {}
    for (const [key, value] of Object.entries(entry.tags ?? {})) tags[key] = typeof value === 'string' ? value : JSON.stringify(value)
    byIdentifier.set(entry.identifier, tags)
  }
  return byIdentifier
}

/** `validate_quilt_identifier`, and the daemon's rule that names do not begin with an underscore. */
function isIdentifier(text: string): boolean {
  const bytes = utf8(text).length
  return bytes > 0 && bytes <= MAX_IDENTIFIER_BYTES && text.trimEnd() === text && !/\p{Cc}/u.test(text) && !text.startsWith('_')
}

function parseQuery(world: WalrusWorld, url: URL, publisherAddress: string): StoreOptions | Response {
  const unknown = unknownQueryKey(url, QUERY_KEYS)
  if (unknown !== undefined) return malformed(`unknown field \`${unknown}\``)
  const query = url.searchParams
  const epochsText = query.get('epochs') ?? '1'
  const epochs = Number(epochsText)
  if (!/^\d+$/.test(epochsText)) return malformed('epochs is not a number')
  if (epochs === 0 || epochs > world.systemState().future_accounting.length) return daemonError(500, 'INTERNAL', 'epochs out of range')
  const permanent = query.get('permanent') === 'true'
  if (permanent && query.get('deletable') === 'true') {
    return daemonError(400, 'INVALID_BLOB_PERSISTENCE', 'the blob cannot be defined as both deletable and permanent')
  }
  const sendTo = query.get('send_object_to')
  const share = query.get('share') === 'true'
  if (sendTo !== null && (share || !isValidSuiAddress(normalizeSuiAddress(sendTo)))) return malformed('send_object_to is not usable')
  const address = normalizeSuiAddress(sendTo ?? publisherAddress)
  return {
    epochs,
    permanent,
    force: query.get('force') === 'true',
    owner: share ? { kind: 'shared', initialVersion: 1n } : { kind: 'address', address },
  }
}

/** Stores one blob unless it is there for long enough already; returns the daemon's `BlobStoreResult`. */
function store(world: WalrusWorld, bytes: Bytes, options: StoreOptions): unknown {
  if (bytes.length > maxBlobBytes(world.geometry)) throw new RangeError('larger than any body limit')
  const blobId = world.encoder.blobIdOf(bytes)
  const epoch = world.epoch()
  const endEpoch = epoch + options.epochs
  const existing = options.force ? undefined : findExisting(world, blobId, endEpoch)
  if (existing !== undefined) {
    const event = { txDigest: existing.previousTransaction ?? toBase58(fromHex(existing.objectId)), eventSeq: '0' }
    return { alreadyCertified: { blobId, event, endEpoch: existing.endEpoch } }
  }
  world.shelf.putWhole(blobId, bytes)
  const state = world.systemState()
  const encodedLength = encodedBytes(world.geometry, BigInt(bytes.length))
  const pricePerUnit = BigInt(state.storage_price_per_unit_size) * BigInt(options.epochs) + BigInt(state.write_price_per_unit_size)
  const blob: BlobStruct = {
    id: world.ledger.freshId(),
    registered_epoch: epoch,
    blob_id: String(blobIdToInt(blobId)),
    size: String(bytes.length),
    encoding_type: ENCODING_RS2,
    certified_epoch: epoch,
    storage: { id: world.ledger.freshId(), start_epoch: epoch, end_epoch: endEpoch, storage_size: String(encodedLength) },
    deletable: !options.permanent,
  }
  const sharedId = placeBlob(world, blobId, blob, options.owner)
  return {
    newlyCreated: {
      blobObject: {
        id: blob.id,
        registeredEpoch: epoch,
        blobId,
        size: bytes.length,
        encodingType: 'RS2',
        certifiedEpoch: epoch,
        storage: { id: blob.storage.id, startEpoch: epoch, endEpoch, storageSize: Number(encodedLength) },
        deletable: blob.deletable,
      },
      resourceOperation: { registerFromScratch: { encodedLength: Number(encodedLength), epochsAhead: options.epochs } },
      cost: Number(unitsOf(encodedLength) * pricePerUnit),
      ...(sharedId === undefined ? {} : { sharedBlobObject: sharedId }),
    },
  }
}

/** A permanent registration that lasts long enough makes storing again unnecessary; a deletable one may vanish any time. */
function findExisting(world: WalrusWorld, blobId: string, endEpoch: number): BlobRecord | undefined {
  return world.registry
    .registrationsOf(blobId, world.epoch())
    .find((record) => !record.deletable && record.certifiedEpoch !== undefined && record.endEpoch >= endEpoch)
}

/** Puts the blob object on the ledger, inside a `SharedBlob` if it is to be shared; returns that one's id. */
function placeBlob(world: WalrusWorld, blobId: string, blob: BlobStruct, owner: Owner): string | undefined {
  if (owner.kind !== 'shared') {
    world.ledger.place({ id: blob.id, type: TYPES.blob, contents: BlobObject.serialize(blob).toBytes(), owner })
    world.registry.note(blobId, blob.id)
    return undefined
  }
  const id = world.ledger.freshId()
  world.ledger.place({ id, type: TYPES.sharedBlob, contents: SharedBlob.serialize({ id, blob, funds: { value: '0' } }).toBytes(), owner })
  world.registry.note(blobId, id)
  return id
}

function malformed(message: string): Response {
  return daemonError(400, 'MALFORMED_REQUEST', `the request is malformed: ${message}`)
}

function tooLarge(): Response {
  return daemonError(413, 'BLOB_TOO_LARGE', 'the body exceeds the limit of the publisher')
}
