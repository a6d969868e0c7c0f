import { isAbort, type AbortOptions } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import type { StoreOp } from '../store/port.ts'
import { batchKeys, type Batch } from './batch.ts'
import type { CatalogVersion } from './catalog.ts'
import type { FlushedQuilt, FlushOptions } from './flush-types.ts'
import { keepCertified, type CertifiedPatch } from './certified.ts'
import { recordKey, type Placement } from './record.ts'
import { syncSpace } from './spaces.ts'
import { spacesOp, tombstoneOp, type KnownSpace, type MemoryState } from './state.ts'
import { decodeUpload, encodeUpload } from './upload-record.ts'

/** Uploads one planned quilt, from wherever it stopped, and settles its memories. */
export async function runBatch(state: MemoryState, batch: Batch, options: FlushOptions): Promise<FlushedQuilt> {
  const { spaces, quilts } = state.network
  const keys = batchKeys(batch.batchId)
  const quilt = await state.vault.get(keys.quilt, options)
  if (quilt === undefined) {
    await dropBatch(state, batch)
    throw new LocketError('store/corrupt', { operation: 'memory.flush', message: 'a planned quilt is gone; its memories are queued again' })
  }
  setPhase(state, batch, 'queued')
  try {
    // Before the first byte leaves: somebody who was shut out meanwhile could read what is sealed under the old key.
    await assertSameEpoch(state, batch, options)
    const receipt = await quilts.upload({
      quilt,
      epochs: batch.epochs,
      deletable: batch.deletable,
      maxCostFrost: options.maxCostFrost,
      signal: options.signal,
      journal: {
        load: async () => {
          const encoded = await state.vault.get(keys.upload)
          return encoded === undefined ? undefined : decodeUpload(encoded)
        },
        save: (upload) => state.vault.put(keys.upload, encodeUpload(upload)),
      },
      extendCertify: async (transaction, blobId) => {
        const { spaceId, headVersion, rotation } = batch
        await assertSameEpoch(state, batch, options)
        if (rotation !== undefined) await spaces.appendRotation(transaction, { spaceId, ...rotation })
        await spaces.appendSetHead(transaction, { spaceId, expectedVersion: headVersion - 1n, blobId })
      },
      onStep: (step) => {
        if (step === 'uploaded') setPhase(state, batch, 'stored')
      },
    })
    await settleBatch(state, batch, quilt, receipt)
    const { blobId, endEpoch, costFrost, gasMist, signatures } = receipt
    return { category: batch.category, memories: batch.entries.length, blobId, endEpoch, costFrost, gasMist, signatures }
  } catch (error) {
    if (isAbort(error, options)) throw error
    await yieldToOtherDevice(state, batch, error, options)
    throw error
  }
}

/** The chain has certified the quilt: records move from the vault to the cache, which the network can refill. */
function settleBatch(state: MemoryState, batch: Batch, quilt: Uint8Array, receipt: Certified): Promise<void> {
  // Alone among local writes: an update or a `forget` in between would be undone by what is written here.
  return state.writing.run(() => settleNow(state, batch, quilt, receipt))
}

type Certified = { readonly blobId: string; readonly endEpoch: number }

async function settleNow(state: MemoryState, batch: Batch, quilt: Uint8Array, { blobId, endEpoch }: Certified): Promise<void> {
  const patches = state.network.quilts.decode(quilt)
  const toCache: CertifiedPatch[] = []
  const fromVault: StoreOp[] = []
  const settled: (() => void)[] = []
  const isSent = new Set(batch.entries.map(({ id }) => id))
  for (const entry of batch.entries) {
    const { id, version, identifier } = entry
    const known = state.catalog.get(id)?.versions.find((candidate) => candidate.version === version)
    if (known === undefined) {
      // Forgotten while it was on its way: its key is on the network now and has to be destroyed there too.
      const stone = state.tombstones.get(id)
      if (stone !== undefined) {
        const updated = { ...stone, keyAlive: true, blobIds: [...new Set([...stone.blobIds, blobId])] }
        settled.push(() => state.tombstones.set(id, updated))
        fromVault.push(tombstoneOp(updated))
      }
      continue
    }
    // Kept already if this was cut off after the cache was written.
    if (known.placement === undefined) toCache.push({ entry, bytes: patches.get(identifier) as Uint8Array })
    fromVault.push({ type: 'delete', key: recordKey(id, version) })
    settled.push(() => state.events.emit('state', { id, state: 'certified' }))
  }
  for (const id of batch.forgotten) {
    const stone = state.tombstones.get(id)
    if (stone === undefined || !stone.keyAlive || batch.rotation === undefined || isSent.has(id)) continue
    const updated = { ...stone, keyAlive: false }
    settled.push(() => state.tombstones.set(id, updated))
    fromVault.push(tombstoneOp(updated))
  }
  const previous = state.spaces.get(batch.category)
  const syncedVersion = previous?.syncedVersion ?? 0n
  const known: KnownSpace = {
    category: batch.category,
    spaceId: batch.spaceId,
    headVersion: batch.headVersion,
    headBlobId: blobId,
    // A device that had not everything before has not everything now.
    syncedVersion: syncedVersion === batch.headVersion - 1n ? batch.headVersion : syncedVersion,
    chainLength: batch.kind === 'snapshot' ? 1 : (previous?.chainLength ?? 0) + 1,
  }
  const keys = batchKeys(batch.batchId)
  const spaces = new Map(state.spaces).set(batch.category, known)
  // The index first, so that whatever has left the vault is on disk there; then the cache: whatever interrupts,
  // each version is in at least one of the two stores, and the catalog names one that has it.
  await state.search.flush()
  const placements = await keepCertified(state, { spaceId: batch.spaceId, blobId, endEpoch }, toCache)
  for (const [i, { entry }] of toCache.entries()) state.catalog.certify(entry.id, entry.version, placements[i] as Placement)
  await state.vault.batch([
    ...fromVault,
    spacesOp(spaces.values()),
    { type: 'delete', key: keys.upload },
    { type: 'delete', key: keys.quilt },
    { type: 'delete', key: keys.plan },
  ])
  state.spaces.set(batch.category, known)
  for (const settle of settled) settle()
}

/** If the upload failed because another device moved the head, the plan is void: take over its news and queue again. */
async function yieldToOtherDevice(state: MemoryState, batch: Batch, error: unknown, options: FlushOptions): Promise<void> {
  if (!isLocketError(error, 'chain/rejected') && !isLocketError(error, 'memory/conflict')) return
  const space = await state.network.spaces.get(batch.spaceId, options)
  if (space.headVersion < batch.headVersion && space.epoch === batch.epoch) return
  await dropBatch(state, batch)
  await syncSpace(state, space, options)
  throw new LocketError('memory/conflict', { operation: 'memory.flush', details: { spaceId: batch.spaceId }, cause: error })
}

/**
 * @throws {LocketError} `memory/conflict` if the space has moved to another key epoch since the batch was planned
 *   and the batch is not yet what the chain names.
 */
async function assertSameEpoch(state: MemoryState, batch: Batch, options: AbortOptions): Promise<void> {
  const { headVersion, epoch } = await state.network.spaces.get(batch.spaceId, options)
  if (epoch === batch.epoch || headVersion >= batch.headVersion) return
  throw new LocketError('memory/conflict', { operation: 'memory.flush', details: { spaceId: batch.spaceId } })
}

async function dropBatch(state: MemoryState, batch: Batch): Promise<void> {
  const keys = batchKeys(batch.batchId)
  await state.vault.batch([keys.upload, keys.quilt, keys.plan].map((key) => ({ type: 'delete', key })))
  setPhase(state, batch, 'local')
}

function setPhase(state: MemoryState, batch: Batch, phase: CatalogVersion['phase']): void {
  for (const { id, version } of batch.entries) {
    const known = state.catalog.get(id)?.versions.find((candidate) => candidate.version === version)
    if (known === undefined || known.placement !== undefined) continue
    known.phase = phase
    state.events.emit('state', { id, state: phase })
  }
}
