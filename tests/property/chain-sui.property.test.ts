import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSuiChain, decodeSuiTransaction, suiAssetId } from '../../src/chain/sui/index.ts'
import { SUI_TYPE } from '../../src/chain/sui/names.ts'
import { createFakeClock } from '../../src/testkit/fake-clock.ts'
import { toyWorld } from '../helpers/localnet/toy-world.ts'
import { BOB, CAROL, USD_TYPE } from '../helpers/sui-transactions.ts'

const COINS = [SUI_TYPE, USD_TYPE]

it('whatever is paid to whom, the transfers decoded are those asked for', async () => {
  const { client, ledger, alice } = toyWorld()
  const account = alice.toSuiAddress()
  for (let i = 0; i < 12; i++) ledger.mint(account, USD_TYPE, 1_000n)
  const chain = createSuiChain({ client, clock: createFakeClock() })
  const payment = fc.record({
    to: fc.constantFrom(BOB, CAROL, account),
    amount: fc.bigInt({ min: 1n, max: 1_500n }),
    coinType: fc.constantFrom(...COINS),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(payment, { minLength: 1, maxLength: 8 }), async (payments) => {
      const bytes = await chain.build({ account, payments })
      const { effects } = decodeSuiTransaction({ bytes, account, chain: 'sui:localnet', owned: await chain.owned({ bytes }) })
      const asked = payments
        .filter(({ to }) => to !== account)
        .map(({ to, amount, coinType }) => ({ kind: 'transfer', asset: suiAssetId('sui:localnet', coinType), amount, to }))
      expect(effects.filter(({ kind }) => kind !== 'fee')).toEqual(asked)
    }),
    { numRuns: 40 },
  )
})
