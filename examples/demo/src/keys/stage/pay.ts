import { Transaction } from '@mysten/sui/transactions'
import { byId, el } from '../../dom.ts'
import { coins, shortId } from '../../format.ts'
import { isDeviceName, listOf, type DeviceName } from '../names.ts'
import { startStep } from './step.ts'
import type { KeysWorld } from './world.ts'

const WAGE_MIST = 250_000_000n

/** Who signs, and paying the gardener. */
export function startPaying(world: KeysWorld): void {
  startChoice(world)
  startStep(world, {
    button: 'pay',
    result: 'pay-result',
    isReady: () => areSignersOpen(world),
    async run() {
      const { client } = world.network
      const signer = await world.signer()
      const gardener = (await world.network.createWallet({})).toSuiAddress()
      const transaction = new Transaction()
      transaction.transferObjects([transaction.splitCoins(transaction.gas, [WAGE_MIST])], gardener)
      const result = await signer.signAndExecuteTransaction({ transaction, client })
      await world.keepNetwork()
      const digest = result.Transaction?.digest ?? result.FailedTransaction?.digest ?? ''
      const { balance } = await client.getBalance({ owner: gardener })
      return [
        el(
          'p',
          {},
          el('strong', {}, result.$kind === 'Transaction' ? 'Executed.' : 'Refused by the chain.'),
          ` Signed by ${listOf(world.signers)}.`,
        ),
        el(
          'dl',
          { class: 'rows' },
          row('Digest', digest),
          row(`The gardener, ${shortId(gardener)}, has`, coins(BigInt(balance.balance), 'SUI')),
        ),
      ]
    },
  })
}

/** Whether the two that are to sign are there. */
export const areSignersOpen = (world: KeysWorld): boolean =>
  world.key !== undefined && world.signers.length === 2 && world.signers.every((name) => world.desk.roster.get(name)?.state === 'open')

const row = (term: string, value: string) => el('div', {}, el('dt', {}, term), el('dd', {}, value))

/** One radio button for each two of the key's devices. */
function startChoice(world: KeysWorld): void {
  let drawn = ''
  world.desk.onChange(() => {
    const names = (world.key?.members ?? []).map(({ name }) => name).filter(isDeviceName)
    if (names.join() === drawn) return
    drawn = names.join()
    const pairs = names.flatMap((one, at) => names.slice(at + 1).map((other): readonly DeviceName[] => [one, other]))
    world.signers = pairs[0] ?? []
    byId('signers').hidden = pairs.length === 0
    byId('signers-modes').replaceChildren(
      ...pairs.map((pair, at) => {
        const input = el('input', { type: 'radio', name: 'signers', checked: at === 0 })
        input.addEventListener('change', () => {
          world.signers = pair
        })
        return el('label', {}, input, el('span', {}, listOf(pair)))
      }),
    )
  })
}
