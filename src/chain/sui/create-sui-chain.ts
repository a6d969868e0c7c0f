import type { ClientWithCoreApi, SuiClientTypes } from '@mysten/sui/client'
import { abortable } from '../../core/abortable.ts'
import type { AbortOptions } from '../../core/abort.ts'
import { copyBytes } from '../../core/bytes.ts'
import type { Clock } from '../../core/capabilities.ts'
import { isLocketError, LocketError } from '../../core/errors.ts'
import { buildPayments } from './build-payments.ts'
import { chainError } from './chain-error.ts'
import { checkLosses } from './check-losses.ts'
import { canonicalCoinType, canonicalSuiAddress, SUI_TYPE } from './names.ts'
import { decodeOwnedObject, type OwnedObject } from './owned-object.ts'
import type { SuiChain, SuiReceipt } from './port.ts'
import { readTransactionData } from './transaction-data.ts'
import { transactionDigest } from './transaction-digest.ts'

/** How many objects are asked for at once. */
const OBJECTS_AT_ONCE = 50

type Result = SuiClientTypes.TransactionResult<{ effects: true }>

/**
 * The {@link SuiChain} behind a client of `@mysten/sui`: gRPC, GraphQL, or a localnet.
 *
 * @param options.pollMs - How long `watch` waits before it asks again. Default 1,000.
 * @param options.timeoutMs - How long one answer of the full node may take. Default 30,000.
 */
export function createSuiChain(options: {
  readonly client: ClientWithCoreApi
  readonly clock: Clock
  readonly pollMs?: number | undefined
  readonly timeoutMs?: number | undefined
}): SuiChain {
  const { client, clock, pollMs = 1_000, timeoutMs = 30_000 } = options

  /** Asks the full node something, under a deadline; what it says or throws comes back typed. */
  async function ask<T>(operation: string, request: AbortOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    request.signal?.throwIfAborted()
    const late = new AbortController()
    const answered = new AbortController()
    const signal = request.signal === undefined ? late.signal : AbortSignal.any([request.signal, late.signal])
    clock
      .sleep(timeoutMs, { signal: answered.signal })
      .then(() => late.abort(new LocketError('chain/unreachable', { operation, details: { timeoutMs } })))
      .catch(() => undefined)
    try {
      return await abortable(work(signal), { signal })
    } catch (error) {
      throw chainError(error, operation, request)
    } finally {
      answered.abort()
    }
  }

  /** What the chain knows of a digest; `undefined` if it does not know it or does not answer. */
  async function lookUp(operation: string, digest: string, request: AbortOptions): Promise<Result | undefined> {
    try {
      return await ask(operation, request, (signal) => client.core.getTransaction({ digest, include: { effects: true }, signal }))
    } catch (error) {
      if (isLocketError(error)) return undefined
      throw error
    }
  }

  return Object.freeze<SuiChain>({
    balance: (request) =>
      ask('chain.sui.balance', request, async (signal) => {
        const coinType = canonicalCoinType(request.coinType ?? SUI_TYPE)
        const owner = canonicalSuiAddress(request.account)
        const { balance } = await client.core.getBalance({ owner, coinType, signal })
        return BigInt(balance.balance)
      }),

    build: (request) => ask('chain.sui.build', request, (signal) => buildPayments(client, { ...request, signal })),

    async owned(request) {
      const data = readTransactionData(request.bytes)
      const refs = [...data.inputs.flatMap((input) => (input.kind === 'object' ? [input.ref] : [])), ...data.gasPayment]
      const digests = new Set(refs.map(({ digest }) => digest))
      const ids = [...new Set(refs.map(({ objectId }) => objectId))]
      const found: OwnedObject[] = []
      for (let at = 0; at < ids.length; at += OBJECTS_AT_ONCE) {
        const objectIds = ids.slice(at, at + OBJECTS_AT_ONCE)
        const { objects } = await ask('chain.sui.owned', request, (signal) =>
          client.core.getObjects({ objectIds, include: { objectBcs: true }, signal }),
        )
        found.push(...objects.flatMap((object) => (object instanceof Error ? [] : decodeIfWell(object.objectBcs))))
      }
      return found.filter(({ digest }) => digests.has(digest))
    },

    dryRun: (request) =>
      ask('chain.sui.dryRun', request, async (signal) => {
        const { intent } = request
        const include = { balanceChanges: true } as const
        const result = await client.core.simulateTransaction({ transaction: copyBytes(intent.bytes), include, signal })
        if (result.FailedTransaction !== undefined) throw failure('chain.sui.dryRun', result.FailedTransaction, false)
        const changes = result.Transaction.balanceChanges
          .filter(({ address }) => canonicalSuiAddress(address) === intent.account)
          .map(({ coinType, amount }) => ({ coinType: canonicalCoinType(coinType), amount: BigInt(amount) }))
        checkLosses(intent, changes)
        return changes
      }),

    async submit(request) {
      const operation = 'chain.sui.submit'
      const bytes = copyBytes(request.bytes)
      const signatures = [...request.signatures]
      const digest = transactionDigest(bytes)
      const before = await lookUp(operation, digest, request)
      if (before !== undefined) return receiptOf(operation, before)
      try {
        return await ask(operation, request, async (signal) =>
          receiptOf(
            operation,
            await client.core.executeTransaction({ transaction: bytes, signatures, include: { effects: true }, signal }),
          ),
        )
      } catch (error) {
        if (!isLocketError(error) || error.details['executed'] === true) throw error
        // The answer may have been lost after it ran.
        const after = await lookUp(operation, digest, request)
        if (after === undefined) throw error
        return receiptOf(operation, after)
      }
    },

    async watch(request) {
      const operation = 'chain.sui.watch'
      for (;;) {
        const result = await lookUp(operation, request.digest, request)
        const receipt = result && receiptOf(operation, result)
        if (receipt?.isFinal === true) return receipt
        await clock.sleep(pollMs, request)
      }
    },
  })
}

/** The full node's word for an object, if it can be read at all. */
function decodeIfWell(objectBcs: Uint8Array | undefined): OwnedObject[] {
  try {
    return objectBcs === undefined ? [] : [decodeOwnedObject(objectBcs)]
  } catch {
    return []
  }
}

function receiptOf(operation: string, result: Result): SuiReceipt {
  if (result.FailedTransaction !== undefined) throw failure(operation, result.FailedTransaction, true)
  const { digest, checkpoint, effects } = result.Transaction
  const { computationCost, storageCost, storageRebate } = effects.gasUsed
  return { digest, gasMist: BigInt(computationCost) + BigInt(storageCost) - BigInt(storageRebate), isFinal: checkpoint !== null }
}

/** A transaction that ran and failed, or would. Only its gas is gone. */
function failure(operation: string, failed: SuiClientTypes.Transaction, executed: boolean): LocketError {
  const reason = (failed.status.error?.message ?? 'the transaction failed').slice(0, 300)
  return new LocketError('chain/rejected', { operation, details: { reason, digest: failed.digest, executed } })
}
