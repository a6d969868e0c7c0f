import { isAbort, type AbortOptions } from '../core/abort.ts'
import type { SpaceState } from '../seal/types.ts'
import { LocketError } from '../core/errors.ts'
import type { StoreOp } from '../store/port.ts'
import { removeLocally } from './forget-local.ts'
import { readContents, type RemoteContents, type RemoteEntry } from './heads.ts'
import { unpackVector, type Item } from './item.ts'
import { sharingRuleOf } from './presets.ts'
import { asLocketError, embedAll } from './remember.ts'
import { encodeRecord, recordKey, type LocalRecord } from './record.ts'
import { assertNotRolledBack, spacesOp, type KnownSpace, type MemoryState } from './state.ts'
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

/** Records written together while a space is brought to this device. */
const CHUNK = 128

/**
 * The space of a category: known to this device, found on the network under
 * this wallet, or made anew. A space that was made but never written to (a
 * crash right after its creation) is taken up again rather than paid for twice.
 */
export async function ensureSpace(state: MemoryState, category: string, options: AbortOptions): Promise<KnownSpace> {
  const known = state.spaces.get(category)
  if (known !== undefined) return known
  const { spaces } = state.network
  const taken = new Set([...state.spaces.values()].map(({ spaceId }) => spaceId))
  let unused: SpaceState | undefined
  for (const space of await spaces.list(options)) {
    if (taken.has(space.id) || space.owner !== spaces.address) continue
    if (space.headBlobId === undefined) {
      unused ??= space
      continue
    }
    const contents = await readContents(state, space, options)
    if (contents.category !== category) continue
    return rememberSpace(state, { ...headOf(space), category, syncedVersion: 0n, chainLength: contents.chainLength })
  }
  const isUnfinished = unused !== undefined && unused.keyEnvelope.length === 0
  const space = unused === undefined || isUnfinished ? await spaces.create({ ...options, unfinishedId: unused?.id }) : unused
  return rememberSpace(state, { ...headOf(space), category, syncedVersion: space.headVersion, chainLength: 0 })
}

/**
 * Brings what other devices wrote to this one: new versions are read,
 * authenticated, stored and indexed; what they forgot is forgotten here.
 *
 * @throws {LocketError} `memory/rollback` if the chain or a manifest is older than what this device has seen.
 */
export async function syncSpace(state: MemoryState, space: SpaceState, options: AbortOptions = {}): Promise<SyncReport> {
  const known = [...state.spaces.values()].find(({ spaceId }) => spaceId === space.id)
  assertNotRolledBack(known, space.headVersion, 'memory.sync')
  const contents = await readContents(state, space, { ...options, since: known?.syncedVersion ?? 0n })
  const category = known?.category ?? localCategory(state, space, contents)

  await removeLocally(
    state,
    [...contents.forgotten].map(([id, atMs]) => ({ id, category, atMs })),
    { keysDestroyed: true },
  )
  const missing = contents.entries.filter(({ id, version }) => !isPresent(state, id, version) && !state.tombstones.has(id))
  const failed: SyncReport['failed'][number][] = []
  let restored = 0
  const endEpochs: ReadonlyMap<string, number> = missing.length === 0 ? new Map() : await state.network.quilts.endEpochs(options)
  for (const [blobId, entries] of groupByBlob(missing)) {
    const endEpoch = endEpochs.get(blobId)
    // One read for all that is wanted of a quilt: it comes as a whole anyway.
    const outcomes = await state.network.quilts.read(
      blobId,
      entries.map(({ identifier, ...entry }) => ({
        identifier,
        authenticate: (bytes: Uint8Array) => state.envelope.openItem(bytes, entry.secretKey, { spaceId: space.id, ...entry }),
      })),
      options,
    )
    const records: LocalRecord[] = []
    outcomes.forEach((outcome, i) => {
      const { id, version, identifier, secretKey } = entries[i] as RemoteEntry
      if (!outcome.ok) return void failed.push({ id, version, error: asLocketError(outcome.error) })
      const placement = { blobId, identifier, secretKey, endEpoch }
      const { item } = outcome.value
      records.push(item.category === category ? { ...outcome.value, placement } : { item: { ...item, category }, placement })
    })
    for (let start = 0; start < records.length; start += CHUNK) {
      const chunk = records.slice(start, start + CHUNK)
      await keep(state, chunk, options)
      restored += chunk.length
      state.events.emit('progress', { task: 'restore', done: restored + failed.length, total: missing.length })
    }
  }
  await rememberSpace(state, {
    ...headOf(space),
    category,
    syncedVersion: failed.length === 0 ? space.headVersion : (known?.syncedVersion ?? 0n),
    chainLength: contents.complete ? contents.chainLength : (known?.chainLength ?? 0) + contents.chainLength,
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

/** Stores, catalogues and indexes records that came from the network. */
async function keep(state: MemoryState, records: readonly LocalRecord[], options: AbortOptions): Promise<void> {
  if (records.length === 0) return
  const writes = records.map(
    (record): StoreOp => ({ type: 'put', key: recordKey(record.item.id, record.item.version), value: encodeRecord(record) }),
  )
  await state.cache.batch(writes, options)
  for (const record of records) state.catalog.add(record)
  const newestItems = records
    .map(({ item }) => item)
    .filter(({ id, version }) => state.catalog.get(id)?.versions.at(-1)?.version === version)
  await indexItems(state, newestItems, options)
  for (const { id } of newestItems) state.events.emit('state', { id, state: 'certified' })
}

/** Puts items into the search, embedding those whose vector is of another model or missing. */
export async function indexItems(
  state: MemoryState,
  items: readonly Item[],
  options: AbortOptions,
  how: 'put' | 'load' = 'put',
): Promise<void> {
  const known = items.map(({ text, vector }) => ({
    text,
    vector: vector?.model === state.embedder.id ? unpackVector(vector) : undefined,
  }))
  const vectors = await embedAll(state, known, options)
  try {
    await state.search[how](
      items.map((item, i) => ({ ...item, vector: vectors[i] })),
      options,
    )
  } catch (error) {
    if (isAbort(error, options)) throw error
    // The records are safe; the index is only a way to them and is rebuilt when the locket is next opened.
    state.events.emit('warning', { error: asLocketError(error) })
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

/** A space shared by somebody else never mixes with one's own of the same name. */
function localCategory(state: MemoryState, space: SpaceState, contents: RemoteContents): string {
  const name = contents.category ?? space.id
  if (space.owner !== state.network.spaces.address) return `${name}@${space.owner}`
  if (!state.spaces.has(name)) return name
  // Two devices made a space for the same category before either had seen the other's.
  return `${name}#${space.id.slice(2, 10)}`
}

function isPresent(state: MemoryState, id: MemoryId, version: number): boolean {
  return state.catalog.get(id)?.versions.some((known) => known.version === version) ?? false
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
  if (sharingRuleOf(category) !== 'owner-only') return
  throw new LocketError('usage/invalid-argument', {
    operation: 'memory.share',
    message: 'this category belongs to its owner alone',
    details: { parameter: 'category' },
  })
}
