import { bcs } from '@mysten/sui/bcs'
import { parseTransactionEffectsBcs } from '@mysten/sui/client'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { Transaction } from '@mysten/sui/transactions'
import { describe, expect, it } from 'vitest'
import { LocalCoreClient } from '../../../src/localnet/core-client.ts'
import { createLedger } from '../../../src/localnet/ledger/create-ledger.ts'
import { SUI_COIN } from '../../../src/localnet/ledger/framework.ts'

const SUI = 1_000_000_000n

function setup() {
  const ledger = createLedger()
  const client = new LocalCoreClient(ledger)
  const alice = Ed25519Keypair.generate()
  const bob = Ed25519Keypair.generate()
  ledger.mint(alice.toSuiAddress(), SUI_COIN, 5n * SUI)
  ledger.mint(alice.toSuiAddress(), SUI_COIN, 5n * SUI)
  return { ledger, client, alice, bob }
}

describe('LocalCoreClient', () => {
  it('builds, signs and executes what the SDK builds', async () => {
    const { client, alice, bob } = setup()
    const tx = new Transaction()
    const [coin] = tx.splitCoins(tx.gas, [SUI])
    tx.transferObjects([coin], bob.toSuiAddress())
    const result = await client.core.signAndExecuteTransaction({
      transaction: tx,
      signer: alice,
      include: { effects: true, objectTypes: true, balanceChanges: true, transaction: true },
    })
    const done = result.Transaction
    expect(result.$kind).toBe('Transaction')
    expect(done?.effects.status.success).toBe(true)
    expect(bcs.TransactionEffects.parse(done?.effects.bcs as Uint8Array).$kind).toBe('V2')
    expect((await client.getBalance({ owner: bob.toSuiAddress() })).balance.balance).toBe(String(SUI))
    const alices = BigInt((await client.getBalance({ owner: alice.toSuiAddress() })).balance.balance)
    expect(alices).toBe(9n * SUI - 3_000_000n)
    expect((await client.waitForTransaction({ digest: done?.digest as string })).Transaction?.digest).toBe(done?.digest)
    expect(parseTransactionEffectsBcs(done?.effects.bcs as Uint8Array).gasObject?.outputState).toBe('ObjectWrite')
  })
})
