import type { AbortOptions } from '../core/abort.ts'
import { LocketError } from '../core/errors.ts'
import type { SpaceState } from '../seal/types.ts'
import { manifestIdentifier } from './envelope.ts'
import type { Manifest, ManifestEntry } from './manifest.ts'
import type { MemoryState } from './state.ts'
import type { MemoryId } from './types.ts'

/** One version of a memory as the network's manifests tell of it. */
export type RemoteEntry = ManifestEntry & { readonly blobId: string }

/** What the manifests of a space say, put together. */
export type RemoteContents = {
  readonly headVersion: bigint
  readonly headBlobId: string | undefined
  readonly category: string | undefined
  readonly entries: readonly RemoteEntry[]
  /** When each memory was forgotten. */
  readonly forgotten: ReadonlyMap<MemoryId, number>
  /** The quilts that hold the manifests walked, newest first. */
  readonly manifestBlobIds: readonly string[]
  /** Manifests walked. */
  readonly chainLength: number
  /** Whether the walk reached a snapshot or the first manifest, so that nothing older matters. */
  readonly complete: boolean
}

/**
 * Walks a space's manifests from the head the chain names back to the last
 * snapshot, or to `since` if that comes first. Each manifest is authenticated
 * under the space's data key and bound to its version, so storage can withhold
 * one but never pass off another.
 *
 * @throws {LocketError} `memory/rollback` if a manifest is not the one its place calls for; `walrus/*` if one cannot be had.
 */
export async function readContents(
  state: MemoryState,
  space: SpaceState,
  options: AbortOptions & { readonly since?: bigint | undefined } = {},
): Promise<RemoteContents> {
  const manifests: { readonly blobId: string; readonly manifest: Manifest }[] = []
  let blobId = space.headBlobId
  let version = space.headVersion
  while (blobId !== undefined && version > (options.since ?? 0n)) {
    options.signal?.throwIfAborted()
    const manifest = await readManifest(state, space, { blobId, headVersion: version }, options)
    manifests.push({ blobId, manifest })
    blobId = manifest.previousBlobId
    version -= 1n
  }

  const entries = new Map<string, RemoteEntry>()
  const forgotten = new Map<MemoryId, number>()
  for (const { blobId: holder, manifest } of manifests.toReversed()) {
    for (const { id, atMs } of manifest.forgotten) forgotten.set(id, atMs)
    for (const quilt of manifest.quilts) {
      for (const { id, version, identifier, secretKey } of quilt.entries) {
        // PERF: written out; copying a decoded record by spreading it is slow.
        entries.set(`${id}/${version}`, { id, version, identifier, secretKey, blobId: quilt.blobId ?? holder })
      }
    }
  }
  return {
    headVersion: space.headVersion,
    headBlobId: space.headBlobId,
    category: manifests[0]?.manifest.category,
    entries: [...entries.values()].filter(({ id }) => !forgotten.has(id)),
    forgotten,
    manifestBlobIds: manifests.map(({ blobId: holder }) => holder),
    chainLength: manifests.length,
    complete: blobId === undefined || version === 0n,
  }
}

/**
 * The same from this device alone, where it has all that the head stands for:
 * a snapshot can then be written although older manifests have expired.
 */
export function contentsHere(state: MemoryState, space: SpaceState): RemoteContents | undefined {
  const known = [...state.spaces.values()].find(({ spaceId }) => spaceId === space.id)
  if (known === undefined || known.headVersion !== space.headVersion || known.syncedVersion !== space.headVersion) return undefined
  const entries: RemoteEntry[] = []
  for (const { id, versions } of state.catalog.values()) {
    for (const { version, placement } of versions) {
      if (placement?.spaceId !== space.id) continue
      const { blobId, identifier, secretKey } = placement
      entries.push({ id, version, blobId, identifier, secretKey })
    }
  }
  const stones = [...state.tombstones.values()].filter(({ category }) => category === known.category)
  return {
    headVersion: space.headVersion,
    headBlobId: space.headBlobId,
    category: known.category,
    entries,
    forgotten: new Map(stones.map(({ id, atMs }) => [id, atMs])),
    manifestBlobIds: [],
    chainLength: known.chainLength,
    complete: true,
  }
}

/** The epoch a manifest was written in is not stored: the space's keys are tried, newest first. */
async function readManifest(
  state: MemoryState,
  space: SpaceState,
  at: { readonly blobId: string; readonly headVersion: bigint },
  options: AbortOptions,
): Promise<Manifest> {
  const keys = await state.network.spaces.keysOf(space.id, options)
  const context = { spaceId: space.id, headVersion: at.headVersion }
  let failure: unknown
  let isAbsent = false
  for (let epoch = keys.epoch; epoch >= 0; epoch--) {
    const secretDataKey = keys.keyOf(epoch)
    if (secretDataKey === undefined) continue
    const [outcome] = await state.network.quilts.read(
      at.blobId,
      [
        {
          identifier: manifestIdentifier(secretDataKey, context),
          authenticate: (bytes) => state.envelope.openManifest(bytes, secretDataKey, context),
        },
      ],
      options,
    )
    if (outcome?.ok) return outcome.value
    failure ??= outcome?.error
    isAbsent = outcome?.isAbsent === true
    if (!isAbsent) break
  }
  // The quilt is there but holds no manifest for this version under any of our keys: an older head was served as the newest.
  if (isAbsent) {
    throw new LocketError('memory/rollback', {
      operation: 'memory.readManifest',
      details: { spaceId: space.id, blobId: at.blobId, headVersion: String(at.headVersion) },
      cause: failure,
    })
  }
  throw failure
}
