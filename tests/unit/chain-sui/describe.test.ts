import { Transaction } from '@mysten/sui/transactions'
import { describe, expect, it } from 'vitest'
import { canonicalCoinType, canonicalSuiAddress, describeIntent, suiAssetId } from '../../../src/chain/sui/index.ts'
import { SUI_TYPE } from '../../../src/chain/sui/names.ts'
import { codeOf } from '../../helpers/code-of.ts'
import {
  addressOf,
  ALICE,
  BOB,
  built,
  intentOf,
  owned,
  ownedCoin,
  SPONSOR,
  SUI_ASSET,
  USD_ASSET,
  USD_TYPE,
} from '../../helpers/sui-transactions.ts'

describe('an intent in words', () => {
  it('says what is signed, with whole addresses', async () => {
    const facts = [ownedCoin(1, USD_TYPE, 90n)]
    const fill = (tx: Transaction) => {
      tx.transferObjects([tx.splitCoins(tx.gas, [1_500_000_000]), tx.splitCoins(owned(tx, 1), [40]), owned(tx, 2)], BOB)
      tx.moveCall({ target: '0xab::shop::buy', arguments: [tx.gas, tx.pure.bool(true)] })
      tx.moveCall({ target: '0xab::shop::look' })
      tx.publish({ modules: [[1]], dependencies: [] })
      tx.setExpiration({ Epoch: 9 })
    }
    const digest = await Transaction.from(await built(fill)).getDigest()
    expect(describeIntent(await intentOf(fill, facts))).toEqual([
      `${ALICE} signs transaction ${digest} on sui:localnet`,
      `sends 1.5 SUI (${SUI_ASSET}) to ${BOB}`,
      `sends 40 base units of ${USD_ASSET} to ${BOB}`,
      `gives the object ${addressOf(2)} to ${BOB}`,
      `calls ${addressOf(0xab)}::shop::buy with 0 = gas, 1 = 0x01`,
      `lets ${addressOf(0xab)} take up to any amount of ${SUI_ASSET}`,
      `calls ${addressOf(0xab)}::shop::look with nothing`,
      'CANNOT BE VOUCHED FOR: command 5: it publishes a package',
      `pays at most 0.01 SUI (${SUI_ASSET}) for gas`,
      'does not run after epoch 9',
    ])
  })

  it('says who pays for gas, when it may run, and that nothing is taken', async () => {
    const window = { minEpoch: '3', maxEpoch: null, minTimestamp: '1700000000000', maxTimestamp: String(2n ** 64n - 1n) }
    const sponsored = await intentOf((tx) => {
      tx.setGasOwner(SPONSOR)
      tx.setExpiration({ ValidDuring: { ...window, chain: '11111111111111111111111111111111', nonce: 7 } })
    })
    expect(describeIntent(sponsored).slice(1)).toEqual([
      'takes nothing else from the account',
      `${SPONSOR} pays for gas`,
      'does not run before epoch 3',
      'does not run before 2023-11-14 22:13:20 UTC',
      'does not run after 18446744073709551615 ms after 1970',
    ])
    const plain = await intentOf(() => undefined)
    expect(describeIntent(plain).slice(1)).toEqual([
      `pays at most 0.01 SUI (${SUI_ASSET}) for gas`,
      'takes nothing else from the account',
      'may run at any time from now on',
    ])
  })

  it('lets no character hide, turn text around or look like another', async () => {
    const intent = await intentOf(() => undefined)
    const effects = [{ kind: 'unknown' as const, reason: 'a\u202Eb\u200Bc\u0430\n\\u{61}\u{1F600}' }]
    const [, line] = describeIntent({ ...intent, effects })
    expect(line).toBe('CANNOT BE VOUCHED FOR: a\\u{202e}b\\u{200b}c\\u{430}\\u{a}\\u{5c}u{61}\\u{1f600}')
  })
})

describe('names', () => {
  it('have one spelling', async () => {
    expect(canonicalSuiAddress('0xB0b')).toBe(BOB)
    expect(canonicalCoinType('0x2::sui::SUI')).toBe(SUI_TYPE)
    expect(suiAssetId('sui:localnet', '0x02::sui::SUI')).toBe(SUI_ASSET)
    const nested = '0xA::pool::LP< 0x2::sui::SUI , vector<u8>, 0xb::m::T<0x2::sui::SUI> >'
    const type = (n: number, rest: string) => `${addressOf(n)}::${rest}`
    expect(canonicalCoinType(nested)).toBe(type(10, `pool::LP<${SUI_TYPE},vector<u8>,${type(11, `m::T<${SUI_TYPE}>`)}>`))
  })

  it.each(['', '0x', 'b0b', '0xzz', `0x${'1'.repeat(65)}`, '0x1\n'])('refuse %j as an address', async (address) => {
    expect(await codeOf(Promise.resolve().then(() => canonicalSuiAddress(address)))).toBe('usage/invalid-argument')
  })

  it.each([
    '',
    'SUI',
    '0x2::sui',
    '0x2::sui::SUI>',
    '0x2::sui::SUI<nothing>',
    '0x2::sui::S\u0131I',
    'vector<u8>',
    '0x2::sui::SUI<0x2::a::b',
  ])('refuse %j as a coin type', async (coinType) => {
    expect(await codeOf(Promise.resolve().then(() => canonicalCoinType(coinType)))).toBe('usage/invalid-argument')
  })

  it('refuse another chain', async () => {
    expect(await codeOf(Promise.resolve().then(() => suiAssetId('eip155:1', SUI_TYPE)))).toBe('usage/invalid-argument')
  })
})
