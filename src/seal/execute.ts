import { fromBase64 } from '@mysten/bcs'
import type { SuiClientTypes } from '@mysten/sui/client'
import type { Transaction } from '@mysten/sui/transactions'
import { throwIfAborted, type AbortOptions } from '../core/abort.ts'
import { LocketError } from '../core/errors.ts'
import { wrapChainError } from './chain-error.ts'
import { normalizeTag } from './normalize-id.ts'
import type { SealClientApi, SealSigner } from './signer.ts'
import { explainSpaceAbort } from './space-abort.ts'

/** An executed transaction, as the full node shows it. */
export type Executed = { readonly digest: string; readonly createdIds: readonly string[] }

/**
 * Builds a transaction, has the wallet sign it, executes it and waits until the
 * full node shows its effects. Building, signing and sending are kept apart so
 * that a refusal in the wallet is never mistaken for a fault of the network.
 *
 * Aborts take effect up to the signature; after it the transaction is sent in
 * any case, as nobody could tell otherwise whether it was.
 *
 * @throws {LocketError} `chain/signature-refused`, `chain/insufficient-gas`, `chain/stale-object`, `chain/rejected`,
 *   `chain/unreachable`, and what {@link explainSpaceAbort} says of the contract's aborts.
 */
export async function execute(
  deps: { readonly client: SealClientApi; readonly signer: SealSigner; readonly packageId: string },
  operation: string,
  transaction: Transaction,
  options?: AbortOptions,
): Promise<Executed> {
  const { client, signer, packageId } = deps
  throwIfAborted(options)
  transaction.setSenderIfNotSet(signer.toSuiAddress())
  let bytes: Uint8Array
  try {
    bytes = await transaction.build({ client })
  } catch (error) {
    throw buildError(error, operation, packageId)
  }
  throwIfAborted(options)
  let signed: { readonly bytes: string; readonly signature: string }
  try {
    signed = await signer.signTransaction(bytes)
  } catch (cause) {
    throwIfAborted(options)
    throw new LocketError('chain/signature-refused', { operation, message: 'the wallet did not sign the transaction', cause })
  }
  let result: SuiClientTypes.TransactionResult<{ effects: true }>
  try {
    // A wallet may have changed the gas payment: what it signed counts.
    const final = { transaction: fromBase64(signed.bytes), signatures: [signed.signature] }
    result = await client.core.executeTransaction({ ...final, include: { effects: true } })
  } catch (error) {
    throw buildError(error, operation, packageId)
  }
  if (result.$kind === 'FailedTransaction') throw executionError(result.FailedTransaction.status.error, operation, packageId)
  const { digest, effects } = result.Transaction
  try {
    await client.core.waitForTransaction({ digest })
  } catch (error) {
    throw wrapChainError(error, operation)
  }
  const createdIds = (effects?.changedObjects ?? []).filter(({ idOperation }) => idOperation === 'Created').map(({ objectId }) => objectId)
  return { digest, createdIds }
}

/** Building simulates: contract aborts and missing gas show up there before anything is signed. */
function buildError(error: unknown, operation: string, packageId: string): LocketError {
  const { executionError: reason } = error as { executionError?: SuiClientTypes.ExecutionError }
  if (reason) return executionError(reason, operation, packageId, error)
  const message = error instanceof Error ? error.message : ''
  if (/no valid gas coins|insufficient ?gas|insufficient balance|could not automatically determine a budget/i.test(message)) {
    return new LocketError('chain/insufficient-gas', { operation, cause: error })
  }
  if (/unavailable ?for ?consumption|object version|stale|equivocat/i.test(message)) {
    return new LocketError('chain/stale-object', { operation, cause: error })
  }
  return wrapChainError(error, operation)
}

function executionError(error: SuiClientTypes.ExecutionError | null, operation: string, packageId: string, cause?: unknown): LocketError {
  const abort = error?.MoveAbort
  const location = abort?.location
  const isOurs =
    location?.module === 'space' && (location.package === undefined || normalizeTag(`${location.package}::a::A`) === `${packageId}::a::A`)
  if (abort && isOurs) {
    const { name, code } = explainSpaceAbort(Number(abort.abortCode))
    return new LocketError(code, {
      operation,
      message: `the contract refused: ${name} in ${location.functionName ?? 'space'}`,
      details: { reason: name, abortCode: Number(abort.abortCode) },
      cause,
    })
  }
  const reason = error?.message ?? 'unknown'
  if (/insufficient ?(gas|coin ?balance)/i.test(reason)) return new LocketError('chain/insufficient-gas', { operation, cause })
  return new LocketError('chain/rejected', { operation, details: { reason }, cause })
}
