import type { AbortOptions } from '../core/abort.ts'
import { LocketError } from '../core/errors.ts'
import { assertEpochs } from './assert-epochs.ts'
import { readBlobObject, readSystem } from './chain-reads.ts'
import type { WalrusContext } from './context.ts'
import { STORAGE_UNIT_BYTES } from './geometry.ts'
import { loadSuiTransactions } from './load-peers.ts'
import { expiryOf } from './read-expiry.ts'
import { signTransaction, submitTransaction } from './transact.ts'
import type { BlobExpiry } from './types.ts'

export type BlobChange = AbortOptions & { readonly blobObjectId: string }

/**
 * Pays for `epochs` more. One signature.
 *
 * @throws {LocketError} `walrus/expired` if it has ended, `walrus/epochs-out-of-range` with how many more can be had,
 * `usage/wrong-state` if it was never certified, `walrus/cost-ceiling`, `chain/*`.
 */
export async function renewBlob(
  context: WalrusContext,
  change: BlobChange & { readonly epochs: number; readonly maxCostFrost?: bigint | undefined },
): Promise<BlobExpiry> {
  const { blobObjectId, epochs, signal } = change
  const step = { operation: 'walrus.renew', signal }
  const system = await readSystem(context, step)
  const blob = await readBlobObject(context, blobObjectId, step)
  if (blob.certifiedEpoch === undefined) {
    throw new LocketError('usage/wrong-state', { ...step, message: 'only certified blobs can be renewed', details: { blobObjectId } })
  }
  if (blob.endEpoch <= system.epoch) {
    throw new LocketError('walrus/expired', { ...step, details: { blobObjectId, endEpoch: blob.endEpoch, currentEpoch: system.epoch } })
  }
  assertEpochs(epochs, system.epoch + system.prices.maxEpochs - blob.endEpoch, step.operation)
  const units = (blob.storageBytes + BigInt(STORAGE_UNIT_BYTES) - 1n) / BigInt(STORAGE_UNIT_BYTES)
  const costFrost = units * system.prices.storageFrost * BigInt(epochs)
  if (change.maxCostFrost !== undefined && costFrost > change.maxCostFrost) {
    throw new LocketError('walrus/cost-ceiling', {
      ...step,
      details: { costFrost: String(costFrost), maxCostFrost: String(change.maxCostFrost) },
    })
  }
  const sdk = await context.sdk()
  const { Transaction } = await loadSuiTransactions()
  const transaction = new Transaction()
  transaction.add(sdk.extendBlob({ blobObjectId, epochs }))
  await submitTransaction(context, await signTransaction(context, transaction, step), step)
  return expiryOf(await readBlobObject(context, blobObjectId, step), await readSystem(context, step))
}

/**
 * Deletes a deletable blob before its time; the storage left goes to the signer. One signature.
 *
 * @throws {LocketError} `walrus/not-deletable` if it was stored as permanent, `walrus/expired` if it has ended, `chain/*`.
 */
export async function removeBlob(context: WalrusContext, change: BlobChange): Promise<void> {
  const { blobObjectId, signal } = change
  const step = { operation: 'walrus.remove', signal }
  const system = await readSystem(context, step)
  const blob = await readBlobObject(context, blobObjectId, step)
  if (!blob.deletable) throw new LocketError('walrus/not-deletable', { ...step, details: { blobObjectId, endEpoch: blob.endEpoch } })
  if (blob.endEpoch <= system.epoch) {
    throw new LocketError('walrus/expired', { ...step, details: { blobObjectId, endEpoch: blob.endEpoch, currentEpoch: system.epoch } })
  }
  const sdk = await context.sdk()
  const { Transaction } = await loadSuiTransactions()
  const transaction = new Transaction()
  transaction.transferObjects([sdk.deleteBlob({ blobObjectId })], context.signer.toSuiAddress())
  await submitTransaction(context, await signTransaction(context, transaction, step), step)
}
