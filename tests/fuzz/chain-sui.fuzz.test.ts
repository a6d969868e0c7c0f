import { bcs } from '@mysten/sui/bcs'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { describe, expect, it } from 'vitest'
import { createSuiChain, decodeOwnedObject, decodeSuiTransaction, describeIntent } from '../../src/chain/sui/index.ts'
import { SUI_TYPE, suiAssetId } from '../../src/chain/sui/names.ts'
import { readTransactionData } from '../../src/chain/sui/transaction-data.ts'
import { copyBytes, toHex, type Bytes } from '../../src/core/bytes.ts'
import { isLocketError } from '../../src/core/errors.ts'
import { LocalCoreClient } from '../../src/localnet/core-client.ts'
import { createLedger } from '../../src/localnet/ledger/create-ledger.ts'
import type { Intent } from '../../src/policy/intent.ts'
import { createFakeClock } from '../../src/testkit/fake-clock.ts'
import { fuzzDecoder } from '../helpers/fuzz.ts'
import { mutate } from '../helpers/mutate.ts'
import { randomSuiTransaction } from '../helpers/random-sui-transaction.ts'
import { createChooser } from '../helpers/store.ts'
import { THIEF, thiefTwins } from '../helpers/sui-thief.ts'
import { addressOf, ALICE, BOB, built, CAROL, owned, ownedCoin, ownedThing, USD_TYPE } from '../helpers/sui-transactions.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const RUNS = Number(process.env['CHAIN_SUI_RUNS'] ?? 300)
const CODEC = ['codec/invalid', 'codec/truncated', 'codec/trailing-bytes', 'codec/unknown-version', 'codec/too-large']

const seeds: readonly Bytes[] = [
  await built((tx) => {
    tx.transferObjects([tx.splitCoins(tx.gas, [5, 7])], BOB)
    tx.mergeCoins(owned(tx, 1), [owned(tx, 2)])
    tx.transferObjects([owned(tx, 1), owned(tx, 3)], CAROL)
  }),
  await built((tx) => {
    const list = tx.makeMoveVec({ elements: [owned(tx, 1), tx.splitCoins(tx.gas, [9])], type: `0x2::coin::Coin<${SUI_TYPE}>` })
    tx.moveCall({ target: '0xab::shop::buy', typeArguments: ['vector<u8>', '0xa::b::C<u64>'], arguments: [list, tx.pure.string('x')] })
    tx.setExpiration({ Epoch: 9 })
  }),
  await built((tx) => {
    const ticket = tx.moveCall({ target: '0x2::package::authorize_upgrade', arguments: [owned(tx, 3), tx.pure.u8(0)] })
    tx.upgrade({ modules: [[1, 2]], dependencies: ['0x1'], package: '0xab', ticket })
    tx.publish({ modules: [[1], [2, 3]], dependencies: ['0x1', '0x2'] })
    tx.setExpiration({
      ValidDuring: {
        minEpoch: '1',
        maxEpoch: '2',
        minTimestamp: null,
        maxTimestamp: '9',
        chain: '11111111111111111111111111111111',
        nonce: 7,
      },
    })
  }),
]
const facts = [ownedCoin(1, SUI_TYPE, 90n), ownedCoin(2, SUI_TYPE, 4n), ownedThing(3)]

/** As the builder's own schemas write what they read, which must be what was decoded. */
function recode(bytes: Bytes): Uint8Array {
  const data = readTransactionData(bytes)
  const { V1: theirs } = bcs.TransactionData.parse(bytes)
  const { ProgrammableTransaction: body } = theirs.kind
  const ours = [data.sender, data.gasOwner, data.gasBudgetMist, data.inputs.length, data.commands.length].join()
  const wanted = [theirs.sender, theirs.gasData.owner, theirs.gasData.budget, body?.inputs.length, body?.commands.length].join()
  if (ours !== wanted) throw new Error(`${ours} is not ${wanted}`)
  // They read this one number rounded, and cannot write it again.
  if (theirs.expiration.Epoch != null && !Number.isSafeInteger(Number(theirs.expiration.Epoch))) return bytes
  return bcs.TransactionData.serialize({ V1: theirs }).toBytes()
}

describe('bytes of transactions', () => {
  fuzzDecoder({ name: 'readTransactionData', seeds, codes: CODEC, recode, share: 2 })

  fuzzDecoder({
    name: 'decodeSuiTransaction',
    seeds,
    codes: [...CODEC, 'chain/wrong-account'],
    recode(bytes) {
      const intent = decodeSuiTransaction({ bytes, account: ALICE, chain: 'sui:localnet', owned: facts })
      for (const line of describeIntent(intent)) if (!/^[\x20-\x7e]*$/.test(line)) throw new Error(`not plain text: ${line}`)
      return intent.bytes
    },
  })
})

describe('bytes of objects', () => {
  const object = (type: typeof bcs.MoveObjectType.$inferInput, contents: Uint8Array) =>
    bcs.Object.serialize({
      data: { Move: { type, hasPublicTransfer: true, version: 7, contents } },
      owner: { AddressOwner: ALICE },
      previousTransaction: '11111111111111111111111111111111',
      storageRebate: 0,
    }).toBytes()
  const contents = Uint8Array.from([...bcs.Address.serialize(addressOf(1)).toBytes(), ...bcs.u64().serialize(5).toBytes()])

  fuzzDecoder({
    name: 'decodeOwnedObject',
    seeds: [object({ GasCoin: true }, contents), object({ Coin: USD_TYPE }, contents)].map(copyBytes),
    codes: CODEC,
    // Reads only the beginning of an object; the digest covers the rest.
    recode: (bytes) => (decodeOwnedObject(bytes).digest === '' ? undefined : bytes),
    share: 4,
  })
})

/** A ledger with the thief on it, and a sender who has coins of two kinds. */
function openWorld() {
  const ledger = createLedger({ clock: createFakeClock() })
  for (const twin of thiefTwins) ledger.registerTwin(twin)
  const client = new LocalCoreClient(ledger)
  const signer = Ed25519Keypair.fromSecretKey(new Uint8Array(32).fill(7))
  const account = signer.toSuiAddress()
  const chain = createSuiChain({ client, clock: createFakeClock() })
  const decode = async (bytes: Uint8Array) =>
    decodeSuiTransaction({ bytes, account, chain: 'sui:localnet', owned: await chain.owned({ bytes }) })

  async function mint(coinType: string, amount: bigint) {
    const { object } = await client.core.getObject({ objectId: ledger.mint(account, coinType, amount) })
    return { objectId: object.objectId, version: object.version, digest: object.digest, coinType }
  }

  /** A random transaction over freshly minted coins. */
  async function build(choose: (n: number) => number): Promise<Bytes> {
    const { coinType: _, ...gas } = await mint(SUI_TYPE, 1_000_000_000n)
    const coins = await Promise.all([SUI_TYPE, SUI_TYPE, USD_TYPE, USD_TYPE].map((coinType) => mint(coinType, 5_000n)))
    const tx = randomSuiTransaction({ choose, people: [account, BOB, CAROL], coins })
    tx.setSender(account)
    tx.setGasBudget(10_000_000n)
    tx.setGasPrice(1_000)
    tx.setGasPayment([gas])
    return copyBytes(await tx.build())
  }
  return { client, signer, account, decode, build }
}

type Change = { readonly address: string; readonly coinType: string; readonly amount: string }

/**
 * What an intent does not account for: each loss of the account beyond its effects, and each gain of a person beyond the transfers to
 * them. The thief may gain what the account allowed it, and what it has of itself.
 */
function unaccounted(intent: Intent, changes: readonly Change[]): string[] {
  const isGenerous = intent.effects.some((effect) => effect.kind === 'call' && ['gift', 'add_to'].includes(effect.method))
  return changes.flatMap(({ address, coinType, amount }) => {
    const asset = suiAssetId('sui:localnet', coinType)
    const isSender = address === intent.account
    if (address === THIEF && isGenerous) return []
    let covered = 0n
    for (const effect of intent.effects) {
      if (!('asset' in effect) || effect.asset !== asset) continue
      if (effect.amount === undefined) return []
      if (isSender || (effect.kind === 'transfer' && effect.to === address)) covered += effect.amount
      if (!isSender && effect.kind === 'allow' && effect.spender === address) covered += effect.amount
    }
    const moved = isSender ? -BigInt(amount) : BigInt(amount)
    return moved > covered ? [`${address}: ${moved} of ${coinType}, ${covered} decoded`] : []
  })
}

const isVouchedFor = (intent: Intent) => intent.effects.every(({ kind }) => kind !== 'unknown')

describe('what is decoded, and what the ledger does', () => {
  it(`decodes no less than what moves, in ${RUNS} random transactions (seed ${SEED})`, async () => {
    const { client, signer, account, decode, build } = openWorld()
    const choose = createChooser(SEED)
    const tally = { ran: 0, vouchedFor: 0, withCalls: 0, lost: 0, exact: 0 }
    for (let run = 0; run < RUNS; run++) {
      const bytes = await build(choose)
      const intent = await decode(bytes)
      const { signature } = await signer.signTransaction(bytes)
      const result = await client.core.executeTransaction({
        transaction: bytes,
        signatures: [signature],
        include: { balanceChanges: true },
      })
      if (result.Transaction === undefined) continue
      tally.ran++
      if (!isVouchedFor(intent)) continue
      tally.vouchedFor++
      const { balanceChanges } = result.Transaction
      expect({ seed: SEED, run, unaccounted: unaccounted(intent, balanceChanges) }).toEqual({ seed: SEED, run, unaccounted: [] })
      const calls = intent.effects.filter(({ kind }) => kind === 'call').length
      if (calls > 0) tally.withCalls++
      if (balanceChanges.some(({ address, coinType, amount }) => address === account && coinType === USD_TYPE && BigInt(amount) < 0n))
        tally.lost++
      // Without code in it, a transaction gives exactly what was decoded.
      if (calls > 0) continue
      const gained = (to: string, coinType: string) =>
        balanceChanges.reduce(
          (sum, change) => (change.address === to && change.coinType === coinType ? sum + BigInt(change.amount) : sum),
          0n,
        )
      for (const to of [BOB, CAROL, THIEF]) {
        for (const coinType of [SUI_TYPE, USD_TYPE]) {
          const asset = suiAssetId('sui:localnet', coinType)
          const decoded = intent.effects.reduce(
            (sum, effect) => (effect.kind === 'transfer' && effect.to === to && effect.asset === asset ? sum + effect.amount : sum),
            0n,
          )
          // The gas coin given away pays for gas first.
          const isAll = gained(account, SUI_TYPE) <= -500_000_000n
          if (!isAll || coinType !== SUI_TYPE)
            expect({ seed: SEED, run, to, gained: gained(to, coinType) }).toEqual({ seed: SEED, run, to, gained: decoded })
        }
      }
      tally.exact++
    }
    // Else it would have shown nothing.
    expect(tally.ran).toBeGreaterThan(RUNS / 2)
    expect(tally.vouchedFor).toBeGreaterThan(RUNS / 5)
    expect(tally.withCalls).toBeGreaterThan(RUNS / 20)
    expect(tally.lost).toBeGreaterThan(RUNS / 10)
    expect(tally.exact).toBeGreaterThan(RUNS / 10)
    if (process.env['CHAIN_SUI_RUNS'] !== undefined) process.stdout.write(`chain-sui ${JSON.stringify({ seed: SEED, ...tally })}\n`)
  }, 300_000)

  it(`decodes no less than what would move, in ${RUNS * 3} damaged transactions (seed ${SEED})`, async () => {
    const { client, decode, build } = openWorld()
    const choose = createChooser(SEED + 1)
    const tally = { ran: 0, vouchedFor: 0 }
    for (let run = 0; run < RUNS * 3; run++) {
      const whole = await (run % 20 === 0 ? build(choose) : cached(build, choose, run))
      const bytes = choose(4) === 0 ? mutate([whole], choose) : bend(whole, choose)
      let intent: Intent
      try {
        intent = await decode(bytes)
      } catch (error) {
        if (!isLocketError(error)) throw new Error(`seed ${SEED}, run ${run}: ${toHex(bytes)}`, { cause: error })
        continue
      }
      const result = await client.core.simulateTransaction({ transaction: bytes, include: { balanceChanges: true } }).catch(() => undefined)
      if (result?.Transaction === undefined) continue
      tally.ran++
      if (!isVouchedFor(intent)) continue
      tally.vouchedFor++
      const left = unaccounted(intent, result.Transaction.balanceChanges)
      expect({ seed: SEED, run, bytes: left.length > 0 ? toHex(bytes) : '', left }).toEqual({ seed: SEED, run, bytes: '', left: [] })
    }
    expect(tally.ran).toBeGreaterThan(RUNS / 4)
    expect(tally.vouchedFor).toBeGreaterThan(RUNS / 10)
  }, 300_000)
})

type Command = typeof bcs.Command.$inferType
type Argument = typeof bcs.Argument.$inferType

/** A transaction that still reads, with up to three arguments, inputs or commands in each other's place. */
function bend(whole: Bytes, choose: (n: number) => number): Bytes {
  const { V1: data } = bcs.TransactionData.parse(whole)
  const { inputs = [], commands = [] } = data.kind.ProgrammableTransaction ?? {}
  const swap = <T>(items: T[]) => {
    const [a, b] = [choose(items.length), choose(items.length)]
    ;[items[a], items[b]] = [items[b] as T, items[a] as T]
  }
  const argument = (): Argument => {
    const kind = choose(4)
    if (kind === 0) return { $kind: 'GasCoin', GasCoin: true }
    if (kind === 1) return { $kind: 'Input', Input: choose(inputs.length) }
    return { $kind: 'NestedResult', NestedResult: [choose(commands.length), choose(2)] }
  }
  for (let left = 1 + choose(3); left > 0 && commands.length > 0 && inputs.length > 0; left--) {
    const command = commands[choose(commands.length)] as Command
    const lists = [
      command.MoveCall?.arguments,
      command.TransferObjects?.objects,
      command.SplitCoins?.amounts,
      command.MergeCoins?.sources,
      command.MakeMoveVec?.elements,
    ].filter((list) => list !== undefined)
    switch (choose(4)) {
      case 0:
        swap(inputs)
        break
      case 1:
        swap(commands)
        break
      case 2:
        if (command.TransferObjects !== undefined && choose(2) === 0) command.TransferObjects.address = argument()
        else if (command.SplitCoins !== undefined) command.SplitCoins.coin = argument()
        else if (command.MergeCoins !== undefined) command.MergeCoins.destination = argument()
        break
      default:
        for (const list of lists) if (list.length > 0) list[choose(list.length)] = argument()
    }
  }
  return copyBytes(bcs.TransactionData.serialize({ V1: data }).toBytes())
}

let last: Bytes | undefined
/** The transaction of this score of runs: built once, damaged often. */
async function cached(
  build: (choose: (n: number) => number) => Promise<Bytes>,
  choose: (n: number) => number,
  run: number,
): Promise<Bytes> {
  if (last === undefined || run % 20 === 1) last = await build(choose)
  return last
}
