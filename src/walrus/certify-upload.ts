import type { ProtocolMessageCertificate } from '@mysten/walrus'
import { isLocketError, LocketError } from '../core/errors.ts'
import { certificateEpoch, formatCertificate, parseCertificate } from './certificate.ts'
import { isFinalChainError } from './chain-error.ts'
import { readBlobObject, readSystem } from './chain-reads.ts'
import { loadSuiTransactions } from './load-peers.ts'
import { sendToNodes } from './send-to-nodes.ts'
import { sendToRelay } from './send-to-relay.ts'
import { signTransaction, submitTransaction } from './transact.ts'
import type { SignedTransaction } from './types.ts'
import type { UploadRun } from './upload-run.ts'
import { withFailedGas } from './upload-state.ts'

/**
 * Sends the bytes of a registered blob, and certifies it on chain, once.
 *
 * A certificate holds for the epoch of the committee that signed it. It is
 * compared with the present epoch before the wallet is asked, and fetched anew
 * if the committee has changed.
 */
export async function certifyUpload(run: UploadRun): Promise<void> {
  const { context, step } = run
  const saved = run.state().certify
  if (saved !== undefined) {
    try {
      return await complete(run, saved)
    } catch (error) {
      if (!isFinalChainError(error)) throw error
      if (await finishIfCertified(run)) return
      await discard(run, error)
    }
  } else if (await finishIfCertified(run)) return

  for (let attempt = 1; ; attempt++) {
    const certificate = await obtainCertificate(run)
    const { epoch } = await readSystem(context, step)
    if (certificateEpoch(certificate) === epoch) {
      const signed = await signCertify(run, certificate)
      await run.advance({ certify: signed, signatures: run.state().signatures + 1 })
      try {
        return await complete(run, signed)
      } catch (error) {
        if (!isFinalChainError(error)) throw error
        const changed = (await readSystem(context, step)).epoch !== epoch
        await discard(run, error, { dropCertificate: changed })
        throw changed ? epochChanged(run, error) : error
      }
    }
    await dropCertificate(run)
    if (attempt >= context.attempts) throw epochChanged(run)
  }
}

/** The saved certificate, or a new one from the relay or the nodes. */
async function obtainCertificate(run: UploadRun): Promise<ProtocolMessageCertificate> {
  const { context, request } = run
  const { certificate: saved, blobId, blobObjectId, deletable, register } = run.state()
  if (saved !== undefined) return parseCertificate(saved)
  if (blobObjectId === undefined) throw new LocketError('usage/wrong-state', { ...run.step, message: 'nothing is registered' })
  const send = { bytes: request.quilt, blobId, blobObjectId, deletable, signal: request.signal }
  let certificate: ProtocolMessageCertificate | undefined
  if (context.network.upload.via === 'relay' && register !== undefined) {
    const answer = await sendToRelay(context, { ...send, quiltDigest: run.quiltDigest, registerDigest: register.digest })
    if (answer.kind === 'certificate') certificate = answer.certificate
  }
  // Also when a relay refuses a tip it finds too old or not its own: what is paid must not be lost.
  certificate ??= await sendToNodes(context, send)
  await run.advance({ step: 'uploaded', certificate: formatCertificate(certificate) })
  return certificate
}

async function signCertify(run: UploadRun, certificate: ProtocolMessageCertificate): Promise<SignedTransaction> {
  const { context, request, step } = run
  const { blobId, blobObjectId, deletable } = run.state()
  const { Transaction } = await loadSuiTransactions()
  const sdk = await context.sdk()
  const transaction = new Transaction()
  transaction.setSender(context.signer.toSuiAddress())
  transaction.add(sdk.certifyBlob({ blobId, blobObjectId: blobObjectId as string, deletable, certificate }))
  await request.extendCertify?.(transaction)
  try {
    return await signTransaction(context, transaction, step)
  } catch (error) {
    if (!isLocketError(error, 'chain/rejected')) throw error
    if (error.details['module'] !== 'bls_aggregate' && error.details['module'] !== 'messages') throw error
    // Simulated, not signed: the certificate is no good.
    await dropCertificate(run)
    const { upload } = context.network
    throw new LocketError('walrus/inconsistent', {
      ...step,
      message: 'the certificate of the upload does not verify',
      details: { source: upload.via === 'relay' ? upload.host : 'storage nodes' },
      cause: error,
    })
  }
}

async function complete(run: UploadRun, signed: SignedTransaction): Promise<void> {
  const executed = await submitTransaction(run.context, signed, run.step)
  await run.advance({ step: 'certified', gasMist: String(BigInt(run.state().gasMist) + executed.gasMist) })
}

/** Whether the blob object says it is certified already, by a run that could not note it down. */
async function finishIfCertified(run: UploadRun): Promise<boolean> {
  const { blobObjectId } = run.state()
  if (blobObjectId === undefined) return false
  const blob = await readBlobObject(run.context, blobObjectId, run.step)
  if (blob.certifiedEpoch === undefined) return false
  await run.advance({ step: 'certified', endEpoch: blob.endEpoch })
  return true
}

async function discard(run: UploadRun, error: unknown, options: { readonly dropCertificate?: boolean } = {}): Promise<void> {
  await run.advance({ certify: undefined, gasMist: withFailedGas(run.state(), error) })
  if (options.dropCertificate === true) await dropCertificate(run)
}

async function dropCertificate(run: UploadRun): Promise<void> {
  await run.advance({ step: 'registered', certificate: undefined })
}

function epochChanged(run: UploadRun, cause?: unknown): LocketError {
  return new LocketError('walrus/epoch-changed', { ...run.step, cause })
}
