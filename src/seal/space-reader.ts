import { throwIfAborted, type AbortOptions } from '../core/abort.ts'
import { LocketError } from '../core/errors.ts'
import { isNotFound, wrapChainError } from './chain-error.ts'
import { normalizeTag } from './normalize-id.ts'
import type { SealClientApi } from './signer.ts'
import { decodeMarker, decodeSpace } from './space.wire.ts'
import type { SpaceState } from './types.ts'

/** Most objects asked for in one call; the public full nodes allow 50. */
const BATCH = 50

/** A space and what a transaction needs to name it. */
export type SpaceRecord = { readonly state: SpaceState; readonly initialSharedVersion: string }

/** Reads spaces from the chain. Nothing read is authenticated beyond what the full node says. */
export type SpaceReader = {
  /** @throws {LocketError} `chain/not-found`, `chain/wrong-network`, `chain/unreachable`, `seal/wrong-package`, `codec/invalid` */
  read(spaceId: string, options?: AbortOptions): Promise<SpaceRecord>
  /** The spaces an address owns or has been let into. Those of other packages are left out, and those it was removed from are not. */
  list(address: string, options?: AbortOptions): Promise<readonly SpaceRecord[]>
}

type ChainObject = { readonly objectId: string; readonly type: string; readonly owner: unknown; readonly content: Uint8Array }

/** Builds the reader for one policy package. */
export function createSpaceReader(client: SealClientApi, packageId: string): SpaceReader {
  const spaceType = `${packageId}::space::Space`

  function toRecord(object: ChainObject): SpaceRecord {
    const type = normalizeTag(object.type)
    if (type !== spaceType) {
      const isSpace = type.endsWith('::space::Space')
      throw new LocketError(isSpace ? 'seal/wrong-package' : 'codec/invalid', {
        operation: 'seal.getSpace',
        message: `object ${object.objectId} is a ${type}`,
        details: { spaceId: object.objectId, type, packageId },
      })
    }
    const { Shared: shared } = object.owner as { Shared?: { initialSharedVersion: string } }
    const state = decodeSpace(object.content)
    if (!shared || state.id !== object.objectId) {
      throw new LocketError('codec/invalid', { operation: 'seal.getSpace', message: `object ${object.objectId} is not a shared space` })
    }
    return { state, initialSharedVersion: shared.initialSharedVersion }
  }

  /** A space that is not found may be on another network altogether: then its package is not found either. */
  async function notFound(spaceId: string, cause: unknown): Promise<LocketError> {
    const hasPackage = await client.core.getObject({ objectId: packageId }).then(
      () => true,
      (error: unknown) => !isNotFound(error),
    )
    return new LocketError(hasPackage ? 'chain/not-found' : 'chain/wrong-network', {
      operation: 'seal.getSpace',
      message: hasPackage ? `there is no space ${spaceId}` : `the policy package ${packageId} is not on this network`,
      details: { spaceId, packageId },
      cause,
    })
  }

  return Object.freeze({
    async read(spaceId: string, options?: AbortOptions) {
      throwIfAborted(options)
      let object: ChainObject
      try {
        ;({ object } = await client.core.getObject({ objectId: spaceId, include: { content: true } }))
      } catch (error) {
        throwIfAborted(options)
        throw isNotFound(error) ? await notFound(spaceId, error) : wrapChainError(error, 'seal.getSpace')
      }
      throwIfAborted(options)
      return toRecord(object)
    },
    async list(address: string, options?: AbortOptions) {
      const ids: string[] = []
      const records: SpaceRecord[] = []
      try {
        let cursor: string | null = null
        do {
          throwIfAborted(options)
          const page: { objects: readonly ChainObject[]; hasNextPage: boolean; cursor: string | null } = await client.core.listOwnedObjects(
            {
              owner: address,
              type: `${packageId}::space::SpaceKey`,
              cursor,
              include: { content: true },
            },
          )
          for (const { content } of page.objects) ids.push(decodeMarker(content).spaceId)
          cursor = page.hasNextPage ? page.cursor : null
        } while (cursor !== null)
        const unique = [...new Set(ids)]
        for (let i = 0; i < unique.length; i += BATCH) {
          throwIfAborted(options)
          const { objects } = await client.core.getObjects({ objectIds: unique.slice(i, i + BATCH), include: { content: true } })
          for (const object of objects) {
            if (!(object instanceof Error)) records.push(toRecord(object))
            else if (!isNotFound(object)) throw object
          }
        }
      } catch (error) {
        throwIfAborted(options)
        throw wrapChainError(error, 'seal.listSpaces')
      }
      return records
    },
  })
}
