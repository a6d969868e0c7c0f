import { bcs } from '@mysten/sui/bcs'
import { Transaction } from '@mysten/sui/transactions'
import { describe, expect, it } from 'vitest'
import { createSuiChain, decodeOwnedObject, decodeSuiTransaction, suiAssetId } from '../../../src/chain/sui/index.ts'
import { SUI_TYPE } from '../../../src/chain/sui/names.ts'
import { transactionDigest } from '../../../src/chain/sui/transaction-digest.ts'
import { createFakeClock } from '../../../src/testkit/fake-clock.ts'
import { codeOf, errorOf } from '../../helpers/code-of.ts'
import { createdOf, FLAT_GAS, SUI, toyWorld, TOY } from '../../helpers/localnet/toy-world.ts'
import { SUI_ASSET, USD_TYPE } from '../../helpers/sui-transactions.ts'

function openWorld() {
  const world = toyWorld()
  const clock = createFakeClock()
  const chain = createSuiChain({ client: world.client, clock })
  const [alice, bob] = [world.alice.toSuiAddress(), world.bob.toSuiAddress()]
  const decode = async (bytes: Uint8Array) =>
    decodeSuiTransaction({ bytes, account: alice, chain: 'sui:localnet', owned: await chain.owned({ bytes }) })
  const sign = async (bytes: Uint8Array, signer = world.alice) => (await signer.signTransaction(bytes)).signature
  return { ...world, clock, chain, account: alice, to: bob, decode, sign }
}

const payment = async (world: ReturnType<typeof openWorld>) =>
  world.chain.build({ account: world.account, payments: [{ to: world.to, amount: SUI }] })

describe('a payment from its build to its end', () => {
  it('moves what it says, and twice submitted moves it once', async () => {
    const world = openWorld()
    const { chain, account, to, ledger, decode, sign } = world
    ledger.mint(account, USD_TYPE, 60n)
    ledger.mint(account, USD_TYPE, 60n)
    const payments = [
      { to, amount: 2n * SUI },
      { to, amount: 70n, coinType: USD_TYPE },
      { to: account, amount: 5n, coinType: USD_TYPE },
    ]
    const bytes = await chain.build({ account, payments })
    const intent = await decode(bytes)
    expect(intent.effects.filter(({ kind }) => kind !== 'fee')).toEqual([
      { kind: 'transfer', asset: SUI_ASSET, amount: 2n * SUI, to },
      { kind: 'transfer', asset: suiAssetId('sui:localnet', USD_TYPE), amount: 70n, to },
    ])
    const changes = await chain.dryRun({ intent })
    expect(changes.find(({ coinType }) => coinType === USD_TYPE)?.amount).toBe(-70n)
    const signatures = [await sign(bytes)]
    const receipt = await chain.submit({ bytes, signatures })
    expect(receipt).toMatchObject({ gasMist: FLAT_GAS, isFinal: false })
    expect(await chain.submit({ bytes, signatures })).toEqual({ ...receipt, isFinal: true })
    expect(await chain.watch({ digest: receipt.digest })).toEqual({ ...receipt, isFinal: true })
    expect(await chain.balance({ account: to })).toBe(2n * SUI)
    expect(await chain.balance({ account: to, coinType: USD_TYPE })).toBe(70n)
    expect(await chain.balance({ account, coinType: USD_TYPE })).toBe(50n)
  })

  it('costs the account no gas where a sponsor pays', async () => {
    const world = openWorld()
    const { chain, account, to, ledger, bob, alice, decode, sign } = world
    ledger.mint(to, '0x2::sui::SUI', SUI)
    const bytes = await chain.build({ account, payments: [{ to: '0x77', amount: 7n * SUI }], sponsor: to })
    const intent = await decode(bytes)
    expect(intent.effects).toEqual([{ kind: 'transfer', asset: SUI_ASSET, amount: 7n * SUI, to: `0x${'77'.padStart(64, '0')}` }])
    await chain.dryRun({ intent })
    await chain.submit({ bytes, signatures: [await sign(bytes, alice), await sign(bytes, bob)] })
    expect(await chain.balance({ account })).toBe(3n * SUI)
    expect(await chain.balance({ account: to })).toBe(SUI - FLAT_GAS)
  })

  it('is not built with too little, or for nothing', async () => {
    const { chain, account, to } = openWorld()
    const build = (amount: bigint, more: object = {}) => codeOf(chain.build({ account, payments: [{ to, amount, ...more }] }))
    const short = await errorOf(chain.build({ account, payments: [{ to, amount: 9n, coinType: USD_TYPE }] }))
    expect(short.code).toBe('chain/insufficient-funds')
    expect(short.details).toEqual({ coinType: USD_TYPE, have: '0', need: '9' })
    expect(await build(11n * SUI)).toBe('chain/insufficient-funds')
    expect(await build(0n)).toBe('usage/invalid-argument')
    expect(await build(2n ** 64n)).toBe('usage/invalid-argument')
    expect(await build(1n, { coinType: 'SUI' })).toBe('usage/invalid-argument')
    expect(await codeOf(chain.build({ account, payments: [] }))).toBe('usage/invalid-argument')
  })
})

describe('a dry run', () => {
  it('refuses what takes more than was decoded', async () => {
    const world = openWorld()
    const intent = await world.decode(await payment(world))
    const effects = intent.effects.map((effect) => (effect.kind === 'transfer' ? { ...effect, amount: 1n } : effect))
    const error = await errorOf(world.chain.dryRun({ intent: { ...intent, effects } }))
    expect(error.code).toBe('chain/unexpected-effects')
    expect(error.details).toMatchObject({ asset: SUI_ASSET, simulated: String(SUI + FLAT_GAS) })
  })

  it('refuses a coin given away of which nothing was known', async () => {
    const world = openWorld()
    const coin = world.ledger.mint(world.account, USD_TYPE, 5n)
    const tx = new Transaction()
    tx.setSender(world.account)
    tx.transferObjects([tx.object(coin)], world.to)
    const bytes = await tx.build({ client: world.client })
    const blind = decodeSuiTransaction({ bytes, account: world.account, chain: 'sui:localnet' })
    expect(blind.effects).toContainEqual({ kind: 'give', object: coin, to: world.to })
    expect(await codeOf(world.chain.dryRun({ intent: blind }))).toBe('chain/unexpected-effects')
    await world.chain.dryRun({ intent: await world.decode(bytes) })
  })

  it('accepts any loss of what code may take without limit', async () => {
    const world = openWorld()
    const intent = await world.decode(await payment(world))
    const effects = [{ kind: 'allow' as const, asset: SUI_ASSET, amount: undefined, spender: TOY }]
    expect(await world.chain.dryRun({ intent: { ...intent, effects } })).toEqual([{ coinType: SUI_TYPE, amount: -SUI - FLAT_GAS }])
  })

  it('says that a transaction would fail', async () => {
    const world = openWorld()
    const tx = new Transaction()
    tx.setSender(world.account)
    tx.setGasBudget(10_000_000n)
    tx.moveCall({ target: `${TOY}::toy::refuse`, arguments: [tx.pure.u64(7)] })
    const bytes = await tx.build({ client: world.client })
    const error = await errorOf(world.chain.dryRun({ intent: await world.decode(bytes) }))
    expect([error.code, error.details['executed']]).toEqual(['chain/rejected', false])
    const sent = await errorOf(world.chain.submit({ bytes, signatures: [await world.sign(bytes)] }))
    expect([sent.code, sent.details['executed']]).toEqual(['chain/rejected', true])
    expect(await codeOf(world.chain.watch({ digest: String(sent.details['digest']) }))).toBe('chain/rejected')
  })
})

describe('what the full node says of objects', () => {
  it('counts only with the digest the transaction names', async () => {
    const world = openWorld()
    const { client, chain, account, to, ledger } = world
    const id = ledger.mint(account, USD_TYPE, 5n)
    const bytes = await chain.build({ account, payments: [{ to, amount: 2n, coinType: USD_TYPE }] })
    const { object } = await client.core.getObject({ objectId: id, include: { objectBcs: true } })
    const fact = { objectId: id, version: BigInt(object.version), digest: object.digest, coin: { coinType: USD_TYPE, balance: 5n } }
    expect(decodeOwnedObject(object.objectBcs)).toEqual(fact)
    expect(await chain.owned({ bytes })).toContainEqual(fact)
    const lie = object.objectBcs.slice()
    const at = new TextDecoder('latin1').decode(lie).lastIndexOf('\u0005\0\0\0\0\0\0\0')
    lie[at] = 1
    expect(decodeOwnedObject(lie)).toEqual({
      ...fact,
      digest: expect.not.stringMatching(object.digest),
      coin: { coinType: USD_TYPE, balance: 1n },
    })
    const lying = createSuiChain({
      clock: world.clock,
      client: {
        core: { getObjects: async () => ({ objects: [{ ...object, objectBcs: lie }, new Error('gone'), { objectBcs: lie.slice(9) }] }) },
      } as never,
    })
    expect(await lying.owned({ bytes })).toEqual([])
  })

  it('tells coins from other objects, whatever they are spelled as', async () => {
    const world = openWorld()
    const tx = new Transaction()
    tx.transferObjects([tx.moveCall({ target: `${TOY}::toy::create` })], world.account)
    const id = createdOf(await world.run(tx), '::toy::Counter')
    const { object } = await world.client.core.getObject({ objectId: id, include: { objectBcs: true } })
    expect(decodeOwnedObject(object.objectBcs)).toMatchObject({ objectId: id, digest: object.digest, coin: undefined })
    const plain = bcs.Object.parse(object.objectBcs)
    const spelled = (type: typeof bcs.MoveObjectType.$inferInput) =>
      bcs.Object.serialize({ ...plain, data: { Move: { ...(plain.data.Move as NonNullable<typeof plain.data.Move>), type } } }).toBytes()
    const disguised = { address: '0x2', module: 'coin', name: 'Coin', typeParams: [{ u8: true as const }] }
    expect(decodeOwnedObject(spelled({ StakedSui: true })).coin).toBeUndefined()
    const refused = async (bytes: Uint8Array) => codeOf(Promise.resolve().then(() => decodeOwnedObject(bytes)))
    expect(await refused(spelled({ Other: disguised }))).toBe('codec/invalid')
    expect(await refused(Uint8Array.of(1))).toBe('codec/invalid')
    expect(await refused(object.objectBcs.subarray(0, 60))).toBe('codec/truncated')
  })
})

describe('sending and waiting', () => {
  it('stops with the reason of the signal', async () => {
    const world = openWorld()
    const bytes = await payment(world)
    const reason = new Error('no longer')
    const aborted = AbortSignal.abort(reason)
    await expect(world.chain.submit({ bytes, signatures: [await world.sign(bytes)], signal: aborted })).rejects.toBe(reason)
    expect(await world.chain.balance({ account: world.to })).toBe(0n)
    const stop = new AbortController()
    const watching = world.chain.watch({ digest: '11111111111111111111111111111111', signal: stop.signal })
    stop.abort(reason)
    await expect(watching).rejects.toBe(reason)
  })

  it('waits until the full node knows it', async () => {
    const world = openWorld()
    const bytes = await payment(world)
    const signatures = [await world.sign(bytes)]
    const digest = transactionDigest(bytes)
    let isDone = false
    const watching = world.chain.watch({ digest }).finally(() => (isDone = true))
    await world.clock.advance(3_000)
    expect(isDone).toBe(false)
    await world.chain.submit({ bytes, signatures })
    await world.clock.advance(1_000)
    expect(await watching).toMatchObject({ digest, isFinal: true })
  })

  it('does not know how it went while the full node is down, and finds out afterwards', async () => {
    const world = openWorld()
    const bytes = await payment(world)
    const signatures = [await world.sign(bytes)]
    world.faults.set('full-node', { kind: 'down' })
    expect(await codeOf(world.chain.submit({ bytes, signatures }))).toBe('chain/unreachable')
    expect(await codeOf(world.chain.balance({ account: world.account }))).toBe('chain/unreachable')
    world.faults.clear('full-node')
    expect(await world.chain.submit({ bytes, signatures })).toMatchObject({ isFinal: false })
  })

  it('finds the outcome whose answer was lost', async () => {
    const world = openWorld()
    const bytes = await payment(world)
    const signatures = [await world.sign(bytes)]
    const { core } = world.client
    const client = {
      core: {
        getTransaction: core.getTransaction.bind(core),
        executeTransaction: async (options: Parameters<typeof core.executeTransaction>[0]) => {
          await core.executeTransaction(options)
          throw new TypeError('fetch failed')
        },
      },
    } as never
    expect(await createSuiChain({ client, clock: world.clock }).submit({ bytes, signatures })).toMatchObject({ isFinal: true })
  })

  it('gives up an answer that does not come', async () => {
    const clock = createFakeClock()
    const client = { core: { getBalance: () => new Promise(() => undefined) } } as never
    const asking = codeOf(createSuiChain({ client, clock, timeoutMs: 500 }).balance({ account: '0x1' }))
    await clock.advance(500)
    expect(await asking).toBe('chain/unreachable')
  })

  it('says that an object has moved on', async () => {
    const world = openWorld()
    const [first, second] = [
      await payment(world),
      await world.chain.build({ account: world.account, payments: [{ to: world.to, amount: 3n }] }),
    ]
    await world.chain.submit({ bytes: first, signatures: [await world.sign(first)] })
    expect(await codeOf(world.chain.submit({ bytes: second, signatures: [await world.sign(second)] }))).toBe('chain/stale-object')
  })
})
