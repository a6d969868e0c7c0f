import { LocketError } from '../core/errors.ts'
import { isFinalChainError } from './chain-error.ts'
import { askChain, readBlobObject, readOwnedBlobs, readSystem } from './chain-reads.ts'
import { loadSuiTransactions } from './load-peers.ts'
import { sendToPublisher } from './send-to-publisher.ts'
import { signTransaction, submitTransaction } from './transact.ts'
import type { SignedTransaction } from './types.ts'
import type { UploadRun } from './upload-run.ts'
import { withFailedGas } from './upload-state.ts'

/**
 * Has a publisher store the blob. Nothing is signed, unless the caller adds
 * calls of its own: those make a transaction by themselves, after the blob is
 * certified. What the publisher says is checked on chain or with the storage nodes.
 */
export async function publishUpload(run: UploadRun, url: string): Promise<void> {
  if (run.state().step === 'encoded') {
    const stored = (await findCertified(run)) ?? (await publish(run, url))
    await run.advance({
      step: 'uploaded',
      endEpoch: stored.endEpoch,
      ...(stored.blobObjectId ? { blobObjectId: stored.blobObjectId } : {}),
    })
  }
  await extend(run)
  await run.advance({ step: 'certified' })
}

type Stored = { readonly blobObjectId: string | undefined; readonly endEpoch: number }

/** An earlier run may have been cut off after the publisher finished: it sends the object to the signer. */
async function findCertified(run: UploadRun): Promise<Stored | undefined> {
  const { blobId } = run.state()
  const owned = await readOwnedBlobs(run.context, blobId, run.step)
  if (owned.length === 0) return undefined
  const { epoch } = await readSystem(run.context, run.step)
  const found = owned.find((blob) => blob.certifiedEpoch !== undefined && blob.endEpoch > epoch)
  return found === undefined ? undefined : { blobObjectId: found.objectId, endEpoch: found.endEpoch }
}

async function publish(run: UploadRun, url: string): Promise<Stored> {
  const { context, request, step } = run
  const { blobId, epochs, deletable } = run.state()
  const answer = await sendToPublisher(context, { url, bytes: request.quilt, blobId, epochs, deletable, signal: request.signal })
  const lied = () =>
    new LocketError('walrus/inconsistent', {
      ...step,
      message: 'the publisher says it stored the blob, and it did not',
      details: { source: new URL(url).origin },
    })
  if (answer.blobObjectId !== undefined) {
    const blob = await readBlobObject(context, answer.blobObjectId, step)
    if (blob.blobId !== blobId || blob.certifiedEpoch === undefined) throw lied()
    return { blobObjectId: blob.objectId, endEpoch: blob.endEpoch }
  }
  // Certified before, by somebody else's object: only the storage nodes can tell.
  const sdk = await context.sdk()
  const status = await askChain(context, step, (signal) => sdk.getVerifiedBlobStatus({ blobId, signal }))
  if (status.type === 'permanent' && status.isCertified) return { blobObjectId: undefined, endEpoch: Number(status.endEpoch) }
  if (status.type === 'deletable' && status.initialCertifiedEpoch !== null) return { blobObjectId: undefined, endEpoch: answer.endEpoch }
  throw lied()
}

/** Runs the caller's own calls, once. */
async function extend(run: UploadRun): Promise<void> {
  const { context, request, step } = run
  if (request.extendCertify === undefined) return
  let signed: SignedTransaction | undefined = run.state().certify
  if (signed === undefined) {
    const { Transaction } = await loadSuiTransactions()
    const transaction = new Transaction()
    await request.extendCertify(transaction)
    signed = await signTransaction(context, transaction, step)
    await run.advance({ certify: signed, signatures: run.state().signatures + 1 })
  }
  try {
    const executed = await submitTransaction(context, signed, step)
    await run.advance({ gasMist: String(BigInt(run.state().gasMist) + executed.gasMist) })
  } catch (error) {
    if (isFinalChainError(error)) await run.advance({ certify: undefined, gasMist: withFailedGas(run.state(), error) })
    throw error
  }
}
