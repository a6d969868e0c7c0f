import { Inputs, Transaction } from '@mysten/sui/transactions'
import { toBase58 } from '@mysten/bcs'
import { copyBytes, type Bytes } from '../../src/core/bytes.ts'
import { decodeSuiTransaction } from '../../src/chain/sui/decode-sui-transaction.ts'
import { SUI_TYPE } from '../../src/chain/sui/names.ts'
import type { OwnedObject } from '../../src/chain/sui/owned-object.ts'
import type { Effect, Intent } from '../../src/policy/intent.ts'

/** An address with all its digits. */
export const addressOf = (n: number): string => `0x${n.toString(16).padStart(64, '0')}`
export const ALICE: string = addressOf(0xa11ce)
export const BOB: string = addressOf(0xb0b)
export const CAROL: string = addressOf(0xca401)
export const SPONSOR: string = addressOf(0x59)
export const SUI_ASSET = `sui:localnet/coin:${SUI_TYPE}`
export const USD_TYPE = `${addressOf(0xcafe)}::usd::USD`
export const USD_ASSET = `sui:localnet/coin:${USD_TYPE}`

const GAS_BUDGET = 10_000_000n
export const FEE: Effect = { kind: 'fee', asset: SUI_ASSET, amount: GAS_BUDGET }

const refOf = (n: number) => ({ objectId: addressOf(n), version: 7n, digest: toBase58(new Uint8Array(32).fill(n)) })
/** What the signer knows of object `n`: a coin, or nothing that holds coins. */
export const ownedCoin = (n: number, coinType: string, balance: bigint): OwnedObject => ({ ...refOf(n), coin: { coinType, balance } })
export const ownedThing = (n: number): OwnedObject => ({ ...refOf(n), coin: undefined })
/** Object `n` as an input. */
export const owned = (tx: Transaction, n: number) => {
  const { objectId, digest } = refOf(n)
  return tx.object(Inputs.ObjectRef({ objectId, digest, version: '7' }))
}

export const GAS = 0x9a5

/** Alice's transaction, by the real builder, without a full node: the gas coin is object {@link GAS}. */
export async function built(fill: (tx: Transaction) => void): Promise<Bytes> {
  const tx = new Transaction()
  tx.setSender(ALICE)
  tx.setGasBudget(GAS_BUDGET)
  tx.setGasPrice(1000)
  tx.setGasPayment([{ ...refOf(GAS), version: '7' }])
  fill(tx)
  return copyBytes(await tx.build())
}

export async function intentOf(fill: (tx: Transaction) => void, facts: readonly OwnedObject[] = []): Promise<Intent> {
  return decodeSuiTransaction({ bytes: await built(fill), account: ALICE, chain: 'sui:localnet', owned: facts })
}

/** The effects without the fee, which is always last. */
export async function effectsOf(fill: (tx: Transaction) => void, facts: readonly OwnedObject[] = []): Promise<readonly Effect[]> {
  const { effects } = await intentOf(fill, facts)
  return effects.filter(({ kind }) => kind !== 'fee')
}

/** The reasons why it cannot be vouched for. */
export async function reasonsOf(fill: (tx: Transaction) => void, facts: readonly OwnedObject[] = []): Promise<readonly string[]> {
  return (await effectsOf(fill, facts)).flatMap((effect) => (effect.kind === 'unknown' ? [effect.reason] : []))
}
