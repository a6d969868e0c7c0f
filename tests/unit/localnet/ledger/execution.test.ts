import { bcs } from '@mysten/sui/bcs'
import { Transaction } from '@mysten/sui/transactions'
import { describe, expect, it } from 'vitest'
import { COUNTER, Counter, createdOf, FLAT_GAS, SUI, TOY, toyWorld } from '../../../helpers/localnet/toy-world.ts'

const call = (tx: Transaction, name: string, args: Parameters<Transaction['moveCall']>[0]['arguments'] = []) =>
  tx.moveCall({ target: `${TOY}::toy::${name}`, arguments: args })

async function withCounter(shared = false) {
  const world = toyWorld()
  const tx = new Transaction()
  if (shared) call(tx, 'create_shared')
  else tx.transferObjects([call(tx, 'create')], world.alice.toSuiAddress())
  const done = await world.run(tx)
  return { ...world, counter: createdOf(done, '::toy::Counter'), created: done }
}

const countOf = async (world: { client: Awaited<ReturnType<typeof withCounter>>['client'] }, id: string) => {
  const { object } = await world.client.getObject({ objectId: id, include: { content: true } })
  return Counter.parse(object.content).count
}

describe('executing a transaction', () => {
  it('splits, merges and transfers coins, and charges gas', async () => {
    const { run, bob, alice, balanceOf } = toyWorld()
    const tx = new Transaction()
    const [a, b] = tx.splitCoins(tx.gas, [SUI, 2n * SUI])
    tx.mergeCoins(a, [b])
    tx.transferObjects([a], bob.toSuiAddress())
    const done = await run(tx)
    expect(done.status.success).toBe(true)
    expect(await balanceOf(bob.toSuiAddress())).toBe(3n * SUI)
    expect(await balanceOf(alice.toSuiAddress())).toBe(7n * SUI - FLAT_GAS)
    expect(new Set(done.balanceChanges.map(({ amount }) => amount))).toEqual(new Set([String(3n * SUI), String(-3n * SUI - FLAT_GAS)]))
  })

  it('gives every changed object one version above all inputs', async () => {
    const { run, counter, created, client } = await withCounter()
    const before = (await client.getObject({ objectId: counter })).object
    const tx = new Transaction()
    call(tx, 'increment', [tx.object(counter)])
    const done = await run(tx)
    const after = (await client.getObject({ objectId: counter, include: { previousTransaction: true } })).object
    expect(BigInt(after.version)).toBe(BigInt(before.version) + 1n)
    expect(after.previousTransaction).toBe(done.digest)
    expect(after.digest).not.toBe(before.digest)
    const change = done.effects.changedObjects.find(({ objectId }) => objectId === counter)
    expect(change).toMatchObject({
      inputState: 'Exists',
      inputVersion: before.version,
      inputDigest: before.digest,
      outputDigest: after.digest,
      idOperation: 'None',
    })
    expect(done.effects.dependencies).toContain(created.digest)
  })

  it('records events', async () => {
    const { run, counter, client } = await withCounter(true)
    const tx = new Transaction()
    call(tx, 'increment', [tx.object(counter)])
    const done = await run(tx)
    expect(done.events).toMatchObject([{ eventType: `${TOY}::toy::Counted`, packageId: TOY, module: 'toy' }])
    expect(done.effects.eventsDigest).not.toBeNull()
    const listed = await client.listEvents({ filter: { eventType: `${TOY}::toy::Counted` } })
    expect(listed.events.map((event) => event.transactionDigest)).toEqual([done.digest])
  })

  it('lets anyone use a shared object, and passes results on', async () => {
    const { run, counter, bob, ledger, ...world } = await withCounter(true)
    ledger.mint(bob.toSuiAddress(), '0x2::sui::SUI', SUI)
    const tx = new Transaction()
    call(tx, 'increment', [tx.object(counter)])
    const count = call(tx, 'count', [tx.object(counter)])
    tx.transferObjects([tx.splitCoins(tx.gas, [count])], bob.toSuiAddress())
    const done = await run(tx, bob)
    expect(done.status.success).toBe(true)
    expect(await countOf(world, counter)).toBe('1')
    expect(await world.balanceOf(bob.toSuiAddress())).toBe(SUI - FLAT_GAS)
  })

  it('deletes what a function consumed', async () => {
    const { run, counter, client } = await withCounter()
    const tx = new Transaction()
    call(tx, 'destroy', [tx.object(counter)])
    const done = await run(tx)
    expect(done.effects.changedObjects).toContainEqual(expect.objectContaining({ objectId: counter, idOperation: 'Deleted' }))
    await expect(client.getObject({ objectId: counter })).rejects.toMatchObject({ reason: 'notFound' })
  })

  it('drops everything but the gas when a command aborts', async () => {
    const { runUnchecked, counter, alice, bob, balanceOf, ...world } = await withCounter()
    const before = await balanceOf(alice.toSuiAddress())
    const tx = new Transaction()
    call(tx, 'increment', [tx.object(counter)])
    tx.transferObjects([tx.splitCoins(tx.gas, [SUI])], bob.toSuiAddress())
    call(tx, 'refuse', [tx.pure.u64(77)])
    const done = await runUnchecked(tx)
    expect(done.status).toMatchObject({
      success: false,
      error: {
        $kind: 'MoveAbort',
        command: 3,
        MoveAbort: { abortCode: '77', location: { package: TOY, module: 'toy', functionName: 'refuse' } },
      },
    })
    expect(done.events).toEqual([])
    expect(await countOf(world, counter)).toBe('0')
    expect(await balanceOf(bob.toSuiAddress())).toBe(0n)
    expect(await balanceOf(alice.toSuiAddress())).toBe(before - FLAT_GAS)
  })

  it('fails with an unused value that cannot be dropped', async () => {
    const { runUnchecked, client, alice } = toyWorld()
    const tx = new Transaction()
    call(tx, 'create')
    const done = await runUnchecked(tx)
    expect(done.status.error?.message).toContain('UnusedValueWithoutDrop')
    expect((await client.listOwnedObjects({ owner: alice.toSuiAddress(), type: COUNTER })).objects).toEqual([])
  })

  it('fails with a value used twice', async () => {
    const { runUnchecked, alice, bob } = toyWorld()
    const tx = new Transaction()
    const made = call(tx, 'create')
    tx.transferObjects([made], alice.toSuiAddress())
    tx.transferObjects([made], bob.toSuiAddress())
    const { error } = (await runUnchecked(tx)).status
    expect(error).toMatchObject({ $kind: 'CommandArgumentError', command: 2, CommandArgumentError: { name: 'InvalidValueUsage' } })
  })

  it('fails to split more than a coin holds, gas included', async () => {
    const { runUnchecked, bob } = toyWorld()
    const tx = new Transaction()
    tx.transferObjects([tx.splitCoins(tx.gas, [10n * SUI])], bob.toSuiAddress())
    expect((await runUnchecked(tx)).status.error?.message).toContain('InsufficientCoinBalance')
  })

  it('fails to give away a shared object', async () => {
    const { runUnchecked, counter, bob, ...world } = await withCounter(true)
    const tx = new Transaction()
    tx.transferObjects([tx.object(counter)], bob.toSuiAddress())
    const { error } = (await runUnchecked(tx)).status
    expect(error).toMatchObject({ CommandArgumentError: { argument: 0, name: 'SharedObjectOperationNotAllowed' } })
    expect(await countOf(world, counter)).toBe('0')
  })

  it('fails to change a shared object named as read-only', async () => {
    const { runUnchecked, counter, created } = await withCounter(true)
    const tx = new Transaction()
    const initialSharedVersion = created.effects.lamportVersion as string
    call(tx, 'increment', [tx.sharedObjectRef({ objectId: counter, initialSharedVersion, mutable: false })])
    const { error } = (await runUnchecked(tx)).status
    expect(error).toMatchObject({ CommandArgumentError: { argument: 0, name: 'InvalidObjectByMutRef' } })
  })

  it('fails when an argument has the wrong type', async () => {
    const { runUnchecked, client, alice } = toyWorld()
    const [coin] = (await client.listCoins({ owner: alice.toSuiAddress() })).objects
    const tx = new Transaction()
    call(tx, 'count', [tx.object(coin?.objectId as string)])
    expect((await runUnchecked(tx)).status.error).toMatchObject({ CommandArgumentError: { argument: 0, name: 'TypeMismatch' } })
  })

  it('fails when pure bytes are not one value of the parameter type', async () => {
    const { runUnchecked } = toyWorld()
    const tx = new Transaction()
    call(tx, 'refuse', [tx.pure(bcs.u32().serialize(1))])
    expect((await runUnchecked(tx)).status.error).toMatchObject({ CommandArgumentError: { argument: 0, name: 'InvalidBCSBytes' } })
  })

  it('fails with a function nobody published and with the wrong number of arguments', async () => {
    const world = toyWorld()
    const unknown = new Transaction()
    call(unknown, 'nothing')
    expect((await world.runUnchecked(unknown)).status.error?.message).toContain('FunctionNotFound')
    const arity = new Transaction()
    call(arity, 'create', [arity.pure(bcs.u8().serialize(1))])
    expect((await world.runUnchecked(arity)).status.error?.message).toContain('ArityMismatch')
  })

  it('takes the whole budget and drops everything when it runs out of gas', async () => {
    const { run, faults, alice, bob, balanceOf } = toyWorld()
    faults.set('wallet', { kind: 'out-of-gas' }, { times: 1 })
    const tx = new Transaction()
    tx.transferObjects([tx.splitCoins(tx.gas, [SUI])], bob.toSuiAddress())
    const done = await run(tx)
    expect(done.status.error?.message).toContain('InsufficientGas')
    expect(await balanceOf(bob.toSuiAddress())).toBe(0n)
    expect(await balanceOf(alice.toSuiAddress())).toBe(10n * SUI - BigInt(done.effects.gasUsed.computationCost))
    expect(faults.list()).toEqual([])
  })

  it('runs the coin functions SDKs call', async () => {
    const { run, alice, balanceOf, client } = toyWorld()
    const tx = new Transaction()
    const type = '0x2::sui::SUI'
    const zero = tx.moveCall({ target: '0x2::coin::zero', typeArguments: [type] })
    const part = tx.moveCall({ target: '0x2::coin::split', typeArguments: [type], arguments: [tx.gas, tx.pure.u64(5)] })
    tx.moveCall({ target: '0x2::coin::join', typeArguments: [type], arguments: [zero, part] })
    const value = tx.moveCall({ target: '0x2::coin::value', typeArguments: [type], arguments: [zero] })
    const back = tx.splitCoins(zero, [value])
    tx.moveCall({ target: '0x2::coin::destroy_zero', typeArguments: [type], arguments: [zero] })
    tx.transferObjects([back], alice.toSuiAddress())
    expect((await run(tx)).status.success).toBe(true)
    expect(await balanceOf(alice.toSuiAddress())).toBe(10n * SUI - FLAT_GAS)
    const full = new Transaction()
    const coin = full.splitCoins(full.gas, [1n])
    full.moveCall({ target: '0x2::coin::destroy_zero', typeArguments: [type], arguments: [coin] })
    await expect(full.build({ client }).then(() => undefined)).rejects.toThrow()
  })
})
