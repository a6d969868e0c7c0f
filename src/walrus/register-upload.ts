import { LocketError } from '../core/errors.ts'
import { backOff } from './backoff.ts'
import type { BlobObject } from './blob-object.ts'
import { isFinalChainError } from './chain-error.ts'
import { type OwnedBlob, readCreatedBlob, readOwnedBlobs, readSystem } from './chain-reads.ts'
import { loadSuiTransactions } from './load-peers.ts'
import { relayNonce } from './send-to-relay.ts'
import { signTransaction, submitTransaction } from './transact.ts'
import type { SignedTransaction } from './types.ts'
import { withDeadline } from './deadline.ts'
import type { UploadRun } from './upload-run.ts'
import { withFailedGas } from './upload-state.ts'

/**
 * Buys storage and registers the blob, once. In order: a transaction already
 * signed is looked up and, if unknown, sent again (same digest, so it runs at
 * most once); then a blob object the signer already owns for this blob is
 * taken; only then is a new transaction signed, saved, and sent.
 */
export async function registerUpload(run: UploadRun): Promise<void> {
  if (run.state().blobObjectId !== undefined) return
  const saved = run.state().register
  if (saved?.bytes !== undefined) {
    try {
      return await complete(run, saved)
    } catch (error) {
      // It can never run any more: something else may take its place. Anything else leaves the question open.
      if (!isFinalChainError(error)) throw error
      await discard(run, error)
    }
  }
  const owned = await findPaidBlob(run)
  if (owned !== undefined) {
    const { previousTransaction: digest } = owned
    return run.advance({
      step: 'registered',
      blobObjectId: owned.objectId,
      endEpoch: owned.endEpoch,
      ...(digest === undefined ? {} : { register: { digest } }),
    })
  }
  const signed = await sign(run)
  await run.advance({ register: signed, signatures: run.state().signatures + 1 })
  try {
    await complete(run, signed)
  } catch (error) {
    if (isFinalChainError(error)) await discard(run, error)
    throw error
  }
}

async function complete(run: UploadRun, signed: SignedTransaction): Promise<void> {
  const { context, step } = run
  const { blobId, gasMist } = run.state()
  const executed = await submitTransaction(context, signed, step)
  let blob: BlobObject | undefined
  for (let attempt = 1; attempt <= context.attempts && blob === undefined; attempt++) {
    // Full nodes lag behind what they have executed.
    if (attempt > 1) await backOff(attempt, { ...context, baseMs: context.timeouts.backoffMs, signal: step.signal })
    blob = await readCreatedBlob(context, executed.createdIds, blobId, step)
  }
  if (blob === undefined) {
    throw new LocketError('chain/not-found', {
      ...step,
      message: 'the registered blob is not visible yet',
      details: { digest: executed.digest },
    })
  }
  await run.advance({
    step: 'registered',
    blobObjectId: blob.objectId,
    endEpoch: blob.endEpoch,
    costFrost: String(run.costFrost),
    gasMist: String(BigInt(gasMist) + executed.gasMist),
  })
}

async function discard(run: UploadRun, error: unknown): Promise<void> {
  await run.advance({ register: undefined, gasMist: withFailedGas(run.state(), error) })
}

/** A blob object from an earlier run whose journal is lost: paid, of this content, and still stored long enough to use. */
async function findPaidBlob(run: UploadRun): Promise<OwnedBlob | undefined> {
  const { context, step } = run
  const { blobId, deletable } = run.state()
  const owned = await readOwnedBlobs(context, blobId, step)
  if (owned.length === 0) return undefined
  const { epoch } = await readSystem(context, step)
  return owned
    .filter((blob) => blob.deletable === deletable && blob.endEpoch > epoch)
    .toSorted((a, b) => Number(b.certifiedEpoch !== undefined) - Number(a.certifiedEpoch !== undefined) || b.endEpoch - a.endEpoch)[0]
}

async function sign(run: UploadRun): Promise<SignedTransaction> {
  const { context, request, step, rootHash, quiltDigest } = run
  const { blobId, epochs, deletable } = run.state()
  const { quilt } = request
  const { Transaction } = await loadSuiTransactions()
  const sdk = await context.sdk()
  const owner = context.signer.toSuiAddress()
  const transaction = new Transaction()
  transaction.setSender(owner)
  const { upload } = context.network
  if (upload.via === 'relay') {
    await checkTip(run, upload)
    // The relay wants its proof of payment as input 0, so this comes first.
    transaction.add(sdk.sendUploadRelayTip({ size: quilt.length, blobDigest: quiltDigest, nonce: relayNonce(quiltDigest) }))
  }
  transaction.transferObjects([sdk.registerBlob({ size: quilt.length, epochs, blobId, rootHash, deletable })], owner)
  return signTransaction(context, transaction, step)
}

/** Asks the relay for its tip before the wallet is asked for anything. */
async function checkTip(run: UploadRun, relay: { readonly host: string; readonly maxTipMist: number }): Promise<void> {
  const { context, step, request } = run
  const sdk = await context.sdk()
  const ask = () => sdk.calculateUploadRelayTip({ size: request.quilt.length })
  try {
    await withDeadline(ask, { clock: context.clock, timeoutMs: context.timeouts.requestMs, code: 'walrus/unavailable', ...step })
  } catch (error) {
    if (request.signal?.aborted) throw error
    if (error instanceof Error && /exceeds the maximum allowed tip/.test(error.message)) {
      throw new LocketError('walrus/cost-ceiling', {
        ...step,
        message: 'the relay asks for more tip than allowed',
        details: { source: relay.host, maxTipMist: relay.maxTipMist },
        cause: error,
      })
    }
    throw new LocketError('walrus/unavailable', {
      ...step,
      message: 'the relay does not name its tip',
      details: { source: relay.host },
      cause: error,
    })
  }
}
