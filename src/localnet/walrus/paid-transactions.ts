import type { LedgerView } from '../ledger/local-ledger.ts'
import type { LedgerObject } from '../ledger/types.ts'
import { Coin } from './move-types.ts'
import type { FindTransaction } from './tip.ts'

const COIN_TYPE = /^0x0*2::coin::Coin<(.+)>$/

/** Looks transactions up in a ledger and adds up what each address gained or lost by them. */
export function findTransactionsIn(ledger: { view(): LedgerView }): FindTransaction {
  return (digest) => {
    const record = ledger.view().transaction(digest)
    if (record === undefined || !record.succeeded) return undefined
    const totals = new Map<string, { readonly address: string; readonly coinType: string; amount: bigint }>()
    const count = (object: LedgerObject | undefined, sign: bigint): void => {
      const coinType = object === undefined ? undefined : COIN_TYPE.exec(object.type)?.[1]
      if (object === undefined || coinType === undefined || object.owner.kind !== 'address') return
      const { address } = object.owner
      const key = `${address} ${coinType}`
      const total = totals.get(key) ?? { address, coinType, amount: 0n }
      total.amount += sign * BigInt(Coin.parse(object.contents).balance)
      totals.set(key, total)
    }
    for (const { before, after } of record.changes) {
      count(before, -1n)
      count(after, 1n)
    }
    const balanceChanges = [...totals.values()].filter(({ amount }) => amount !== 0n)
    return { transactionBytes: record.bytes, timestampMs: record.timestampMs, balanceChanges }
  }
}
