import { Transaction, type TransactionObjectArgument } from '@mysten/sui/transactions'
import { SUI_TYPE } from '../../src/chain/sui/names.ts'
import { USD_TYPE } from './sui-transactions.ts'
import { THIEF } from './sui-thief.ts'

type Held = { readonly value: TransactionObjectArgument; readonly coinType: string; readonly isGas: boolean }
type Choose = (n: number) => number

/**
 * A transaction of up to a dozen random commands that mostly runs: coins split, merged, given away, put into
 * vectors and given to code that takes, keeps, changes or returns them. What is left over is given to somebody.
 */
export function randomSuiTransaction(world: {
  readonly choose: Choose
  readonly people: readonly string[]
  /** Coins of the sender that are not for gas. */
  readonly coins: readonly { readonly objectId: string; readonly version: string; readonly digest: string; readonly coinType: string }[]
}): Transaction {
  const { choose, people } = world
  const tx = new Transaction()
  const held: Held[] = [{ value: tx.gas, coinType: SUI_TYPE, isGas: true }]
  for (const { coinType, ...ref } of world.coins) held.push({ value: tx.objectRef(ref), coinType, isGas: false })
  /** Of the results, so that none is left without an owner. */
  const made = new Set<Held>()

  const any = <T>(items: readonly T[]): T => items[choose(items.length)] as T
  const person = () => tx.pure.address(any(people))
  const amount = (most: number) => (choose(12) === 0 ? call('amount') : tx.pure.u64(choose(most)))
  const hold = (value: TransactionObjectArgument, coinType: string) => {
    const one = { value, coinType, isGas: false }
    held.push(one)
    made.add(one)
  }
  /** Removes something that is no gas coin, if there is anything. */
  const take = (coinType?: string): Held | undefined => {
    const found = held.filter((one) => !one.isGas && (coinType === undefined || one.coinType === coinType))
    if (found.length === 0) return undefined
    const one = any(found)
    held.splice(held.indexOf(one), 1)
    made.delete(one)
    return one
  }
  function call(name: string, coinType?: string, argument?: TransactionObjectArgument) {
    return tx.moveCall({
      target: `${THIEF}::thief::${name}`,
      typeArguments: coinType === undefined ? [] : [coinType],
      arguments: argument === undefined ? [] : [argument],
    })
  }

  const moves: readonly (() => void)[] = [
    () => {
      // Of a part of a part not much may be left.
      const wholes = held.filter((one) => !made.has(one))
      const from = any(choose(8) === 0 ? held : wholes)
      const amounts = Array.from({ length: 1 + choose(3) }, () => amount(made.has(from) ? 20 : 600))
      const parts = tx.splitCoins(from.value, amounts)
      for (let i = 0; i < amounts.length; i++) hold(parts[i] as TransactionObjectArgument, from.coinType)
    },
    () => {
      const from = take()
      if (from === undefined) return
      const into = held.filter(({ coinType }) => coinType === from.coinType)
      if (into.length === 0) tx.transferObjects([from.value], person())
      else tx.mergeCoins(any(into).value, [from.value])
    },
    () => {
      const gone = [take(), take()].flatMap((one) => (one === undefined ? [] : [one.value]))
      if (gone.length > 0) tx.transferObjects(gone, person())
    },
    () => {
      const one = take()
      if (one === undefined) return
      tx.moveCall({
        target: '0x2::transfer::public_transfer',
        typeArguments: [`0x2::coin::Coin<${one.coinType}>`],
        arguments: [one.value, person()],
      })
    },
    () => {
      const one = any(held)
      call(any(['drain', 'look', 'add_to']), one.coinType, one.value)
    },
    () => {
      const one = take()
      if (one === undefined) return
      const name = any(['keep', 'keep_half', 'give_back'])
      const back = call(name, one.coinType, one.value)
      if (name !== 'keep') hold(back, one.coinType)
    },
    () => {
      const coinType = any([SUI_TYPE, USD_TYPE])
      const elements = [take(coinType), take(coinType)].flatMap((one) => (one === undefined ? [] : [one.value]))
      if (elements.length > 0) call('keep_all', coinType, tx.makeMoveVec({ elements }))
    },
    () => {
      const coinType = any([SUI_TYPE, USD_TYPE])
      hold(call('gift', coinType), coinType)
    },
    () => {
      const into = any(held)
      const from = choose(2) === 0 ? take(into.coinType) : undefined
      if (from === undefined || from === into) return
      tx.moveCall({ target: '0x2::coin::join', typeArguments: [into.coinType], arguments: [into.value, from.value] })
    },
  ]
  for (let left = 1 + choose(12); left > 0; left--) {
    // The first three leave no doubt, so that not every transaction is denied.
    ;(moves[choose(3) === 0 ? choose(moves.length) : choose(4)] as () => void)()
  }
  if (choose(20) === 0) tx.transferObjects([tx.gas], person())
  if (made.size > 0)
    tx.transferObjects(
      [...made].map(({ value }) => value),
      person(),
    )
  return tx
}
