import { fromBase64 } from '@mysten/bcs'
import type { SuiClientTypes } from '@mysten/sui/client'
import type { Transaction } from '@mysten/sui/transactions'
import { isAbort } from '../core/abort.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { chainError } from './chain-error.ts'
import type { WalrusContext } from './context.ts'
import { withDeadline } from './deadline.ts'
import { loadSuiTransactions } from './load-peers.ts'
import type { SignedTransaction } from './types.ts'

/** What an executed transaction left. */
export type Executed = {
  readonly digest: string
  readonly gasMist: bigint
  readonly createdIds: readonly string[]
}

type Step = { readonly operation: string; readonly signal?: AbortSignal | undefined }
type Result = SuiClientTypes.TransactionResult<{ effects: true }>

/**
 * Builds a transaction and has the wallet sign it, without sending it. Building
 * simulates it, so most refusals cost no signature.
 *
 * The digest is that of the bytes the wallet returns: a wallet may change the
 * gas it pays with. No deadline on the wallet; people take their time.
 *
 * @throws {LocketError} `chain/*`; `chain/signature-refused` for whatever the wallet throws.
 */
export async function signTransaction(context: WalrusContext, transaction: Transaction, step: Step): Promise<SignedTransaction> {
  const { client, signer } = context
  transaction.setSenderIfNotSet(signer.toSuiAddress())
  let built: Uint8Array
  try {
    built = await withDeadline(() => transaction.build({ client }), deadline(context, step))
  } catch (error) {
    if (isAbort(error, step)) throw error
    throw chainError(error, step.operation)
  }
  const { TransactionDataBuilder } = await loadSuiTransactions()
  let signed: { readonly bytes: string; readonly signature: string }
  try {
    signed = await abortable(signer.signTransaction(built), step.signal)
  } catch (error) {
    if (isAbort(error, step) || isLocketError(error)) throw error
    throw new LocketError('chain/signature-refused', { operation: step.operation, cause: error })
  }
  const digest = TransactionDataBuilder.getDigestFromBytes(fromBase64(signed.bytes))
  return { digest, bytes: signed.bytes, signature: signed.signature }
}

/**
 * Sends a signed transaction unless it has run already, and waits until the
 * full node knows its effects. May be called again with the same transaction at
 * any time: a digest executes at most once.
 *
 * @throws {LocketError} `chain/unreachable` while the outcome is unknown, otherwise why it failed;
 * `details.executed` is true if it ran (and gas was spent).
 */
export async function submitTransaction(context: WalrusContext, signed: SignedTransaction, step: Step): Promise<Executed> {
  const { digest } = signed
  const before = await lookUp(context, digest, step)
  if (before !== undefined) return outcome(before, step)
  if (signed.bytes === undefined || signed.signature === undefined) {
    throw new LocketError('chain/not-found', { operation: step.operation, message: 'the transaction is not known', details: { digest } })
  }
  const { bytes, signature } = signed
  let result: Result
  try {
    result = await withDeadline(
      (signal) =>
        context.client.core.executeTransaction({
          transaction: fromBase64(bytes),
          signatures: [signature],
          include: { effects: true },
          signal,
        }),
      deadline(context, step),
    )
  } catch (error) {
    if (isAbort(error, step)) throw error
    // The answer may have been lost after it ran.
    const after = await lookUp(context, digest, step)
    if (after !== undefined) return outcome(after, step)
    throw chainError(error, step.operation)
  }
  const executed = outcome(result, step)
  await awaitIndexed(context, digest, step)
  return executed
}

/** What the chain knows of a digest; `undefined` if it does not know it or does not answer. */
async function lookUp(context: WalrusContext, digest: string, step: Step): Promise<Result | undefined> {
  try {
    return await withDeadline(
      (signal) => context.client.core.getTransaction({ digest, include: { effects: true }, signal }),
      deadline(context, step),
    )
  } catch (error) {
    if (isAbort(error, step)) throw error
    return undefined
  }
}

/** Later reads must see the effects. Only a courtesy: the transaction has run whatever this finds. */
async function awaitIndexed(context: WalrusContext, digest: string, step: Step): Promise<void> {
  try {
    await withDeadline((signal) => context.client.core.waitForTransaction({ digest, signal }), deadline(context, step))
  } catch (error) {
    if (isAbort(error, step)) throw error
  }
}

function outcome(result: Result, step: Step): Executed {
  const ran = result.Transaction ?? result.FailedTransaction
  const gas = ran.effects?.gasUsed
  const gasMist = gas === undefined ? 0n : BigInt(gas.computationCost) + BigInt(gas.storageCost) - BigInt(gas.storageRebate)
  if (result.FailedTransaction !== undefined) {
    const mapped = chainError(result.FailedTransaction.status.error ?? new Error('the transaction failed'), step.operation)
    throw new LocketError(mapped.code === 'chain/unreachable' ? 'chain/rejected' : mapped.code, {
      operation: step.operation,
      details: { ...mapped.details, executed: true, digest: ran.digest, gasMist: String(gasMist) },
      cause: mapped.cause,
    })
  }
  const created = ran.effects.changedObjects.filter((object) => object.idOperation === 'Created')
  return { digest: ran.digest, gasMist, createdIds: created.map((object) => object.objectId) }
}

function deadline(context: WalrusContext, step: Step) {
  return { clock: context.clock, timeoutMs: context.timeouts.chainMs, code: 'chain/unreachable' as const, ...step }
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
