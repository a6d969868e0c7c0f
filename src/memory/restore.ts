import { isAbort, type AbortOptions } from '../core/abort.ts'
import type { LocketError } from '../core/errors.ts'
import { asLocketError } from './remember.ts'
import { syncSpace, type SyncReport } from './spaces.ts'
import { assertNotRolledBack, type MemoryState } from './state.ts'
import type { MemoryId } from './types.ts'

/** What a restore found, brought back, and could not. */
export type RestoreReport = {
  /** Spaces this wallet may know of. */
  readonly spaces: number
  readonly found: number
  readonly restored: number
  /** Versions that were on this device already. */
  readonly present: number
  readonly failed: readonly { readonly id: MemoryId; readonly version: number; readonly error: LocketError }[]
  /** Spaces none of whose memories could be read, and why. */
  readonly failedSpaces: readonly { readonly spaceId: string; readonly error: LocketError }[]
}

/**
 * Rebuilds this device from the wallet alone: finds the wallet's spaces on the
 * chain, obtains their data keys from the key servers (one Seal decryption per
 * space and epoch), walks their manifests, and reads, authenticates, stores and
 * indexes every memory that is not here. On a device that is up to date it only
 * brings what other devices have written since.
 *
 * Resumable: what one call brought is present for the next. One space or memory
 * that fails does not stop the others; it is counted with its reason.
 *
 * @throws {LocketError} `chain/*` if the chain cannot be asked at all.
 */
export function restore(state: MemoryState, options: AbortOptions = {}): Promise<RestoreReport> {
  return state.uploading.run(async () => {
    const listed = await state.network.spaces.list(options)
    // What this device knows of is asked for by name: a list that leaves something out must not pass for an empty network.
    const isListed = new Set(listed.map(({ id }) => id))
    const unlisted = [...state.spaces.values()].filter(({ spaceId }) => !isListed.has(spaceId))
    const progress = { done: 0, total: 0 }
    const reports: SyncReport[] = []
    const failedSpaces: RestoreReport['failedSpaces'][number][] = []
    for (const found of [...listed, ...unlisted]) {
      const spaceId = 'id' in found ? found.id : found.spaceId
      try {
        const space = 'id' in found ? found : await state.network.spaces.get(spaceId, options)
        const known = [...state.spaces.values()].find((candidate) => candidate.spaceId === spaceId)
        assertNotRolledBack(known, space, 'memory.restore')
        if (space.headBlobId !== undefined) reports.push(await syncSpace(state, space, options, progress))
      } catch (error) {
        if (isAbort(error, options)) throw error
        failedSpaces.push({ spaceId, error: asLocketError(error) })
      }
    }
    await state.search.flush()
    const sum = (pick: (report: SyncReport) => number) => reports.reduce((total, report) => total + pick(report), 0)
    return Object.freeze({
      spaces: listed.length + unlisted.length,
      found: sum(({ found }) => found),
      restored: sum(({ restored }) => restored),
      present: sum(({ present }) => present),
      failed: reports.flatMap(({ failed }) => failed),
      failedSpaces,
    })
  }, options)
}
