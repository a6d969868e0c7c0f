import type { ClientWithCoreApi } from '@mysten/sui/client'
import type { Transaction, TransactionObjectArgument } from '@mysten/sui/transactions'
import { copyBytes, type Bytes } from '../../core/bytes.ts'
import { LocketError } from '../../core/errors.ts'
import { loadPeer } from '../../core/load-peer.ts'
import { canonicalCoinType, canonicalSuiAddress, SUI_TYPE } from './names.ts'
import type { SuiPayment } from './port.ts'

const OPERATION = 'chain.sui.build'

type Request = {
  readonly account: string
  readonly payments: readonly SuiPayment[]
  readonly sponsor?: string | undefined
  readonly signal: AbortSignal
}

/** Bytes of a transaction that makes the payments: SUI from the gas coin, other coins from as many objects as it takes. */
export async function buildPayments(client: ClientWithCoreApi, request: Request): Promise<Bytes> {
  const account = canonicalSuiAddress(request.account)
  const payments = request.payments.map(checkPayment)
  if (payments.length === 0) throw invalid('payments', 'there is nothing to pay')
  const { Transaction } = await loadPeer(OPERATION, '@mysten/sui', () => import('@mysten/sui/transactions'))
  const tx = new Transaction()
  tx.setSender(account)
  if (request.sponsor !== undefined) tx.setGasOwner(canonicalSuiAddress(request.sponsor))
  const sources = new Map<string, TransactionObjectArgument>()
  for (const { to, amount, coinType } of payments) {
    let source = sources.get(coinType)
    if (source === undefined) {
      const need = payments.reduce((sum, payment) => (payment.coinType === coinType ? sum + payment.amount : sum), 0n)
      const want = { account, coinType, need, signal: request.signal }
      const isGas = coinType === SUI_TYPE && request.sponsor === undefined
      source = isGas ? await gasFor(client, tx, want) : await gatherCoins(client, tx, want)
      sources.set(coinType, source)
    }
    tx.transferObjects([tx.splitCoins(source, [amount])], to)
  }
  return copyBytes(await tx.build({ client }))
}

type Want = { readonly account: string; readonly coinType: string; readonly need: bigint; readonly signal: AbortSignal }

/** The gas coin, for which the builder chooses coins; it does not look whether they are enough. */
async function gasFor(client: ClientWithCoreApi, tx: Transaction, want: Want): Promise<TransactionObjectArgument> {
  const { account: owner, coinType, need, signal } = want
  const have = BigInt((await client.core.getBalance({ owner, coinType, signal })).balance.balance)
  if (have < need) throw insufficient(coinType, have, need)
  return tx.gas
}

/** One coin of at least `need`, merged of the account's. What is left of it stays with the account. */
async function gatherCoins(client: ClientWithCoreApi, tx: Transaction, want: Want): Promise<TransactionObjectArgument> {
  const { account: owner, coinType, need, signal } = want
  const coins: TransactionObjectArgument[] = []
  let have = 0n
  let cursor: string | null = null
  do {
    // Pages may never end, and whoever waits may have gone.
    signal.throwIfAborted()
    const page: Awaited<ReturnType<typeof client.core.listCoins>> = await client.core.listCoins({ owner, coinType, cursor, signal })
    for (const { objectId, version, digest, balance } of page.objects) {
      if (have >= need) break
      coins.push(tx.objectRef({ objectId, version, digest }))
      have += BigInt(balance)
    }
    cursor = page.hasNextPage ? page.cursor : null
  } while (have < need && cursor !== null)
  const [first, ...rest] = coins
  if (first === undefined || have < need) throw insufficient(coinType, have, need)
  if (rest.length > 0) tx.mergeCoins(first, rest)
  return first
}

function checkPayment({ to, amount, coinType = SUI_TYPE }: SuiPayment): { to: string; amount: bigint; coinType: string } {
  if (amount <= 0n || amount >= 2n ** 64n) throw invalid('amount', 'an amount is above 0 and below 2^64')
  return { to: canonicalSuiAddress(to), amount, coinType: canonicalCoinType(coinType) }
}

function insufficient(coinType: string, have: bigint, need: bigint): LocketError {
  const details = { coinType, have: String(have), need: String(need) }
  return new LocketError('chain/insufficient-funds', { operation: OPERATION, details })
}

function invalid(parameter: string, message: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation: OPERATION, message, details: { parameter } })
}
