import { LocketError } from '../core/errors.ts'
import { assertEpochs } from './assert-epochs.ts'
import { certifyUpload } from './certify-upload.ts'
import { readBlobObject, readSystem } from './chain-reads.ts'
import type { WalrusContext } from './context.ts'
import { geometryOf, maxBlobBytes, storageUnits } from './geometry.ts'
import { publishUpload } from './publish-upload.ts'
import { registerUpload } from './register-upload.ts'
import type { UploadReceipt, UploadState } from './types.ts'
import type { UploadRequest, UploadRun } from './upload-run.ts'
import { changedState, firstState, resumedState } from './upload-state.ts'

/**
 * Stores one quilt, from wherever the journal says an earlier run stopped.
 * {@link createWalrusEngine} documents the promises.
 */
export async function uploadQuilt(context: WalrusContext, request: UploadRequest): Promise<UploadReceipt> {
  const step = { operation: 'walrus.upload', signal: request.signal } as const
  const { quilt } = request
  const geometry = geometryOf(context.network.nShards)
  const limitBytes = maxBlobBytes(geometry)
  if (quilt.length === 0 || quilt.length > limitBytes) {
    throw new LocketError('walrus/too-large', {
      ...step,
      message: 'the quilt is empty or too large',
      details: { limitBytes, sizeBytes: quilt.length },
    })
  }
  assertEpochs(request.epochs, context.network.maxEpochs, step.operation)
  const loaded = await request.journal.load()
  request.signal?.throwIfAborted()

  const system = await readSystem(context, step)
  const sdk = await context.sdk()
  const { blobId, rootHash, blobDigest } = await sdk.computeBlobMetadata({ bytes: quilt, numShards: system.nShards })
  const intent = { blobId, epochs: request.epochs, deletable: request.deletable ?? true }
  const { upload } = context.network
  let state = loaded === undefined ? firstState(intent) : resumedState(loaded, intent)
  const isUnpaid = state.register === undefined && state.blobObjectId === undefined && state.step === 'encoded'
  if (isUnpaid) {
    assertEpochs(request.epochs, system.prices.maxEpochs, step.operation)
    // Nothing is bought yet, so this run's wishes count, not an earlier one's.
    state = { ...state, epochs: intent.epochs, deletable: intent.deletable }
  }
  const { storageFrost, writeFrost } = system.prices
  const costFrost = BigInt(storageUnits(quilt.length, geometry)) * (storageFrost * BigInt(state.epochs) + writeFrost)
  if (isUnpaid && upload.via !== 'publisher' && request.maxCostFrost !== undefined && costFrost > request.maxCostFrost) {
    throw new LocketError('walrus/cost-ceiling', {
      ...step,
      message: 'the upload costs more than allowed',
      details: { costFrost: String(costFrost), maxCostFrost: String(request.maxCostFrost) },
    })
  }
  if (isUnpaid) await request.journal.save(state)
  const report = () => request.onProgress?.({ step: state.step, blobId })
  report()
  const run: UploadRun = {
    context,
    request,
    step,
    rootHash,
    quiltDigest: await blobDigest(),
    costFrost,
    state: () => state,
    async advance(change) {
      const next = changedState(state, change)
      await request.journal.save(next)
      const moved = next.step !== state.step
      state = next
      if (moved) report()
    },
  }
  if (state.step !== 'certified') {
    // A blob object once paid for is used, whatever the network's present way of uploading.
    if (upload.via === 'publisher' && state.register === undefined) await publishUpload(run, upload.url)
    else {
      await registerUpload(run)
      await certifyUpload(run)
    }
  }
  return receipt(context, state, step)
}

async function receipt(context: WalrusContext, state: UploadState, step: UploadRun['step']): Promise<UploadReceipt> {
  const endEpoch =
    state.endEpoch ?? (state.blobObjectId === undefined ? 0 : (await readBlobObject(context, state.blobObjectId, step)).endEpoch)
  return Object.freeze({
    blobId: state.blobId,
    blobObjectId: state.blobObjectId,
    endEpoch,
    signatures: state.signatures,
    costFrost: BigInt(state.costFrost),
    gasMist: BigInt(state.gasMist),
  })
}
