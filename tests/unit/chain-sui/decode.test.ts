import { describe, expect, it } from 'vitest'
import { Inputs } from '@mysten/sui/transactions'
import { toBase58 } from '@mysten/bcs'
import { decodeSuiTransaction } from '../../../src/chain/sui/decode-sui-transaction.ts'
import { concatBytes } from '../../../src/core/bytes.ts'
import { codeOf } from '../../helpers/code-of.ts'
import {
  addressOf,
  ALICE,
  BOB,
  built,
  CAROL,
  effectsOf,
  FEE,
  GAS,
  intentOf,
  owned,
  ownedCoin,
  ownedThing,
  reasonsOf,
  SPONSOR,
  SUI_ASSET,
  USD_ASSET,
  USD_TYPE,
} from '../../helpers/sui-transactions.ts'
import { SUI_TYPE } from '../../../src/chain/sui/names.ts'

const APP = addressOf(0xab)
const app = `${APP}::shop::buy`
const pays = (amount: bigint, to: string, asset = SUI_ASSET) => ({ kind: 'transfer', asset, amount, to })

describe('payments', () => {
  it('reads a payment of SUI split from the gas coin, and the fee', async () => {
    const intent = await intentOf((tx) => tx.transferObjects([tx.splitCoins(tx.gas, [5])], '0xb0b'))
    expect(intent.effects).toEqual([pays(5n, BOB), FEE])
    expect(intent.account).toBe(ALICE)
    expect(intent.chain).toBe('sui:localnet')
  })

  it('reads two splits of one coin for two beneficiaries', async () => {
    const effects = await effectsOf((tx) => {
      const [a, b] = tx.splitCoins(tx.gas, [5, 7])
      tx.transferObjects([a], BOB)
      tx.transferObjects([b], CAROL)
    })
    expect(effects).toEqual([pays(5n, BOB), pays(7n, CAROL)])
  })

  it('reads another coin by what the signer knows of it', async () => {
    const facts = [ownedCoin(1, '0xcafe::usd::USD', 90n)]
    const effects = await effectsOf((tx) => {
      tx.transferObjects([tx.splitCoins(owned(tx, 1), [40])], BOB)
      tx.transferObjects([owned(tx, 1)], CAROL)
    }, facts)
    expect(effects).toEqual([pays(40n, BOB, USD_ASSET), pays(50n, CAROL, USD_ASSET)])
  })

  it('adds up merged coins without a limit', async () => {
    const most = 2n ** 64n - 1n
    const facts = [ownedCoin(1, USD_TYPE, most), ownedCoin(2, USD_TYPE, most)]
    const effects = await effectsOf((tx) => {
      tx.mergeCoins(owned(tx, 1), [owned(tx, 2)])
      tx.transferObjects([owned(tx, 1)], BOB)
    }, facts)
    expect(effects).toEqual([pays(2n * most, BOB, USD_ASSET)])
  })

  it('counts a transfer by the framework like a command', async () => {
    const effects = await effectsOf((tx) => {
      const coin = tx.splitCoins(tx.gas, [5])
      tx.moveCall({
        target: '0x2::transfer::public_transfer',
        typeArguments: [`0x2::coin::Coin<${SUI_TYPE}>`],
        arguments: [coin, tx.pure.address(BOB)],
      })
    })
    expect(effects).toEqual([pays(5n, BOB)])
  })

  it('gives away a coin of which nothing is known, or another object, as that object', async () => {
    const effects = await effectsOf((tx) => tx.transferObjects([owned(tx, 1), owned(tx, 2)], BOB), [ownedThing(2)])
    expect(effects).toEqual([
      { kind: 'give', object: addressOf(1), to: BOB },
      { kind: 'give', object: addressOf(2), to: BOB },
    ])
  })

  it('uses no knowledge of another version of an object', async () => {
    const old = { ...ownedCoin(1, USD_TYPE, 1n), version: 6n }
    const other = { ...ownedCoin(1, USD_TYPE, 1n), digest: toBase58(new Uint8Array(32)) }
    expect(await effectsOf((tx) => tx.transferObjects([owned(tx, 1)], BOB), [old, other])).toEqual([
      { kind: 'give', object: addressOf(1), to: BOB },
    ])
  })

  it('sees nothing leave when the account pays itself, all of its gas coin included', async () => {
    const effects = await effectsOf((tx) => {
      tx.transferObjects([tx.splitCoins(tx.gas, [5]), owned(tx, 1)], ALICE)
      tx.transferObjects([tx.gas], ALICE)
    })
    expect(effects).toEqual([])
  })

  it('gives away the gas coin only where its balance is known', async () => {
    const all = (tx: Parameters<Parameters<typeof effectsOf>[0]>[0]) => {
      tx.transferObjects([tx.splitCoins(tx.gas, [5])], BOB)
      tx.transferObjects([tx.gas], CAROL)
    }
    expect(await effectsOf(all, [ownedCoin(GAS, SUI_TYPE, 100n)])).toEqual([pays(5n, BOB), pays(95n, CAROL)])
    expect(await reasonsOf(all)).toEqual(['command 2: it gives away the gas coin, whose balance is not known'])
  })

  it('follows a coin of the account merged into one of which nothing is known', async () => {
    const effects = await effectsOf((tx) => {
      tx.mergeCoins(owned(tx, 1), [tx.splitCoins(tx.gas, [5])])
      tx.transferObjects([owned(tx, 1)], BOB)
    })
    expect(effects).toEqual([{ kind: 'give', object: addressOf(1), to: BOB }, pays(5n, BOB)])
  })

  it('decodes another beneficiary after a swap', async () => {
    const pay = (to: string) => effectsOf((tx) => tx.transferObjects([tx.splitCoins(tx.gas, [5])], to))
    expect(await pay(BOB)).toEqual([pays(5n, BOB)])
    expect(await pay(CAROL)).toEqual([pays(5n, CAROL)])
  })
})

describe('gas', () => {
  it('has no fee where another account pays, and vouches for no use of its coin', async () => {
    const sponsored = await intentOf(
      (tx) => {
        tx.setGasOwner(SPONSOR)
        tx.transferObjects([tx.splitCoins(owned(tx, 1), [5])], BOB)
      },
      [ownedCoin(1, SUI_TYPE, 9n)],
    )
    expect(sponsored.effects).toEqual([pays(5n, BOB)])
    const reasons = await reasonsOf((tx) => {
      tx.setGasOwner(SPONSOR)
      tx.transferObjects([tx.splitCoins(tx.gas, [5])], BOB)
    })
    expect(reasons).toEqual([
      'command 0: it spends the coin of who pays for gas',
      'command 1: it gives away what the transaction does not show',
    ])
  })
})

describe('code', () => {
  it('names what is called, its types and its arguments', async () => {
    const effects = await effectsOf((tx) => {
      const [coin] = tx.splitCoins(tx.gas, [5])
      const shared = tx.object(Inputs.SharedObjectRef({ objectId: '0x6', initialSharedVersion: 1, mutable: false }))
      tx.moveCall({
        target: '0xab::shop::buy',
        typeArguments: ['0x2::sui::SUI', 'vector<u8>'],
        arguments: [shared, coin as never, tx.pure.u64(258)],
      })
    })
    expect(effects).toEqual([
      {
        kind: 'call',
        target: app,
        method: 'buy',
        arguments: [
          { name: 'T0', value: SUI_TYPE },
          { name: 'T1', value: 'vector<u8>' },
          { name: '0', value: `shared:${addressOf(6)}` },
          { name: '1', value: 'result:0.0' },
          { name: '2', value: '0x0201000000000000' },
        ],
      },
      { kind: 'allow', asset: SUI_ASSET, amount: 5n, spender: APP },
    ])
  })

  it('counts the whole of what code is given', async () => {
    const call = (n: number) => (tx: Parameters<Parameters<typeof effectsOf>[0]>[0]) =>
      void tx.moveCall({ target: app, arguments: [n === GAS ? tx.gas : owned(tx, n)] })
    const taken = async (n: number, facts: Parameters<typeof effectsOf>[1]) => (await effectsOf(call(n), facts)).slice(1)
    expect(await taken(1, [ownedCoin(1, USD_TYPE, 9n)])).toEqual([{ kind: 'allow', asset: USD_ASSET, amount: 9n, spender: APP }])
    expect(await taken(GAS, [ownedCoin(GAS, SUI_TYPE, 9n)])).toEqual([{ kind: 'allow', asset: SUI_ASSET, amount: 9n, spender: APP }])
    expect(await taken(GAS, [])).toEqual([{ kind: 'allow', asset: SUI_ASSET, amount: undefined, spender: APP }])
    expect(await taken(1, [ownedThing(1)])).toEqual([{ kind: 'give', object: addressOf(1), to: APP }])
    expect(await taken(1, [])).toEqual([{ kind: 'unknown', reason: 'command 0: code is given an object of which nothing is known' }])
  })

  it('sees what is in vectors, and in vectors of vectors', async () => {
    const effects = await effectsOf(
      (tx) => {
        const inner = tx.makeMoveVec({ elements: [owned(tx, 1), tx.splitCoins(tx.gas, [5])] })
        tx.moveCall({ target: app, arguments: [tx.makeMoveVec({ elements: [inner], type: `vector<0x2::coin::Coin<${SUI_TYPE}>>` })] })
      },
      [ownedCoin(1, SUI_TYPE, 9n)],
    )
    expect(effects.slice(1)).toEqual([
      { kind: 'allow', asset: SUI_ASSET, amount: 9n, spender: APP },
      { kind: 'allow', asset: SUI_ASSET, amount: 5n, spender: APP },
    ])
  })

  it('knows a part split exactly from a coin that code has had', async () => {
    const effects = await effectsOf((tx) => {
      tx.moveCall({ target: app, arguments: [tx.gas] })
      tx.transferObjects([tx.splitCoins(tx.gas, [5])], BOB)
    })
    expect(effects.at(-1)).toEqual(pays(5n, BOB))
  })

  it('lets code keep to plain values, vectors of them used twice included', async () => {
    const effects = await effectsOf((tx) => {
      const list = tx.makeMoveVec({ elements: [tx.pure.u64(1), tx.pure.u64(2)], type: 'u64' })
      tx.moveCall({ target: app, arguments: [list, list] })
    })
    expect(effects).toMatchObject([{ kind: 'call', target: app, arguments: [{ value: 'result:0.0' }, { value: 'result:0.0' }] }])
  })
})

describe('what cannot be vouched for', () => {
  type Fill = Parameters<typeof reasonsOf>[0]
  const cases: readonly (readonly [string, string, Fill])[] = [
    [
      'an amount that code returned',
      'command 1: an amount does not stand in the transaction',
      (tx) => tx.transferObjects([tx.splitCoins(tx.gas, [tx.moveCall({ target: app })])], ALICE),
    ],
    [
      'a beneficiary that code returned',
      'command 2: the beneficiary does not stand in the transaction',
      (tx) => tx.transferObjects([tx.splitCoins(tx.gas, [5])], tx.moveCall({ target: app })),
    ],
    [
      'what code returned, given away',
      'command 1: it gives away what the transaction does not show',
      (tx) => tx.transferObjects([tx.moveCall({ target: app })], BOB),
    ],
    [
      'a part of what code returned, given away',
      'command 2: it gives away what the transaction does not show',
      (tx) => tx.transferObjects([tx.splitCoins(tx.moveCall({ target: app }), [1])], BOB),
    ],
    [
      'a coin that code has had, given away',
      'command 2: it gives away a coin that code may have changed',
      (tx) => {
        const coin = tx.splitCoins(tx.gas, [5])
        tx.moveCall({ target: app, arguments: [coin] })
        tx.transferObjects([coin], BOB)
      },
    ],
    [
      'a coin into which what code returned was merged',
      'command 3: it gives away a coin that code may have changed',
      (tx) => {
        const coin = tx.splitCoins(tx.gas, [5])
        tx.mergeCoins(coin, [tx.moveCall({ target: app })])
        tx.transferObjects([coin], BOB)
      },
    ],
    [
      "the account's coin merged into one that code made",
      "command 2: it merges the account's coin into one that code made",
      (tx) => {
        const coin = tx.splitCoins(tx.gas, [5])
        tx.mergeCoins(tx.moveCall({ target: app }), [coin])
      },
    ],
    [
      'a part of a coin of which nothing is known',
      'command 1: it gives away a coin of a type that is not known',
      (tx) => tx.transferObjects([tx.splitCoins(owned(tx, 1), [5])], BOB),
    ],
    ['an object given twice', 'command 0: it uses a value twice', (tx) => tx.transferObjects([owned(tx, 1), owned(tx, 1)], BOB)],
    [
      'a coin merged and then given',
      'command 2: it uses a value twice',
      (tx) => {
        const coin = tx.splitCoins(tx.gas, [5])
        tx.mergeCoins(tx.gas, [coin])
        tx.transferObjects([coin], BOB)
      },
    ],
    [
      'a vector given to code twice',
      'command 2: it uses a value twice',
      (tx) => {
        const list = tx.makeMoveVec({ elements: [tx.splitCoins(tx.gas, [5])] })
        tx.moveCall({ target: app, arguments: [list, list] })
      },
    ],
    [
      'a coin given to the framework, which sends to anybody',
      'command 1: it gives something to the framework, which passes it on to anybody',
      (tx) => void tx.moveCall({ target: '0x2::pay::keep', typeArguments: [SUI_TYPE], arguments: [tx.splitCoins(tx.gas, [5])] }),
    ],
    [
      'what code returned, given to the framework',
      'command 1: it gives something to the framework, which passes it on to anybody',
      (tx) =>
        void tx.moveCall({
          target: '0x2::transfer::public_share_object',
          typeArguments: ['0xab::a::A'],
          arguments: [tx.moveCall({ target: app })],
        }),
    ],
    [
      'what code returned, sent by the framework',
      'command 1: it gives away what the transaction does not show',
      (tx) =>
        void tx.moveCall({
          target: '0x2::transfer::public_transfer',
          typeArguments: ['0xab::a::A'],
          arguments: [tx.moveCall({ target: app }), tx.pure.address(BOB)],
        }),
    ],
    ['a package published', 'command 0: it publishes a package', (tx) => void tx.publish({ modules: [[1, 2]], dependencies: ['0x1'] })],
    [
      'a package upgraded',
      `command 0: it upgrades the package ${APP}`,
      (tx) => void tx.upgrade({ modules: [[1]], dependencies: ['0x1'], package: APP, ticket: owned(tx, 1) }),
    ],
    [
      'an object received',
      'command 0: an object is received whose value is not known',
      (tx) => {
        const received = Inputs.ReceivingRef({ objectId: addressOf(3), version: '7', digest: toBase58(new Uint8Array(32)) })
        tx.moveCall({ target: app, arguments: [tx.object(received)] })
      },
    ],
    [
      'a shared object given away',
      'command 0: it gives away what the transaction does not show',
      (tx) => tx.transferObjects([tx.object(Inputs.SharedObjectRef({ objectId: '0x6', initialSharedVersion: 1, mutable: true }))], BOB),
    ],
    [
      'a value that is not there',
      'command 0: it uses a value that is not there',
      (tx) => tx.transferObjects([{ $kind: 'NestedResult', NestedResult: [0, 0] }], BOB),
    ],
    [
      'one result of several meant by the name of all',
      'command 1: it uses a value that is not there',
      (tx) => {
        tx.splitCoins(tx.gas, [5, 7])
        tx.transferObjects([{ $kind: 'Result', Result: 0 }], BOB)
      },
    ],
    [
      'an amount of the wrong width',
      'command 0: an amount does not stand in the transaction',
      (tx) => void tx.splitCoins(tx.gas, [tx.pure.u32(5)]),
    ],
    ['the gas coin in a vector', 'command 0: it puts the gas coin into a vector', (tx) => void tx.makeMoveVec({ elements: [tx.gas] })],
  ]

  it.each(cases)('%s', async (_name, reason, fill) => {
    expect(await reasonsOf(fill)).toContain(reason)
  })

  it('coins of two types merged, a thing merged or split, and more than there is', async () => {
    const facts = [ownedCoin(1, USD_TYPE, 9n), ownedCoin(2, SUI_TYPE, 9n), ownedThing(3)]
    expect(await reasonsOf((tx) => tx.mergeCoins(owned(tx, 1), [owned(tx, 2)]), facts)).toEqual(['command 0: it merges coins of two types'])
    expect(await reasonsOf((tx) => tx.mergeCoins(owned(tx, 1), [owned(tx, 3)]), facts)).toEqual(['command 0: it merges what is no coin'])
    expect(await reasonsOf((tx) => void tx.splitCoins(owned(tx, 3), [1]), facts)).toEqual(['command 0: it splits what is no coin'])
    expect(await reasonsOf((tx) => void tx.splitCoins(owned(tx, 1), [10]), facts)).toEqual([
      'command 0: it splits more from a coin than there is',
    ])
  })

  it('more arguments than anybody could be shown', async () => {
    const reasons = await reasonsOf((tx) => {
      const long = tx.pure(new Uint8Array(16_000))
      for (let i = 0; i < 100; i++) tx.moveCall({ target: app, arguments: [long] })
    })
    expect(reasons.at(-1)).toBe('command 99: its arguments are too long to be shown')
  })
})

describe('bytes that are refused', () => {
  const decode = async (bytes: Uint8Array, options: { account?: string; chain?: string } = {}) =>
    decodeSuiTransaction({ bytes, account: ALICE, chain: 'sui:localnet', ...options })
  const payment = () => built((tx) => tx.transferObjects([tx.splitCoins(tx.gas, [5])], BOB))

  it('of another form, kind, version or length', async () => {
    const good = await payment()
    expect(await codeOf(decode(concatBytes(good, Uint8Array.of(0))))).toBe('codec/trailing-bytes')
    expect(await codeOf(decode(good.subarray(0, -1)))).toBe('codec/truncated')
    expect(await codeOf(decode(concatBytes(Uint8Array.of(1), good.subarray(1))))).toBe('codec/unknown-version')
    expect(await codeOf(decode(concatBytes(Uint8Array.of(0, 2), good.subarray(2))))).toBe('codec/invalid')
    expect(await codeOf(decode(new Uint8Array(128 * 1024 + 1)))).toBe('codec/too-large')
    // With the intent prefix in front: the version of the intent is read as something else.
    expect(await codeOf(decode(concatBytes(Uint8Array.of(0, 0, 0), good)))).toMatch(/^codec\//)
  })

  it('with more commands than a transaction may have', async () => {
    const bytes = await built((tx) => {
      for (let i = 0; i < 1025; i++) tx.splitCoins(tx.gas, [])
    })
    expect(await codeOf(decode(bytes))).toBe('codec/invalid')
  })

  it('with a name that is no identifier', async () => {
    const bytes = await built((tx) => void tx.moveCall({ target: app }))
    const at = new TextDecoder('latin1').decode(bytes).indexOf('shop')
    bytes.set([0xe2, 0x80, 0xae], at)
    expect(await codeOf(decode(bytes))).toBe('codec/invalid')
  })

  it('sent by another account, or asked for with no address or chain', async () => {
    expect(await codeOf(decode(await payment(), { account: BOB }))).toBe('chain/wrong-account')
    expect(await codeOf(decode(await payment(), { account: '0xzz' }))).toBe('usage/invalid-argument')
    expect(await codeOf(decode(await payment(), { chain: 'eip155:1' }))).toBe('usage/invalid-argument')
    expect((await decode(await payment(), { account: '0xA11CE' })).account).toBe(ALICE)
  })

  it('keeps the bytes it decoded, whatever becomes of those it was given', async () => {
    const bytes = await payment()
    const before = bytes.slice()
    const intent = await decode(bytes)
    bytes.fill(0)
    expect(intent.bytes).toEqual(before)
  })
})
