import { bcs } from '@mysten/sui/bcs'
import { Transaction } from '@mysten/sui/transactions'
import { normalizeSuiAddress } from '@mysten/sui/utils'
import { describe, expect, it } from 'vitest'
import { LocalCoreClient } from '../../../src/localnet/core-client.ts'
import { SUI_COIN } from '../../../src/localnet/ledger/framework.ts'
import { COUNTER, Counter, createdOf, FLAT_GAS, SUI, TOY, toyWorld } from '../../helpers/localnet/toy-world.ts'

async function withCounter() {
  const world = toyWorld()
  const tx = new Transaction()
  tx.transferObjects([tx.moveCall({ target: `${TOY}::toy::create` })], world.alice.toSuiAddress())
  return { ...world, counter: createdOf(await world.run(tx), '::toy::Counter') }
}

const key = (n: number) => bcs.u64().serialize(n).toBytes()

describe('LocalCoreClient', () => {
  it('returns of an object what is asked for, in the SDK’s shapes', async () => {
    const { client, counter, alice } = await withCounter()
    const include = { content: true, objectBcs: true, previousTransaction: true } as const
    const { object } = await client.getObject({ objectId: counter, include })
    expect(object).toMatchObject({ objectId: counter, type: COUNTER, owner: { $kind: 'AddressOwner', AddressOwner: alice.toSuiAddress() } })
    expect(Counter.parse(object.content)).toEqual({ id: counter, count: '0' })
    const envelope = bcs.Object.parse(object.objectBcs)
    expect(envelope.data.Move?.contents).toEqual(object.content)
    expect(envelope.previousTransaction).toBe(object.previousTransaction)
    const bare = (await client.getObject({ objectId: counter })).object
    expect([bare.content, bare.objectBcs, bare.json, bare.previousTransaction]).toEqual([undefined, undefined, undefined, undefined])
  })

  it('answers for each of several ids, and with an error object for those it does not know', async () => {
    const { client, counter } = await withCounter()
    const { objects } = await client.getObjects({ objectIds: [counter, '0xdead', TOY, '0x2'] })
    expect(objects.map((object) => (object instanceof Error ? object.message : object.type))).toEqual([
      COUNTER,
      `Object ${normalizeSuiAddress('0xdead')} not found`,
      'package',
      'package',
    ])
    expect(objects[2]).toMatchObject({ version: '1', owner: { $kind: 'Immutable' } })
  })

  it('pages owned objects and filters them by type, with or without its arguments', async () => {
    const { client, ledger, alice, counter } = await withCounter()
    const owner = alice.toSuiAddress()
    for (let i = 0; i < 5; i++) ledger.mint(owner, SUI_COIN, 1n)
    const ids: string[] = []
    let cursor: string | null = null
    let pages = 0
    do {
      const page: Awaited<ReturnType<typeof client.listOwnedObjects>> = await client.listOwnedObjects({
        owner,
        type: '0x2::coin::Coin',
        limit: 3,
        cursor,
      })
      ids.push(...page.objects.map((object) => object.objectId))
      cursor = page.hasNextPage ? page.cursor : null
      pages++
    } while (cursor !== null)
    // Seven were minted; the two there were at first have become one gas coin.
    expect([pages, new Set(ids).size]).toEqual([2, 6])
    const counters = await client.listOwnedObjects({ owner, type: COUNTER })
    expect(counters.objects.map((object) => object.objectId)).toEqual([counter])
    expect((await client.listOwnedObjects({ owner, type: '0x2::coin::Coin<0x2::other::OTHER>' })).objects).toEqual([])
  })

  it('refuses a page limit that is none', async () => {
    const { client, alice } = toyWorld()
    await expect(client.listOwnedObjects({ owner: alice.toSuiAddress(), limit: 0 })).rejects.toMatchObject({
      code: 'usage/invalid-argument',
    })
  })

  it('adds balances up by coin type', async () => {
    const { client, ledger, alice } = toyWorld()
    const owner = alice.toSuiAddress()
    ledger.mint(owner, '0xabc::gold::GOLD', 7n)
    const gold = `${normalizeSuiAddress('0xabc')}::gold::GOLD`
    expect((await client.getBalance({ owner, coinType: '0xabc::gold::GOLD' })).balance).toMatchObject({ coinType: gold, balance: '7' })
    const { balances } = await client.listBalances({ owner })
    expect(Object.fromEntries(balances.map(({ coinType, balance }) => [coinType, balance]))).toEqual({
      [SUI_COIN]: String(10n * SUI),
      [gold]: '7',
    })
    expect((await client.getCoinMetadata({ coinType: '0x2::sui::SUI' })).coinMetadata).toMatchObject({ decimals: 9, symbol: 'SUI' })
    expect((await client.getCoinMetadata({ coinType: gold })).coinMetadata).toBeNull()
  })

  it('finds dynamic fields by name and lists them', async () => {
    const { client, ledger } = toyWorld()
    const parent = ledger.freshId()
    const value = bcs.string().serialize('found').toBytes()
    for (const n of [1, 2, 3]) ledger.placeField({ parent, nameType: 'u64', name: key(n), valueType: '0x1::string::String', value })
    const name = bcs.vector(bcs.u8()).serialize([1, 2, 3]).toBytes()
    ledger.placeField({ parent, nameType: 'vector<u8>', name, valueType: 'bool', value: Uint8Array.of(1) })
    const { dynamicField } = await client.getDynamicField({ parentId: parent, name: { type: 'u64', bcs: key(2) } })
    expect(bcs.string().parse(dynamicField.value.bcs)).toBe('found')
    expect(dynamicField.value.type).toBe(`${normalizeSuiAddress('0x1')}::string::String`)
    const { dynamicFields, hasNextPage } = await client.listDynamicFields({ parentId: parent })
    expect(hasNextPage).toBe(false)
    const shown = dynamicFields.map((field) => `${field.name.type} ${[...field.name.bcs].join()} ${field.valueType}`)
    const string = `${normalizeSuiAddress('0x1')}::string::String`
    expect(new Set(shown)).toEqual(
      new Set([...[1, 2, 3].map((n) => `u64 ${[...key(n)].join()} ${string}`), `vector<u8> ${[...name].join()} bool`]),
    )
    await expect(client.getDynamicField({ parentId: parent, name: { type: 'u64', bcs: key(9) } })).rejects.toMatchObject({
      reason: 'notFound',
    })
  })

  it('finds dynamic object fields', async () => {
    const { client, ledger, counter } = await withCounter()
    const parent = ledger.freshId()
    const name = bcs.u8().serialize(5).toBytes()
    ledger.placeField({
      parent,
      nameType: '0x2::dynamic_object_field::Wrapper<u8>',
      name,
      valueType: '0x2::object::ID',
      value: bcs.Address.serialize(counter).toBytes(),
    })
    const { object } = await client.getDynamicObjectField({ parentId: parent, name: { type: 'u8', bcs: name } })
    expect(object.objectId).toBe(counter)
    const { dynamicFields } = await client.listDynamicFields({ parentId: parent })
    expect(dynamicFields).toMatchObject([{ $kind: 'DynamicObject', childId: counter }])
  })

  it('describes functions so that the builder can resolve their arguments', async () => {
    const { client, run, counter } = await withCounter()
    const { function: increment } = await client.getMoveFunction({ packageId: TOY, moduleName: 'toy', name: 'increment' })
    expect(increment.parameters).toEqual([
      { reference: 'mutable', body: { $kind: 'datatype', datatype: { typeName: COUNTER, typeParameters: [] } } },
    ])
    const { function: split } = await client.getMoveFunction({ packageId: '0x2', moduleName: 'coin', name: 'split' })
    expect(split.typeParameters).toHaveLength(1)
    expect(split.parameters[0]?.body).toMatchObject({ datatype: { typeParameters: [{ $kind: 'typeParameter', index: 0 }] } })
    const tx = new Transaction()
    // An untyped value: only the function's own signature says that it is a u64.
    tx.moveCall({ target: `${TOY}::toy::increment`, arguments: [tx.object(counter)] })
    expect((await run(tx)).status.success).toBe(true)
    await expect(client.getMoveFunction({ packageId: TOY, moduleName: 'toy', name: 'nothing' })).rejects.toMatchObject({
      reason: 'notFound',
    })
  })

  it('simulates without keeping anything, with the values each command returned', async () => {
    const { client, ledger, counter, alice } = await withCounter()
    const tx = new Transaction()
    tx.setSender(alice.toSuiAddress())
    tx.moveCall({ target: `${TOY}::toy::increment`, arguments: [tx.object(counter)] })
    tx.moveCall({ target: `${TOY}::toy::count`, arguments: [tx.object(counter)] })
    const result = await client.simulateTransaction({ transaction: tx, include: { commandResults: true, effects: true, events: true } })
    expect(result.commandResults?.map(({ returnValues }) => returnValues.map((value) => [...value.bcs]))).toEqual([
      [],
      [[1, 0, 0, 0, 0, 0, 0, 0]],
    ])
    expect(result.Transaction).toMatchObject({ timestampMs: null, checkpoint: null, events: [{ module: 'toy' }] })
    expect(ledger.view().transactions()).toHaveLength(1)
    const { object } = await client.getObject({ objectId: counter, include: { content: true } })
    expect(Counter.parse(object.content).count).toBe('0')
  })

  it('inspects on behalf of anybody when checks are off', async () => {
    const { client, counter, bob } = await withCounter()
    const tx = new Transaction()
    tx.setSender(bob.toSuiAddress())
    tx.setGasPrice(1_000)
    tx.setGasBudget(10_000_000)
    tx.setGasPayment([])
    tx.moveCall({ target: `${TOY}::toy::count`, arguments: [tx.object(counter)] })
    const bytes = await tx.build({ client })
    await expect(client.simulateTransaction({ transaction: bytes })).rejects.toMatchObject({ reason: 'not-owner' })
    const inspected = await client.simulateTransaction({ transaction: bytes, checksEnabled: false, include: { commandResults: true } })
    expect(inspected.commandResults).toHaveLength(1)
  })

  it('shows a failed transaction as failed, with its gas', async () => {
    const { client, runUnchecked } = toyWorld()
    const tx = new Transaction()
    tx.moveCall({ target: `${TOY}::toy::refuse`, arguments: [tx.pure.u64(3)] })
    const { digest } = await runUnchecked(tx)
    const found = await client.getTransaction({ digest, include: { effects: true, bcs: true } })
    expect(found.$kind).toBe('FailedTransaction')
    expect(found.FailedTransaction).toMatchObject({ checkpoint: '1', status: { success: false } })
    expect(found.FailedTransaction?.effects.gasUsed).toMatchObject({ computationCost: '1000000', storageCost: '2000000' })
    expect(found.FailedTransaction?.effects.gasObject).not.toBeNull()
    await expect(client.getTransaction({ digest: '1'.repeat(32) })).rejects.toMatchObject({ reason: 'notFound' })
  })

  it('lists transactions and events both ways, filtered and in pages', async () => {
    const { client, run, counter, alice, bob } = await withCounter()
    const digests: string[] = []
    for (let i = 0; i < 3; i++) {
      const tx = new Transaction()
      tx.moveCall({ target: `${TOY}::toy::increment`, arguments: [tx.object(counter)] })
      digests.push((await run(tx)).digest)
    }
    const listed = async (options: Parameters<typeof client.listTransactions>[0]) => {
      const page = await client.listTransactions(options)
      return { ...page, digests: page.transactions.map((entry) => (entry.Transaction ?? entry.FailedTransaction)?.digest) }
    }
    expect((await listed({ filter: { function: `${TOY}::toy::increment` } })).digests).toEqual(digests)
    expect((await listed({ filter: { function: '0x70e::toy' } })).digests).toHaveLength(4)
    expect((await listed({ filter: { sender: bob.toSuiAddress() } })).digests).toEqual([])
    const first = await listed({ filter: { function: `${TOY}::toy::increment` }, limit: 2 })
    expect([first.digests, first.hasNextPage]).toEqual([digests.slice(0, 2), true])
    expect((await listed({ filter: { function: `${TOY}::toy::increment` }, after: first.endCursor })).digests).toEqual(digests.slice(2))
    expect((await listed({ order: 'descending', limit: 1 })).digests).toEqual(digests.slice(2))
    const { events } = await client.listEvents({ filter: { emitModule: `${TOY}::toy` }, order: 'descending', limit: 2 })
    expect(events.map((event) => [event.transactionDigest, event.sender])).toEqual([
      [digests[2], alice.toSuiAddress()],
      [digests[1], alice.toSuiAddress()],
    ])
    await expect(client.listEvents({ after: '0.0', before: '1.0' })).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })

  it('reports the state of the chain', async () => {
    const { client, ledger } = toyWorld()
    expect((await client.getCurrentSystemState()).systemState).toMatchObject({ epoch: '10', referenceGasPrice: '1000' })
    ledger.advanceEpoch(3)
    expect((await client.getCurrentSystemState()).systemState.epoch).toBe('13')
    expect((await client.getChainIdentifier()).chainIdentifier).toBe(ledger.chainIdentifier)
    expect((await client.getReferenceGasPrice()).referenceGasPrice).toBe('1000')
    expect((await client.getProtocolConfig()).protocolConfig.protocolVersion).toBe('100')
    expect((await client.verifyZkLoginSignature()).success).toBe(false)
    expect((await client.defaultNameServiceName()).data.name).toBeNull()
  })

  it('tells an observer of every call, with the bytes of transactions', async () => {
    const { ledger, alice } = toyWorld()
    const seen: [string, Uint8Array][] = []
    const client = new LocalCoreClient(ledger, { onCall: (method, body) => seen.push([method, body]) })
    const tx = new Transaction()
    tx.transferObjects([tx.splitCoins(tx.gas, [1])], alice.toSuiAddress())
    tx.setSender(alice.toSuiAddress())
    const bytes = await tx.build({ client })
    await client.executeTransaction({ transaction: bytes, signatures: [(await alice.signTransaction(bytes)).signature] })
    expect(seen.at(-1)).toEqual(['executeTransaction', bytes])
    expect(seen.map(([method]) => method)).toContain('simulateTransaction')
  })

  it('stops at an aborted signal', async () => {
    const { client, faults, ledger } = toyWorld()
    await expect(client.getReferenceGasPrice({ signal: AbortSignal.abort('no more') })).rejects.toBe('no more')
    faults.set('full-node', { kind: 'slow', delayMs: 60_000 })
    const stop = new AbortController()
    const slow = client.getReferenceGasPrice({ signal: stop.signal })
    stop.abort('too slow')
    await expect(slow).rejects.toBe('too slow')
    const patient = client.getReferenceGasPrice()
    ledger.advance(60_000)
    expect((await patient).referenceGasPrice).toBe('1000')
  })

  it('charges flat gas', async () => {
    const { run, alice, balanceOf } = toyWorld()
    const tx = new Transaction()
    tx.moveCall({ target: `${TOY}::toy::create_shared` })
    await run(tx)
    expect(await balanceOf(alice.toSuiAddress())).toBe(10n * SUI - FLAT_GAS)
  })
})
