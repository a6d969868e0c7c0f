import { isAbort, type AbortOptions } from '../core/abort.ts'
import type { LocketError } from '../core/errors.ts'
import { readContents } from './heads.ts'
import { renewGroups } from './certified.ts'
import { asLocketError } from './remember.ts'
import type { MemoryState } from './state.ts'

/** One quilt that was to be renewed. */
export type Renewal =
  | { readonly ok: true; readonly blobId: string; readonly endEpoch: number; readonly memories: number }
  | { readonly ok: false; readonly blobId: string; readonly error: LocketError }

/**
 * Pays for `epochs` more Walrus epochs for every quilt that runs out before
 * epoch `beforeEpoch`: those that hold memories of this device, and those that
 * hold nothing but the manifests that lead to them, without which a restore
 * finds nothing. One signature per quilt; each has its own outcome. Quilts that
 * others pay for are left to them.
 *
 * @throws {LocketError} `chain/*` if the chain cannot be asked at all.
 */
export function renewQuilts(
  state: MemoryState,
  options: AbortOptions & { readonly epochs: number; readonly beforeEpoch: number },
): Promise<readonly Renewal[]> {
  return state.uploading.run(async () => {
    const renewals: Renewal[] = []
    const memories = await quiltsInUse(state, options, renewals)
    const ends = await state.network.quilts.endEpochs({ signal: options.signal })
    for (const [blobId, { count, endEpoch: recorded }] of memories) {
      const end = ends.get(blobId) ?? recorded
      if (end === undefined || end >= options.beforeEpoch) continue
      options.signal?.throwIfAborted()
      let endEpoch: number
      try {
        endEpoch = await state.network.quilts.renew(blobId, options.epochs, { signal: options.signal })
      } catch (error) {
        if (isAbort(error, options)) throw error
        renewals.push({ ok: false, blobId, error: asLocketError(error) })
        continue
      }
      renewals.push({ ok: true, blobId, endEpoch, memories: count })
      try {
        await recordEndEpoch(state, blobId, endEpoch)
      } catch (error) {
        // It is paid for; that this device could not note it must not make anybody pay again.
        state.events.emit('warning', { error: asLocketError(error) })
      }
    }
    return renewals
  }, options)
}

type InUse = { readonly count: number; readonly endEpoch: number | undefined }

/** Every quilt that a restore would read, with the versions of this device's in it. */
async function quiltsInUse(state: MemoryState, options: AbortOptions, renewals: Renewal[]): Promise<ReadonlyMap<string, InUse>> {
  const inUse = new Map<string, InUse>()
  for (const entry of state.catalog.values()) {
    for (const { placement } of entry.versions) {
      if (placement === undefined) continue
      const { blobId, endEpoch } = placement
      inUse.set(blobId, { count: (inUse.get(blobId)?.count ?? 0) + 1, endEpoch })
    }
  }
  for (const { spaceId, headBlobId } of state.spaces.values()) {
    try {
      const contents = await readContents(state, await state.network.spaces.get(spaceId, options), options)
      for (const blobId of contents.manifestBlobIds) inUse.set(blobId, inUse.get(blobId) ?? { count: 0, endEpoch: undefined })
    } catch (error) {
      if (isAbort(error, options)) throw error
      if (headBlobId !== undefined) renewals.push({ ok: false, blobId: headBlobId, error: asLocketError(error) })
    }
  }
  return inUse
}

async function recordEndEpoch(state: MemoryState, blobId: string, endEpoch: number): Promise<void> {
  await state.writing.run(async () => {
    for (const { id, versions } of state.catalog.values()) {
      for (const { version, placement } of versions.slice()) {
        if (placement?.blobId === blobId) state.catalog.certify(id, version, { ...placement, endEpoch })
      }
    }
    await state.cache.batch(renewGroups(state, blobId))
  })
}
