import type { SuiClientTypes } from '@mysten/sui/client'
import { isAbort } from '../core/abort.ts'
import { LocketError } from '../core/errors.ts'
import { type BlobObject, decodeBlobObject } from './blob-object.ts'
import { chainError } from './chain-error.ts'
import type { WalrusContext } from './context.ts'
import { withDeadline } from './deadline.ts'
import type { WalrusPrices } from './types.ts'

type Step = { readonly operation: string; readonly signal?: AbortSignal | undefined }

/** Walrus as its system objects say it, read afresh. */
export type WalrusSystem = {
  readonly epoch: number
  readonly nShards: number
  readonly prices: WalrusPrices
  readonly epochDurationMs: number
  /** When the present epoch began, as well as the staking object says. */
  readonly epochStartMs: number
}

/** Asks the full node something under a deadline, with typed errors. */
export async function askChain<T>(context: WalrusContext, step: Step, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await withDeadline(ask, { clock: context.clock, timeoutMs: context.timeouts.chainMs, code: 'chain/unreachable', ...step })
  } catch (error) {
    if (isAbort(error, step)) throw error
    throw chainError(error, step.operation)
  }
}

/**
 * Reads system and staking objects. Empties the SDK's caches first, which
 * otherwise hold the first answer for ever.
 *
 * @throws {LocketError} `chain/wrong-network` if the committee's shard count is not the configured one.
 */
export async function readSystem(context: WalrusContext, step: Step): Promise<WalrusSystem> {
  const sdk = await context.sdk()
  return askChain(context, step, async () => {
    sdk.reset()
    const [system, staking] = await Promise.all([sdk.systemState(), sdk.stakingState()])
    const nShards = Number(system.committee.n_shards)
    if (nShards !== context.network.nShards) {
      throw new LocketError('chain/wrong-network', {
        operation: step.operation,
        message: 'the committee has another number of shards than the network was configured with',
        details: { found: nShards, expected: context.network.nShards },
      })
    }
    const epoch = Number(system.committee.epoch)
    const epochDurationMs = Number(staking.epoch_duration)
    const firstStartMs = Number(staking.first_epoch_start)
    const { epoch_state: state } = staking
    const changedAtMs = state.EpochChangeDone ?? state.NextParamsSelected
    return {
      epoch,
      nShards,
      prices: {
        storageFrost: BigInt(system.storage_price_per_unit_size),
        writeFrost: BigInt(system.write_price_per_unit_size),
        maxEpochs: Math.min(context.network.maxEpochs, Number(system.future_accounting.length)),
      },
      epochDurationMs,
      epochStartMs: changedAtMs == null ? firstStartMs + Math.max(0, epoch - 1) * epochDurationMs : Number(changedAtMs),
    }
  })
}

/**
 * The blob object as it is now.
 *
 * @throws {LocketError} `chain/not-found` if there is no such object or it is something else.
 */
export async function readBlobObject(context: WalrusContext, blobObjectId: string, step: Step): Promise<BlobObject> {
  const sdk = await context.sdk()
  return askChain(context, step, async (signal) => {
    const [type, { objects }] = await Promise.all([
      sdk.getBlobType(),
      context.client.core.getObjects({ objectIds: [blobObjectId], include: { content: true }, signal }),
    ])
    const object = objects[0]
    if (object === undefined || object instanceof Error || object.type !== type) {
      throw new LocketError('chain/not-found', {
        operation: step.operation,
        message: 'there is no such blob object',
        details: { blobObjectId },
        cause: object instanceof Error ? object : undefined,
      })
    }
    return decodeBlobObject(object.content)
  })
}

/** A blob object of the signer's, and the transaction that touched it last. */
export type OwnedBlob = BlobObject & { readonly previousTransaction: string | undefined }

/** Every blob object the signer owns for `blobId`, or all of them. */
export async function readOwnedBlobs(context: WalrusContext, blobId: string | undefined, step: Step): Promise<readonly OwnedBlob[]> {
  const sdk = await context.sdk()
  const owner = context.signer.toSuiAddress()
  const type = await askChain(context, step, async () => sdk.getBlobType())
  const found: OwnedBlob[] = []
  let cursor: string | null = null
  do {
    const after: string | null = cursor
    const page: SuiClientTypes.ListOwnedObjectsResponse<{ content: true; previousTransaction: true }> = await askChain(
      context,
      step,
      (signal) =>
        context.client.core.listOwnedObjects({ owner, type, cursor: after, include: { content: true, previousTransaction: true }, signal }),
    )
    for (const object of page.objects) {
      const blob = decodeBlobObject(object.content)
      if (blobId === undefined || blob.blobId === blobId)
        found.push({ ...blob, previousTransaction: object.previousTransaction ?? undefined })
    }
    cursor = page.hasNextPage ? page.cursor : null
  } while (cursor !== null)
  return found
}

/** The blob object for `blobId` among the objects a transaction created. */
export async function readCreatedBlob(
  context: WalrusContext,
  created: readonly string[],
  blobId: string,
  step: Step,
): Promise<BlobObject | undefined> {
  if (created.length === 0) return undefined
  const sdk = await context.sdk()
  return askChain(context, step, async (signal) => {
    const [type, { objects }] = await Promise.all([
      sdk.getBlobType(),
      context.client.core.getObjects({ objectIds: [...created], include: { content: true }, signal }),
    ])
    for (const object of objects) {
      if (object instanceof Error || object.type !== type) continue
      const blob = decodeBlobObject(object.content)
      if (blob.blobId === blobId) return blob
    }
    return undefined
  })
}
