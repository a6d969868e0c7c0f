import type { AbortOptions } from '../core/abort.ts'
import { copyBytes, toBase64Url, toHex, type Bytes } from '../core/bytes.ts'
import { randomBytes } from '../core/capabilities.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { SpaceState } from '../seal/types.ts'
import type { CatalogVersion } from './catalog.ts'
import { batchKeys, encodeBatch, type Batch } from './batch.ts'
import { IDENTIFIER_BYTES, ITEM_KEY_BYTES, manifestIdentifier } from './envelope.ts'
import type { FlushOptions, Pending } from './flush-types.ts'
import { contentsHere, readContents, type RemoteContents } from './heads.ts'
import type { Item } from './item.ts'
import { readItem } from './local.ts'
import type { ManifestQuilt } from './manifest.ts'
import { canonicalCategory } from './category-names.ts'
import { pendingByCategory } from './pending.ts'
import type { Rotation } from './ports.ts'
import { ensureSpace, syncSpace } from './spaces.ts'
import { assertNotRolledBack, MAX_CHAIN, type KnownSpace, type MemoryState } from './state.ts'
import type { MemoryId } from './types.ts'

/**
 * Seals a group into a quilt and writes plan and quilt into the vault, whole or
 * not at all. The group is chosen after the news of other devices have been
 * taken in, since they may have forgotten or overtaken what waits here.
 *
 * @returns `undefined` if there is nothing to write.
 */
export async function planBatch(
  state: MemoryState,
  category: string,
  choose: (pending: readonly Pending[]) => readonly Pending[],
  options: FlushOptions & { readonly rotate?: boolean },
): Promise<Batch | undefined> {
  const { spaces } = state.network
  /** What cannot be read is reported and left behind: one damaged record must not keep the others here. */
  const unreadable = new Set<CatalogVersion>()
  const chosen = () => choose((pendingByCategory(state, category).get(category) ?? []).filter(({ version }) => !unreadable.has(version)))
  if (!options.rotate && chosen().length === 0) return undefined
  const { spaceId } = await ensureSpace(state, category, options)
  const space = await spaces.get(spaceId, options)
  assertNotRolledBack(state.spaces.get(category), space, 'memory.flush')
  // Another device has written: its news, and what it forgot, come first.
  if (space.headVersion > (state.spaces.get(category)?.headVersion ?? 0n)) await syncSpace(state, space, options)
  const rotation = options.rotate ? await spaces.prepareRotation(spaceId, options) : undefined
  try {
    for (;;) {
      const group = chosen()
      if (group.length === 0 && rotation === undefined) return undefined
      const isWaiting = () => group.every(({ id, version }) => state.catalog.get(id)?.versions.includes(version))
      const items = await readItems(state, group, options)
      if (!isWaiting()) continue
      const lost = group.filter((_pending, i) => items[i] === undefined)
      for (const { version } of lost) unreadable.add(version)
      if (lost.length > 0) continue
      const { batch, quilt } = await sealBatch(state, space, category, items as Item[], rotation, options)
      const keys = batchKeys(batch.batchId)
      const isWritten = await state.writing.run(async () => {
        // A memory forgotten while it was being sealed is not sent after all.
        if (!isWaiting()) return false
        await state.vault.batch(
          [
            { type: 'put', key: keys.quilt, value: quilt },
            { type: 'put', key: keys.plan, value: encodeBatch(batch) },
          ],
          options,
        )
        return true
      }, options)
      if (isWritten) return batch
    }
  } finally {
    rotation?.secretDataKey.fill(0)
  }
}

async function sealBatch(
  state: MemoryState,
  space: SpaceState,
  category: string,
  items: readonly Item[],
  rotation: (Rotation & { readonly secretDataKey: Bytes }) | undefined,
  options: FlushOptions,
): Promise<{ readonly batch: Batch; readonly quilt: Bytes }> {
  const known = state.spaces.get(category) as KnownSpace
  const kind = rotation !== undefined || known.chainLength >= MAX_CHAIN ? 'snapshot' : 'delta'
  const { epoch, secretDataKey } =
    rotation === undefined ? await currentKey(state, known.spaceId, options) : { ...rotation, epoch: rotation.epoch - 1 }
  const headVersion = space.headVersion + 1n

  // PERF: drawn together, because each draw costs as much as hundreds of bytes.
  const identifiers = randomBytes(state.entropy, items.length * IDENTIFIER_BYTES)
  const secretKeys = randomBytes(state.entropy, items.length * ITEM_KEY_BYTES)
  const entries = items.map(({ id, version }, i) => ({
    id,
    version,
    identifier: toHex(identifiers.subarray(i * IDENTIFIER_BYTES, (i + 1) * IDENTIFIER_BYTES)),
    secretKey: copyBytes(secretKeys.subarray(i * ITEM_KEY_BYTES, (i + 1) * ITEM_KEY_BYTES)),
  }))
  secretKeys.fill(0)
  const patches = await Promise.all(
    entries.map(async ({ identifier, secretKey }, i) => ({
      identifier,
      bytes: await state.envelope.sealItem(items[i] as Item, known.spaceId, secretKey),
    })),
  )

  const before = kind === 'snapshot' ? (contentsHere(state, space) ?? (await readContents(state, space, options))) : undefined
  const tombstones = [...state.tombstones.values()].filter((stone) => stone.category === category)
  const forgotten = kind === 'snapshot' ? mergeForgotten(before, tombstones) : tombstones.filter(({ keyAlive }) => keyAlive)
  const manifest = await state.envelope.sealManifest(
    {
      spaceId: known.spaceId,
      headVersion,
      category: canonicalCategory(category, space, state.network.spaces.address),
      kind,
      previousBlobId: kind === 'snapshot' ? undefined : space.headBlobId,
      quilts: [...survivingQuilts(before, state), { blobId: undefined, entries }],
      forgotten,
    },
    secretDataKey,
  )
  const identifier = manifestIdentifier(secretDataKey, { spaceId: known.spaceId, headVersion })
  const quilt = await state.network.quilts.encode([...patches, { identifier, bytes: manifest }])
  const batch: Batch = {
    batchId: toBase64Url(randomBytes(state.entropy, 16)),
    category,
    spaceId: known.spaceId,
    headVersion,
    epoch,
    kind,
    entries,
    forgotten: forgotten.map(({ id }) => id),
    rotation: rotation === undefined ? undefined : withoutSecret(rotation),
    epochs: options.epochs,
    deletable: options.deletable,
  }
  return { batch, quilt }
}

/** The items of a group; `undefined` for a record that is gone or damaged, which a `warning` event reports. */
function readItems(state: MemoryState, group: readonly Pending[], options: AbortOptions): Promise<readonly (Item | undefined)[]> {
  return Promise.all(
    group.map(async ({ id, version }) => {
      try {
        return await readItem(state, id, version, options)
      } catch (error) {
        if (!isLocketError(error, 'store/corrupt')) throw error
        if (state.catalog.get(id)?.versions.includes(version)) state.events.emit('warning', { error })
        return undefined
      }
    }),
  )
}

async function currentKey(
  state: MemoryState,
  spaceId: string,
  options: AbortOptions,
): Promise<{ readonly epoch: number; readonly secretDataKey: Uint8Array }> {
  const keys = await state.network.spaces.keysOf(spaceId, options)
  const key = keys.keyOf(keys.epoch)
  if (key === undefined) throw new LocketError('seal/stale-epoch', { operation: 'memory.flush', details: { spaceId, epoch: keys.epoch } })
  return { epoch: keys.epoch, secretDataKey: key }
}

function mergeForgotten(before: RemoteContents | undefined, tombstones: readonly { readonly id: MemoryId; readonly atMs: number }[]) {
  const merged = new Map(before?.forgotten)
  for (const { id, atMs } of tombstones) merged.set(id, atMs)
  return [...merged].map(([id, atMs]) => ({ id, atMs }))
}

/** Entries of earlier quilts that are still wanted, by quilt. */
function survivingQuilts(before: RemoteContents | undefined, state: MemoryState): ManifestQuilt[] {
  const quilts = new Map<string, ManifestQuilt['entries'][number][]>()
  for (const { blobId, ...entry } of before?.entries ?? []) {
    if (state.tombstones.has(entry.id)) continue
    const list = quilts.get(blobId) ?? []
    list.push(entry)
    quilts.set(blobId, list)
  }
  return [...quilts].map(([blobId, entries]) => ({ blobId, entries }))
}

/** What of a rotation is written down: the new data key itself never is. */
function withoutSecret({ epoch, envelope, history, label }: Rotation): Rotation {
  return { epoch, envelope, history, label }
}
