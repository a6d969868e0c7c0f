import { LocketError } from '../core/errors.ts'
import { askChain, readBlobObject, readOwnedBlobs, readSystem, type WalrusSystem } from './chain-reads.ts'
import type { WalrusContext } from './context.ts'
import type { BlobExpiry } from './types.ts'

/** A blob by its object, or by its id: then the signer's own object counts, or what the storage nodes say. */
export type ExpiryTarget = { readonly blobObjectId: string } | { readonly blobId: string }

type Step = { readonly operation: string; readonly signal?: AbortSignal | undefined }

/**
 * Until when a blob is paid for.
 *
 * By blob id, the signer's longest-lived object for it; failing that, the
 * storage nodes' word for a permanent blob (more than a third of the shards agree).
 *
 * @throws {LocketError} `chain/not-found`, `walrus/not-found`, `chain/unreachable`, `walrus/unavailable`.
 */
export async function readExpiry(context: WalrusContext, target: ExpiryTarget, step: Step): Promise<BlobExpiry> {
  const system = await readSystem(context, step)
  if ('blobObjectId' in target) return expiryOf(await readBlobObject(context, target.blobObjectId, step), system)
  const owned = await readOwnedBlobs(context, target.blobId, step)
  const best = owned.toSorted((a, b) => b.endEpoch - a.endEpoch)[0]
  if (best !== undefined) return expiryOf(best, system)
  const sdk = await context.sdk()
  const status = await askChain(context, step, (signal) => sdk.getVerifiedBlobStatus({ blobId: target.blobId, signal }))
  if (status.type === 'permanent') {
    return expiryOf(
      {
        endEpoch: Number(status.endEpoch),
        deletable: false,
        certifiedEpoch: status.isCertified ? Number(status.initialCertifiedEpoch) : undefined,
      },
      system,
    )
  }
  throw new LocketError('walrus/not-found', {
    ...step,
    message: 'no object of this wallet pays for the blob, and it is not permanent',
    details: { blobId: target.blobId },
  })
}

/** An object's storage period against the present epoch. */
export function expiryOf(
  blob: { readonly endEpoch: number; readonly deletable: boolean; readonly certifiedEpoch: number | undefined },
  system: WalrusSystem,
): BlobExpiry {
  return Object.freeze({
    currentEpoch: system.epoch,
    endEpoch: blob.endEpoch,
    deletable: blob.deletable,
    isCertified: blob.certifiedEpoch !== undefined,
    expiresAtMs: system.epochStartMs + (blob.endEpoch - system.epoch) * system.epochDurationMs,
  })
}
