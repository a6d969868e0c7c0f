import { bcs } from '@mysten/bcs'
import type { Clock, Entropy } from '../core/capabilities.ts'
import { decodeStrict, encode, toExactNumber } from '../core/codec.ts'
import { LocketError } from '../core/errors.ts'
import type { Emitter } from '../core/emitter.ts'
import type { Mutex } from '../core/mutex.ts'
import { fromBase64Url, fromHex, toBase64Url, toHex } from '../core/bytes.ts'
import type { Embedder } from '../embed/port.ts'
import type { BlobStore } from '../store/port.ts'
import type { Catalog } from './catalog.ts'
import type { Envelope } from './envelope.ts'
import type { Quilts, Search, Spaces } from './ports.ts'
import type { MemoryEvents } from './events.ts'
import type { MemoryId } from './types.ts'

/** What this device knows of one category's space on the network. */
export type KnownSpace = {
  readonly category: string
  readonly spaceId: string
  /** Newest head this device has seen. The chain showing an older one is a rollback. */
  readonly headVersion: bigint
  readonly headBlobId: string | undefined
  /** Head up to which every memory is on this device. Behind `headVersion` while a restore is incomplete. */
  readonly syncedVersion: bigint
  /** Manifests since the last snapshot; a long chain makes restoring slow, so one is cut at {@link MAX_CHAIN}. */
  readonly chainLength: number
}

/** A memory forgotten. `blobIds` name the quilts that still hold its ciphertext. */
export type Tombstone = {
  readonly id: MemoryId
  readonly category: string
  readonly atMs: number
  readonly blobIds: readonly string[]
  /** Whether the key that opens the ciphertext can still be had from the network. */
  readonly keyAlive: boolean
}

/** Deltas written before the next manifest stands alone. */
export const MAX_CHAIN = 24

/**
 * Everything the verbs of the memory engine work on. They are functions over
 * this object; nothing in the engine keeps state anywhere else.
 *
 * `vault` lies in two places that fail apart and holds what exists nowhere
 * else: memories not yet certified, tombstones, uploads under way, heads seen.
 * `cache` holds what the network can give back. Both encrypt at rest.
 */
export type MemoryState = {
  readonly vault: BlobStore
  readonly cache: BlobStore
  readonly catalog: Catalog
  readonly tombstones: Map<MemoryId, Tombstone>
  readonly spaces: Map<string, KnownSpace>
  readonly envelope: Envelope
  readonly network: { readonly spaces: Spaces; readonly quilts: Quilts }
  readonly search: Search
  readonly embedder: Embedder
  readonly clock: Clock
  readonly entropy: Entropy
  readonly events: Emitter<MemoryEvents>
  /** One local write at a time: a version number is taken once. */
  readonly writing: Mutex
  /** One network write at a time: wallets' coins and heads do not take two. */
  readonly uploading: Mutex
}

/** Notes that something of a space, or of any space, is no longer whole here, so that the next restore looks at all of it. */
export function markIncomplete(state: Pick<MemoryState, 'spaces'>, spaceId: string | undefined): void {
  for (const [category, known] of state.spaces) {
    if (spaceId === undefined || known.spaceId === spaceId) state.spaces.set(category, { ...known, syncedVersion: 0n })
  }
}

const SPACES_KEY = 'spaces'

const SpacesBcs = bcs.vector(
  bcs.struct('KnownSpace', {
    category: bcs.string(),
    spaceId: bcs.bytes(32),
    headVersion: bcs.u64(),
    headBlobId: bcs.option(bcs.bytes(32)),
    syncedVersion: bcs.u64(),
    chainLength: bcs.u32(),
  }),
)

/** The store write that records `spaces`. */
export function spacesOp(spaces: Iterable<KnownSpace>): { type: 'put'; key: string; value: Uint8Array } {
  const rows = [...spaces].map((space) => ({
    ...space,
    spaceId: fromHex(space.spaceId),
    headBlobId: space.headBlobId === undefined ? null : fromBase64Url(space.headBlobId),
  }))
  return { type: 'put', key: SPACES_KEY, value: encode(SpacesBcs, rows) }
}

/** Reads the known spaces of a vault. */
export async function loadSpaces(vault: BlobStore): Promise<Map<string, KnownSpace>> {
  const encoded = await vault.get(SPACES_KEY)
  const operation = 'memory.loadSpaces'
  const rows = encoded === undefined ? [] : decodeStrict(SpacesBcs, encoded, operation)
  if (new Set(rows.map(({ category }) => category)).size !== rows.length) {
    throw new LocketError('codec/invalid', { operation, message: 'a category is there twice' })
  }
  return new Map(
    rows.map((row) => [
      row.category,
      {
        category: row.category,
        spaceId: `0x${toHex(row.spaceId)}`,
        headVersion: BigInt(row.headVersion),
        headBlobId: row.headBlobId === null ? undefined : toBase64Url(row.headBlobId),
        syncedVersion: BigInt(row.syncedVersion),
        chainLength: row.chainLength,
      },
    ]),
  )
}

const TOMBSTONE_PREFIX = 't/'

const TombstoneBcs = bcs.struct('Tombstone', {
  category: bcs.string(),
  at: bcs.u64(),
  blobIds: bcs.vector(bcs.bytes(32)),
  keyAlive: bcs.bool(),
})

/** The store write that records a tombstone. */
export function tombstoneOp({ id, category, atMs, blobIds, keyAlive }: Tombstone): { type: 'put'; key: string; value: Uint8Array } {
  return {
    type: 'put',
    key: TOMBSTONE_PREFIX + id,
    value: encode(TombstoneBcs, { category, at: atMs, blobIds: blobIds.map((blobId) => fromBase64Url(blobId)), keyAlive }),
  }
}

/** Reads the tombstones of a vault. */
export async function loadTombstones(vault: BlobStore): Promise<Map<MemoryId, Tombstone>> {
  const operation = 'memory.loadTombstones'
  const tombstones = new Map<MemoryId, Tombstone>()
  for await (const key of vault.list(TOMBSTONE_PREFIX)) {
    const encoded = await vault.get(key)
    if (encoded === undefined) continue
    const id = key.slice(TOMBSTONE_PREFIX.length)
    const { category, at, blobIds, keyAlive } = decodeStrict(TombstoneBcs, encoded, operation)
    tombstones.set(id, {
      id,
      category,
      atMs: toExactNumber(at, operation),
      blobIds: blobIds.map((blobId) => toBase64Url(blobId)),
      keyAlive,
    })
  }
  return tombstones
}

/**
 * @throws {LocketError} `memory/rollback` if the chain shows an older head than this device has seen, or another one
 *   under the same version, which no honest chain does.
 */
export function assertNotRolledBack(
  known: KnownSpace | undefined,
  shown: { readonly headVersion: bigint; readonly headBlobId: string | undefined },
  operation: string,
): void {
  if (known === undefined || shown.headVersion > known.headVersion) return
  if (shown.headVersion === known.headVersion && shown.headBlobId === known.headBlobId) return
  throw new LocketError('memory/rollback', {
    operation,
    details: { spaceId: known.spaceId, seenVersion: String(known.headVersion), shownVersion: String(shown.headVersion) },
  })
}
