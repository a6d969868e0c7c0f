import { bcs } from '@mysten/bcs'
import type { AbortOptions } from '../core/abort.ts'
import { copyBytes, fromBase64Url, fromHex, toBase64Url, toHex, type Bytes } from '../core/bytes.ts'
import { randomBytes } from '../core/capabilities.ts'
import { decodeStrict, encode } from '../core/codec.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { SEALED_PREFIX } from '../store/encrypted.ts'
import type { StoreOp } from '../store/port.ts'
import type { Item } from './item.ts'
import type { ManifestEntry } from './manifest.ts'
import { versionName, type Placement } from './record.ts'
import type { MemoryState } from './state.ts'
import type { MemoryId } from './types.ts'

/*
 * What the network has is kept in the cache as the network has it: each version
 * as the patch that was uploaded or read, sealed under its own key, and those
 * keys with their places in sealed group records. So nothing is encrypted twice.
 */

/** Versions of one quilt whose places are kept in one record. */
export type PlacementGroup = {
  readonly spaceId: string
  readonly blobId: string
  readonly endEpoch: number | undefined
  readonly entries: readonly ManifestEntry[]
}

/** Most versions in a group: what one damaged record takes from the device until the next restore. */
const GROUP_ENTRIES = 128

/** Prefix of the group records in the cache. */
export const GROUP_PREFIX = 'q/'

const GroupBcs = bcs.struct('PlacementGroup', {
  space: bcs.bytes(32),
  blobId: bcs.bytes(32),
  endEpoch: bcs.option(bcs.u32()),
  entries: bcs.vector(bcs.struct('Entry', { id: bcs.bytes(16), version: bcs.u32(), identifier: bcs.string(), key: bcs.bytes(32) })),
})

/** Canonical bytes of a group, to be encrypted at rest. */
export function encodeGroup({ spaceId, blobId, endEpoch, entries }: PlacementGroup): Bytes {
  return encode(GroupBcs, {
    space: fromHex(spaceId),
    blobId: fromBase64Url(blobId),
    endEpoch: endEpoch ?? null,
    entries: entries.map(({ id, version, identifier, secretKey }) => ({ id: fromBase64Url(id), version, identifier, key: secretKey })),
  })
}

/** @throws {LocketError} `codec/truncated`, `codec/trailing-bytes`, `codec/invalid`. */
export function decodeGroup(encoded: Uint8Array): PlacementGroup {
  const wire = decodeStrict(GroupBcs, encoded, 'memory.decodeGroup')
  return {
    spaceId: `0x${toHex(wire.space)}`,
    blobId: toBase64Url(wire.blobId),
    endEpoch: wire.endEpoch ?? undefined,
    entries: wire.entries.map(({ id, version, identifier, key }) => ({
      id: toBase64Url(id),
      version,
      identifier,
      secretKey: copyBytes(key),
    })),
  }
}

/** A certified version and the patch that holds it. */
export type CertifiedPatch = { readonly entry: ManifestEntry; readonly bytes: Uint8Array }

/**
 * Keeps certified versions of one quilt. Called by whoever holds
 * `state.writing`, once for each version: two groups that name it would keep
 * its key beyond its time.
 *
 * @returns their placements, in the order given.
 */
export async function keepCertified(
  state: MemoryState,
  quilt: Omit<PlacementGroup, 'entries'>,
  patches: readonly CertifiedPatch[],
): Promise<readonly Placement[]> {
  const placements: Placement[] = []
  const ops: StoreOp[] = []
  for (let start = 0; start < patches.length; start += GROUP_ENTRIES) {
    const chunk = patches.slice(start, start + GROUP_ENTRIES)
    const group = `${GROUP_PREFIX}${toHex(randomBytes(state.entropy, 12))}`
    ops.push({ type: 'put', key: group, value: encodeGroup({ ...quilt, entries: chunk.map(({ entry }) => entry) }) })
    for (const { entry, bytes } of chunk) {
      ops.push({ type: 'put', key: patchKey(entry.id, entry.version), value: bytes })
      placements.push({ ...quilt, identifier: entry.identifier, secretKey: entry.secretKey, group })
    }
  }
  await state.cache.batch(ops)
  return placements
}

/**
 * Reads a certified version. A patch that does not open is dropped: the network has another.
 *
 * @throws {LocketError} `store/corrupt` if it is missing or damaged.
 */
export async function readCertified(
  state: MemoryState,
  { id, version, placement }: { readonly id: MemoryId; readonly version: number; readonly placement: Placement },
  options?: AbortOptions,
): Promise<Item> {
  const key = patchKey(id, version)
  const sealed = await state.cache.get(key, options)
  try {
    if (sealed !== undefined) return await state.envelope.openItem(sealed, placement.secretKey, { spaceId: placement.spaceId, id, version })
  } catch (error) {
    if (!isLocketError(error, 'crypto/open-failed')) throw error
    await state.cache.delete(key)
  }
  throw new LocketError('store/corrupt', { operation: 'memory.read', details: { id, version } })
}

/** The writes that take all versions of some memories out of the cache, keys included. */
export function removeCertified(state: MemoryState, ids: ReadonlySet<MemoryId>): StoreOp[] {
  const removals: StoreOp[] = []
  const touched = new Set<string>()
  for (const id of ids) {
    for (const { version, placement } of state.catalog.get(id)?.versions ?? []) {
      if (placement === undefined) continue
      removals.push({ type: 'delete', key: patchKey(id, version) })
      touched.add(placement.group)
    }
  }
  return [...removals, ...rewriteGroups(state, touched, (id) => !ids.has(id))]
}

/** The writes that note a new end of a quilt. The catalog has it already. */
export function renewGroups(state: MemoryState, blobId: string): StoreOp[] {
  const touched = new Set<string>()
  for (const { versions } of state.catalog.values()) {
    for (const { placement } of versions) if (placement?.blobId === blobId) touched.add(placement.group)
  }
  return rewriteGroups(state, touched)
}

/** The writes that leave in groups what the catalog knows of them, less what is to go. */
export function rewriteGroups(state: MemoryState, touched: ReadonlySet<string>, keep: (id: MemoryId) => boolean = () => true): StoreOp[] {
  if (touched.size === 0) return []
  const left = new Map<string, { readonly placement: Placement; readonly entries: ManifestEntry[] }>()
  for (const { id, versions } of state.catalog.values()) {
    for (const { version, placement } of versions) {
      if (placement === undefined || !touched.has(placement.group) || !keep(id)) continue
      const group = left.get(placement.group) ?? { placement, entries: [] }
      left.set(placement.group, group)
      group.entries.push({ id, version, identifier: placement.identifier, secretKey: placement.secretKey })
    }
  }
  return [...touched].map((key): StoreOp => {
    const group = left.get(key)
    return group === undefined
      ? { type: 'delete', key }
      : { type: 'put', key, value: encodeGroup({ ...group.placement, entries: group.entries }) }
  })
}

/** Cache key of a version's patch. */
export function patchKey(id: MemoryId, version: number): string {
  return `${SEALED_PREFIX}${versionName(id, version)}`
}
