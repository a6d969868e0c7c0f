import { bcs } from '@mysten/sui/bcs'
import type { SuiClientTypes } from '@mysten/sui/client'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import type { Transaction } from '@mysten/sui/transactions'
import { normalizeSuiAddress } from '@mysten/sui/utils'
import { LocalCoreClient } from '../../../src/localnet/core-client.ts'
import { createFaults } from '../../../src/localnet/faults.ts'
import { createLedger } from '../../../src/localnet/ledger/create-ledger.ts'
import { SUI_COIN } from '../../../src/localnet/ledger/framework.ts'
import type { LocalLedger } from '../../../src/localnet/ledger/local-ledger.ts'
import type { Twin } from '../../../src/localnet/ledger/types.ts'

export const SUI = 1_000_000_000n

/** What a transaction that does nothing special costs here. */
export const FLAT_GAS = 3_000_000n

/** A toy package of twins: a counter that can be shared, and ways to misbehave. */
export const TOY = normalizeSuiAddress('0x70e')
export const COUNTER = `${TOY}::toy::Counter`
export const Counter = bcs.struct('Counter', { id: bcs.Address, count: bcs.u64() })

const at = (name: string) => ({ packageId: TOY, module: 'toy', function: name })

const toyTwins: readonly Twin[] = [
  {
    ...at('create'),
    parameters: [],
    run(context) {
      const id = context.freshId()
      const contents = Counter.serialize({ id, count: 0 }).toBytes()
      context.write({ id, type: COUNTER, contents })
      return [{ type: COUNTER, bcs: contents, objectId: id }]
    },
  },
  {
    ...at('create_shared'),
    parameters: [],
    run(context) {
      const id = context.freshId()
      context.write({
        id,
        type: COUNTER,
        contents: Counter.serialize({ id, count: 0 }).toBytes(),
        owner: { kind: 'shared', initialVersion: 0n },
      })
      return []
    },
  },
  {
    ...at('increment'),
    parameters: [{ reference: 'mutable', body: COUNTER }],
    run(context, [counter]) {
      const object = context.get(counter?.objectId as string)
      const { id, count } = Counter.parse(object?.contents as Uint8Array)
      context.write({ id, type: COUNTER, contents: Counter.serialize({ id, count: BigInt(count) + 1n }).toBytes() })
      context.emit({
        type: `${TOY}::toy::Counted`,
        bcs: bcs
          .u64()
          .serialize(BigInt(count) + 1n)
          .toBytes(),
      })
      return []
    },
  },
  {
    ...at('count'),
    parameters: [{ reference: 'immutable', body: COUNTER }],
    run: (context, [counter]) => [
      {
        type: 'u64',
        bcs: bcs
          .u64()
          .serialize(Counter.parse(context.get(counter?.objectId as string)?.contents as Uint8Array).count)
          .toBytes(),
      },
    ],
  },
  {
    ...at('destroy'),
    parameters: [{ reference: null, body: COUNTER }],
    run(context, [counter]) {
      context.delete(counter?.objectId as string)
      return []
    },
  },
  {
    ...at('refuse'),
    parameters: [{ reference: null, body: 'u64' }],
    run: (context, [code]) => context.abort(at('refuse'), BigInt(bcs.u64().parse(code?.bcs as Uint8Array))),
  },
]

/** A ledger with the toy package, a client, and two wallets of which Alice has money. */
export function toyWorld() {
  const faults = createFaults()
  const ledger: LocalLedger = createLedger({ faults })
  for (const twin of toyTwins) ledger.registerTwin(twin)
  const calls: string[] = []
  const client = new LocalCoreClient(ledger, { faults, onCall: (method) => calls.push(method) })
  const alice = Ed25519Keypair.generate()
  const bob = Ed25519Keypair.generate()
  ledger.mint(alice.toSuiAddress(), SUI_COIN, 5n * SUI)
  ledger.mint(alice.toSuiAddress(), SUI_COIN, 5n * SUI)

  const include = { effects: true, events: true, objectTypes: true, balanceChanges: true, transaction: true } as const
  /** Signs and executes; the result whatever its status. */
  async function run(transaction: Transaction, signer = alice) {
    const result = await client.signAndExecuteTransaction({ transaction, signer, include })
    return result.$kind === 'Transaction' ? result.Transaction : result.FailedTransaction
  }
  /** As {@link run}, with a preset budget, so that the builder does not simulate first and let the failure show early. */
  async function runUnchecked(transaction: Transaction, signer = alice) {
    transaction.setGasBudget(10_000_000n)
    return run(transaction, signer)
  }
  const balanceOf = async (owner: string) => BigInt((await client.getBalance({ owner })).balance.balance)
  return { ledger, client, faults, calls, alice, bob, run, runUnchecked, balanceOf }
}

/** The one object a transaction created whose type ends with `suffix`. */
export function createdOf(done: SuiClientTypes.Transaction<{ effects: true; objectTypes: true }>, suffix: string): string {
  const change = done.effects.changedObjects.find(
    ({ idOperation, objectId }) => idOperation === 'Created' && done.objectTypes[objectId]?.endsWith(suffix),
  )
  if (change === undefined) throw new Error(`nothing of type ${suffix} was created`)
  return change.objectId
}
