import type { AbortOptions } from '../core/abort.ts'
import { toBase64Url, toHex } from '../core/bytes.ts'
import { randomBytes } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import { batchKeys, encodeBatch, type Batch } from './batch.ts'
import { IDENTIFIER_BYTES, manifestIdentifier } from './envelope.ts'
import type { FlushOptions, Pending } from './flush-types.ts'
import { readContents, type RemoteContents } from './heads.ts'
import { readRecord } from './local.ts'
import type { ManifestEntry, ManifestQuilt } from './manifest.ts'
import type { Rotation } from './ports.ts'
import { ensureSpace, syncSpace } from './spaces.ts'
import { assertNotRolledBack, MAX_CHAIN, type KnownSpace, type MemoryState } from './state.ts'
import type { MemoryId } from './types.ts'

/**
 * Seals a group into a quilt and writes plan and quilt into the vault, whole or
 * not at all. What of `waiting` has been forgotten since it was gathered is left out.
 */
export async function planBatch(
  state: MemoryState,
  category: string,
  waiting: readonly Pending[],
  options: FlushOptions & { readonly rotate?: boolean },
): Promise<Batch> {
  const { spaces, quilts } = state.network
  const { spaceId } = await ensureSpace(state, category, options)
  const space = await spaces.get(spaceId, options)
  assertNotRolledBack(state.spaces.get(category), space.headVersion, 'memory.flush')
  // Another device has written: its news, and what it forgot, come first.
  if (space.headVersion > (state.spaces.get(category)?.headVersion ?? 0n)) await syncSpace(state, space, options)
  const known = state.spaces.get(category) as KnownSpace
  const kind = options.rotate || known.chainLength >= MAX_CHAIN ? 'snapshot' : 'delta'
  const rotation = options.rotate ? await spaces.prepareRotation(known.spaceId, options) : undefined
  const secretDataKey = rotation?.secretDataKey ?? (await currentKey(state, known.spaceId, options))
  const headVersion = space.headVersion + 1n

  const sealed = await Promise.all(waiting.map((pending) => sealPending(state, known.spaceId, pending, options)))
  const group = sealed.filter((patch) => patch !== undefined)
  const entries = group.map(({ entry }) => entry)
  const patches = group.map(({ entry: { identifier }, bytes }) => ({ identifier, bytes }))

  const before = kind === 'snapshot' ? await readContents(state, space, options) : undefined
  const tombstones = [...state.tombstones.values()].filter((stone) => stone.category === category)
  const forgotten = kind === 'snapshot' ? mergeForgotten(before, tombstones) : tombstones.filter(({ keyAlive }) => keyAlive)
  const manifest = await state.envelope.sealManifest(
    {
      spaceId: known.spaceId,
      headVersion,
      category,
      kind,
      previousBlobId: kind === 'snapshot' ? undefined : space.headBlobId,
      quilts: [...survivingQuilts(before, state), { blobId: undefined, entries }],
      forgotten,
    },
    secretDataKey,
  )
  const identifier = manifestIdentifier(secretDataKey, { spaceId: known.spaceId, headVersion })
  const quilt = await quilts.encode([...patches, { identifier, bytes: manifest }])

  const batch: Batch = {
    batchId: toBase64Url(randomBytes(state.entropy, 16)),
    category,
    spaceId: known.spaceId,
    headVersion,
    kind,
    entries,
    forgotten: forgotten.map(({ id }) => id),
    rotation: rotation === undefined ? undefined : withoutSecret(rotation),
    epochs: options.epochs,
    deletable: options.deletable,
  }
  const keys = batchKeys(batch.batchId)
  await state.vault.batch(
    [
      { type: 'put', key: keys.quilt, value: quilt },
      { type: 'put', key: keys.plan, value: encodeBatch(batch) },
    ],
    options,
  )
  return batch
}

/** `undefined` for what has been forgotten meanwhile. */
async function sealPending(state: MemoryState, spaceId: string, { id, version }: Pending, options: AbortOptions) {
  const entry: ManifestEntry = {
    id,
    version: version.version,
    identifier: toHex(randomBytes(state.entropy, IDENTIFIER_BYTES)),
    secretKey: randomBytes(state.entropy, 32),
  }
  try {
    const { item } = await readRecord(state, id, version, options)
    return { entry, bytes: await state.envelope.sealItem(item, spaceId, entry.secretKey) }
  } catch (error) {
    if (state.tombstones.has(id)) return undefined
    throw error
  }
}

async function currentKey(state: MemoryState, spaceId: string, options: AbortOptions): Promise<Uint8Array> {
  const keys = await state.network.spaces.keysOf(spaceId, options)
  const key = keys.keyOf(keys.epoch)
  if (key === undefined) throw new LocketError('seal/stale-epoch', { operation: 'memory.flush', details: { spaceId, epoch: keys.epoch } })
  return key
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
