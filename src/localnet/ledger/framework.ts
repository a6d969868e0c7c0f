import { bcs, TypeTagSerializer } from '@mysten/sui/bcs'
import { normalizeStructTag, normalizeSuiAddress } from '@mysten/sui/utils'
import type { Bytes } from '../../core/bytes.ts'

/** `0x` and 64 hex digits. */
export const normalizeId: (id: string) => string = normalizeSuiAddress

/** The Sui framework package. */
export const SUI_FRAMEWORK: string = normalizeSuiAddress('0x2')

/** The shared clock object. */
export const CLOCK_ID: string = normalizeSuiAddress('0x6')

export const CLOCK_TYPE: string = normalizeStructTag('0x2::clock::Clock')

export const SUI_COIN: string = normalizeStructTag('0x2::sui::SUI')

/** Object digests and previous transactions of genesis: 32 zero bytes in base58. */
export const ZERO_DIGEST: string = '1'.repeat(32)

const COIN_PREFIX = `${SUI_FRAMEWORK}::coin::Coin<`

/** A type tag as the localnet compares them: full addresses, no spaces. */
export function normalizeType(type: string): string {
  return TypeTagSerializer.tagToString(TypeTagSerializer.parseFromStr(type.replaceAll(' ', ''), true)).replaceAll(' ', '')
}

/** `Coin<coinType>`. */
export function coinObjectType(coinType: string): string {
  return `${COIN_PREFIX}${normalizeType(coinType)}>`
}

/** The `T` of an object type `Coin<T>`, or `undefined` for any other type. */
export function coinTypeOf(objectType: string): string | undefined {
  return objectType.startsWith(COIN_PREFIX) ? objectType.slice(COIN_PREFIX.length, -1) : undefined
}

const Coin = bcs.struct('Coin', { id: bcs.Address, balance: bcs.u64() })

/** BCS of `0x2::coin::Coin<T>`. */
export function encodeCoin(id: string, balance: bigint): Bytes {
  return Coin.serialize({ id, balance }).toBytes()
}

/** The balance a `Coin<T>` object's contents hold, in base units. */
export function coinBalance(contents: Uint8Array): bigint {
  return BigInt(Coin.parse(contents).balance)
}

/** BCS of the `0x2::clock::Clock` object. */
export function encodeClock(timestampMs: number): Bytes {
  return bcs.struct('Clock', { id: bcs.Address, timestampMs: bcs.u64() }).serialize({ id: CLOCK_ID, timestampMs }).toBytes()
}

/** `0x2::dynamic_field::Field<nameType, valueType>`. */
export function fieldType(nameType: string, valueType: string): string {
  return normalizeStructTag(`0x2::dynamic_field::Field<${normalizeType(nameType)},${normalizeType(valueType)}>`)
}
