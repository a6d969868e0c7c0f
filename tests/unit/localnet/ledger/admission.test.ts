import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { Transaction } from '@mysten/sui/transactions'
import { describe, expect, it } from 'vitest'
import { createdOf, SUI, TOY, toyWorld } from '../../../helpers/localnet/toy-world.ts'

const payTo = (address: string, amount = 1n) => {
  const tx = new Transaction()
  tx.transferObjects([tx.splitCoins(tx.gas, [amount])], address)
  return tx
}

describe('admitting a transaction', () => {
  it('refuses a signature that is not the sender’s, a forged one, and none', async () => {
    const { client, ledger, alice, bob } = toyWorld()
    const tx = payTo(bob.toSuiAddress())
    tx.setSender(alice.toSuiAddress())
    const bytes = await tx.build({ client })
    const foreign = (await bob.signTransaction(bytes)).signature
    const other = (
      await alice.signTransaction(
        await payTo(bob.toSuiAddress(), 2n)
          .build({ client })
          .catch(() => new Uint8Array(10)),
      )
    ).signature
    for (const signatures of [[foreign], [other], [], ['AAAA']]) {
      await expect(client.executeTransaction({ transaction: bytes, signatures })).rejects.toMatchObject({ reason: 'signature' })
    }
    expect(ledger.view().transactions()).toEqual([])
  })

  it('wants the signature of whoever pays for gas', async () => {
    const { client, ledger, alice, bob } = toyWorld()
    ledger.mint(bob.toSuiAddress(), '0x2::sui::SUI', SUI)
    const tx = new Transaction()
    tx.transferObjects([tx.moveCall({ target: `${TOY}::toy::create` })], alice.toSuiAddress())
    tx.setSender(alice.toSuiAddress())
    tx.setGasOwner(bob.toSuiAddress())
    const bytes = await tx.build({ client })
    const mine = (await alice.signTransaction(bytes)).signature
    await expect(client.executeTransaction({ transaction: bytes, signatures: [mine] })).rejects.toMatchObject({ reason: 'signature' })
    const sponsor = (await bob.signTransaction(bytes)).signature
    const done = await client.executeTransaction({ transaction: bytes, signatures: [mine, sponsor] })
    expect(done.$kind).toBe('Transaction')
  })

  it('refuses an object of somebody else', async () => {
    const { client, ledger, alice, bob, run } = toyWorld()
    ledger.mint(bob.toSuiAddress(), '0x2::sui::SUI', SUI)
    const create = new Transaction()
    create.transferObjects([create.moveCall({ target: `${TOY}::toy::create` })], alice.toSuiAddress())
    const counter = createdOf(await run(create), '::toy::Counter')
    const steal = new Transaction()
    steal.transferObjects([steal.object(counter)], bob.toSuiAddress())
    steal.setGasBudget(10_000_000)
    await expect(run(steal, bob)).rejects.toMatchObject({ reason: 'not-owner' })
    const { object } = await client.getObject({ objectId: counter })
    expect(object.owner).toMatchObject({ AddressOwner: alice.toSuiAddress() })
  })

  it('refuses an object version that is no longer current, in the words of a full node', async () => {
    const { client, alice, bob } = toyWorld()
    const [first, second] = await Promise.all(
      [1n, 2n].map(async (amount) => {
        const tx = payTo(bob.toSuiAddress(), amount)
        tx.setSender(alice.toSuiAddress())
        return tx.build({ client })
      }),
    )
    const execute = async (bytes: Uint8Array) =>
      client.executeTransaction({ transaction: bytes, signatures: [(await alice.signTransaction(bytes)).signature] })
    await execute(first as Uint8Array)
    const stale = execute(second as Uint8Array)
    await expect(stale).rejects.toMatchObject({ reason: 'stale-object' })
    await expect(stale).rejects.toThrow(
      /needs to be rebuilt because object 0x\w+ version 0x1 is unavailable for consumption, current version: 0x2/,
    )
  })

  it('answers the same transaction twice with the same result, and runs it once', async () => {
    const { client, ledger, alice, bob, balanceOf } = toyWorld()
    const tx = payTo(bob.toSuiAddress(), 5n)
    tx.setSender(alice.toSuiAddress())
    const bytes = await tx.build({ client })
    const { signature } = await alice.signTransaction(bytes)
    const once = await client.executeTransaction({ transaction: bytes, signatures: [signature] })
    const twice = await client.executeTransaction({ transaction: bytes, signatures: [signature] })
    expect(twice.Transaction?.digest).toBe(once.Transaction?.digest)
    expect(await balanceOf(bob.toSuiAddress())).toBe(5n)
    expect(ledger.view().transactions()).toHaveLength(1)
  })

  it('refuses a wallet that cannot pay its budget', async () => {
    const { client, ledger } = toyWorld()
    const poor = Ed25519Keypair.generate()
    await expect(payTo(poor.toSuiAddress()).build({ client })).rejects.toThrow()
    ledger.mint(poor.toSuiAddress(), '0x2::sui::SUI', 2_000_000n)
    const tx = payTo(poor.toSuiAddress())
    tx.setSender(poor.toSuiAddress())
    tx.setGasBudget(5_000_000)
    const bytes = await tx.build({ client })
    const { signature } = await poor.signTransaction(bytes)
    await expect(client.executeTransaction({ transaction: bytes, signatures: [signature] })).rejects.toMatchObject({ reason: 'gas' })
  })

  it('refuses a transaction of an epoch that has passed and of another chain', async () => {
    const { client, ledger, alice, bob } = toyWorld()
    const tx = payTo(bob.toSuiAddress())
    tx.setSender(alice.toSuiAddress())
    tx.setExpiration({ Epoch: ledger.epoch() })
    const bytes = await tx.build({ client })
    const { signature } = await alice.signTransaction(bytes)
    ledger.advanceEpoch()
    await expect(client.executeTransaction({ transaction: bytes, signatures: [signature] })).rejects.toMatchObject({ reason: 'expired' })
  })

  it('refuses bytes that are no transaction', async () => {
    const { client } = toyWorld()
    await expect(client.executeTransaction({ transaction: new Uint8Array(9), signatures: [] })).rejects.toMatchObject({
      reason: 'malformed',
    })
  })

  it('refuses an object that does not exist, and a shared object under a wrong initial version', async () => {
    const { run, alice } = toyWorld()
    const tx = new Transaction()
    tx.moveCall({ target: `${TOY}::toy::create_shared` })
    const shared = createdOf(await run(tx), '::toy::Counter')
    const wrong = new Transaction()
    wrong.moveCall({
      target: `${TOY}::toy::increment`,
      arguments: [wrong.sharedObjectRef({ objectId: shared, initialSharedVersion: 999, mutable: true })],
    })
    wrong.setGasBudget(10_000_000)
    await expect(run(wrong, alice)).rejects.toMatchObject({ reason: 'wrong-input-kind' })
    const missing = new Transaction()
    missing.moveCall({
      target: `${TOY}::toy::increment`,
      arguments: [missing.sharedObjectRef({ objectId: '0xdead', initialSharedVersion: 1, mutable: true })],
    })
    missing.setGasBudget(10_000_000)
    await expect(run(missing, alice)).rejects.toMatchObject({ reason: 'not-found' })
  })
})
