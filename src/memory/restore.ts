import { isAbort, type AbortOptions } from '../core/abort.ts'
import type { LocketError } from '../core/errors.ts'
import { asLocketError } from './remember.ts'
import { syncSpace, type SyncReport } from './spaces.ts'
import type { MemoryState } from './state.ts'
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
    const spaces = await state.network.spaces.list(options)
    const reports: SyncReport[] = []
    const failedSpaces: RestoreReport['failedSpaces'][number][] = []
    for (const space of spaces) {
      // Nothing was ever written there; unless this device has seen a head, and then somebody hides it.
      const isKnown = [...state.spaces.values()].some(({ spaceId, headVersion }) => spaceId === space.id && headVersion > 0n)
      if (space.headBlobId === undefined && !isKnown) continue
      try {
        reports.push(await syncSpace(state, space, options))
      } catch (error) {
        if (isAbort(error, options)) throw error
        failedSpaces.push({ spaceId: space.id, error: asLocketError(error) })
      }
    }
    await state.search.flush()
    const sum = (pick: (report: SyncReport) => number) => reports.reduce((total, report) => total + pick(report), 0)
    return Object.freeze({
      spaces: spaces.length,
      found: sum(({ found }) => found),
      restored: sum(({ restored }) => restored),
      present: sum(({ present }) => present),
      failed: reports.flatMap(({ failed }) => failed),
      failedSpaces,
    })
  }, options)
}
