import type { AbortOptions } from '../core/abort.ts'
import type { SpaceState } from '../seal/types.ts'
import { LocketError } from '../core/errors.ts'
import { removeLocally } from './forget-local.ts'
import { readContents, type RemoteContents, type RemoteEntry } from './heads.ts'
import { localCategory } from './category-names.ts'
import { sharingRuleOf } from './presets.ts'
import { asLocketError } from './remember.ts'
import { assertNotRolledBack, spacesOp, type KnownSpace, type MemoryState } from './state.ts'
import { takeOver, type Arrival } from './take-over.ts'
import type { MemoryId } from './types.ts'

/** What one space gave back. */
export type SyncReport = {
  readonly category: string
  readonly spaceId: string
  /** Versions the network's manifests name. */
  readonly found: number
  /** Of those, brought to this device now. */
  readonly restored: number
  /** Of those, here already. */
  readonly present: number
  readonly failed: readonly { readonly id: MemoryId; readonly version: number; readonly error: LocketError }[]
}

/** Most versions written together while a space is brought to this device. */
const CHUNK = 128

/**
 * The space of a category: known to this device, found on the network under
 * this wallet, or made anew. A space whose making was cut off before it had a
 * key is finished rather than paid for twice.
 */
export async function ensureSpace(state: MemoryState, category: string, options: AbortOptions): Promise<KnownSpace> {
  const { known, unfinishedId } = await lookUp(state, category, options)
  if (known !== undefined) return known
  const space = await state.network.spaces.create({ ...options, category, unfinishedId })
  return rememberSpace(state, { ...UNSEEN, spaceId: space.id, category })
}

/** The space of a category, if this device knows it or the network has it. */
export async function findSpace(state: MemoryState, category: string, options: AbortOptions): Promise<KnownSpace | undefined> {
  return (await lookUp(state, category, options)).known
}

async function lookUp(
  state: MemoryState,
  category: string,
  options: AbortOptions,
): Promise<{ readonly known?: KnownSpace; readonly unfinishedId?: string | undefined }> {
  const known = state.spaces.get(category)
  if (known !== undefined) return { known }
  const { spaces } = state.network
  const taken = new Set([...state.spaces.values()].map(({ spaceId }) => spaceId))
  let unfinishedId: string | undefined
  for (const space of await spaces.list(options)) {
    if (taken.has(space.id) || space.owner !== spaces.address) continue
    if (space.keyEnvelope.length === 0) {
      unfinishedId ??= space.id
      continue
    }
    // By its label and nothing else: a space without a head may be another device's for another category, or shared already.
    if ((await spaces.labelOf(space.id, options)) !== category) continue
    return { known: await rememberSpace(state, { ...UNSEEN, spaceId: space.id, category }) }
  }
  return { unfinishedId }
}

/** A space nothing of which is here yet, so that whatever it holds counts as news. */
const UNSEEN = Object.freeze({ headVersion: 0n, headBlobId: undefined, syncedVersion: 0n, chainLength: 0 })

/**
 * Brings what other devices wrote to this one: new versions are read,
 * authenticated, stored and indexed; what they forgot is forgotten here.
 *
 * @throws {LocketError} `memory/rollback` if the chain or a manifest is older than what this device has seen.
 */
export async function syncSpace(
  state: MemoryState,
  space: SpaceState,
  options: AbortOptions = {},
  progress: { done: number; total: number } = { done: 0, total: 0 },
): Promise<SyncReport> {
  const seen = [...state.spaces.values()].find(({ spaceId }) => spaceId === space.id)
  assertNotRolledBack(seen, space, 'memory.sync')
  const contents = await readContents(state, space, { ...options, since: seen?.syncedVersion ?? 0n })
  // Named before anything of it is kept, so that it has the same name whatever interrupts.
  const known = seen ?? (await rememberSpace(state, { ...UNSEEN, spaceId: space.id, category: nameFor(state, space, contents) }))
  const { category } = known

  await state.writing.run(
    () =>
      removeLocally(
        state,
        [...contents.forgotten].map(([id, atMs]) => ({ id, category, atMs })),
        { keysDestroyed: true },
      ),
    options,
  )
  const missing = contents.entries.filter(({ id, version }) => !isPresent(state, id, version) && !state.tombstones.has(id))
  progress.total += missing.length
  const failed: SyncReport['failed'][number][] = []
  let restored = 0
  const endEpochs: ReadonlyMap<string, number> = missing.length === 0 ? new Map() : await state.network.quilts.endEpochs(options)
  for (const [blobId, entries] of groupByBlob(missing)) {
    const endEpoch = endEpochs.get(blobId)
    // One read for all that is wanted of a quilt: it comes as a whole anyway.
    const outcomes = await state.network.quilts.read(
      blobId,
      entries.map(({ id, version, identifier, secretKey }) => ({
        identifier,
        authenticate: async (bytes: Uint8Array) => {
          const item = await state.envelope.openItem(bytes, secretKey, { spaceId: space.id, id, version })
          return { bytes, item: item.category === category ? item : { ...item, category } }
        },
      })),
      options,
    )
    // In equal parts, so that none is so small that its words are read at once.
    const chunk = Math.ceil(entries.length / Math.ceil(entries.length / CHUNK))
    for (let start = 0; start < entries.length; start += chunk) {
      const arrivals: Arrival[] = []
      const unreadable: SyncReport['failed'][number][] = []
      outcomes.slice(start, start + chunk).forEach((outcome, i) => {
        const entry = entries[start + i] as RemoteEntry
        if (outcome.ok) arrivals.push({ entry, ...outcome.value })
        else unreadable.push({ id: entry.id, version: entry.version, error: asLocketError(outcome.error) })
      })
      await takeOver(state, { spaceId: space.id, blobId, endEpoch }, arrivals, unreadable, options)
      restored += arrivals.length
      failed.push(...unreadable)
      progress.done += arrivals.length + unreadable.length
      state.events.emit('progress', { task: 'restore', ...progress })
    }
  }
  await rememberSpace(state, {
    ...headOf(space),
    category,
    syncedVersion: failed.length === 0 ? space.headVersion : known.syncedVersion,
    chainLength: contents.complete ? contents.chainLength : known.chainLength + contents.chainLength,
  })
  return {
    category,
    spaceId: space.id,
    found: contents.entries.length,
    restored,
    present: contents.entries.length - missing.length,
    failed,
  }
}

async function rememberSpace(state: MemoryState, known: KnownSpace): Promise<KnownSpace> {
  const spaces = new Map(state.spaces).set(known.category, known)
  await state.vault.batch([spacesOp(spaces.values())])
  state.spaces.set(known.category, known)
  return known
}

function headOf({ id, headVersion, headBlobId }: SpaceState): Pick<KnownSpace, 'spaceId' | 'headVersion' | 'headBlobId'> {
  return { spaceId: id, headVersion, headBlobId }
}

function nameFor(state: MemoryState, space: SpaceState, contents: RemoteContents): string {
  const { address } = state.network.spaces
  const isOwn = space.owner === address
  // What a person wrote into a category of their own that happens to be called the same is not for somebody else's space.
  const isInUse = (name: string) => [...state.catalog.values()].some((entry) => entry.category === name)
  return localCategory(contents.category ?? space.id, space, address, (name) => state.spaces.has(name) || (!isOwn && isInUse(name)))
}

/** Whether a version is here and known to be on the network. */
function isPresent(state: MemoryState, id: MemoryId, version: number): boolean {
  return (
    state.catalog.get(id)?.versions.some((known) => known.version === version && known.placement !== undefined && !known.isLost) ?? false
  )
}

function groupByBlob(entries: readonly RemoteEntry[]): Map<string, RemoteEntry[]> {
  const groups = new Map<string, RemoteEntry[]>()
  for (const entry of entries) {
    const group = groups.get(entry.blobId) ?? []
    group.push(entry)
    groups.set(entry.blobId, group)
  }
  return groups
}

/** @throws {LocketError} `usage/invalid-argument` if the category's preset keeps it to its owner. */
export function assertShareable(category: string): void {
  // A second space of the category, made by a device that did not know of the first, is no less private.
  if (sharingRuleOf(category.replace(/#[0-9a-f]+$/, '')) !== 'owner-only') return
  throw new LocketError('usage/invalid-argument', {
    operation: 'memory.share',
    message: 'this category belongs to its owner alone',
    details: { parameter: 'category' },
  })
}
