import { bcs, TypeTagSerializer } from '@mysten/sui/bcs'
import { toBase58 } from '@mysten/sui/utils'
import { blake2b } from '@noble/hashes/blake2.js'
import { concatBytes, utf8, type Bytes } from '../../core/bytes.ts'
import { coinTypeOf, SUI_COIN, ZERO_DIGEST } from './framework.ts'
import type { LedgerObject, Owner } from './types.ts'

type OwnerInput = typeof bcs.Owner.$inferInput
type MoveTypeInput = typeof bcs.MoveObjectType.$inferInput

/** An owner in the SDK's BCS shape. */
export function toBcsOwner(owner: Owner): OwnerInput {
  switch (owner.kind) {
    case 'address':
      return { AddressOwner: owner.address }
    case 'object':
      return { ObjectOwner: owner.parent }
    case 'shared':
      return { Shared: { initialSharedVersion: owner.initialVersion } }
    case 'immutable':
      return { Immutable: true }
  }
}

/**
 * An object's BCS envelope (`sui-types/src/object.rs`, `ObjectInner`).
 * Deviation: `hasPublicTransfer` is always true and the storage rebate 0, because
 * the ledger knows neither; digests therefore agree with themselves, not with mainnet.
 */
export function encodeObject(object: LedgerObject): Bytes {
  return bcs.Object.serialize({
    data: {
      Move: {
        type: moveType(object.type),
        hasPublicTransfer: true,
        version: object.version,
        contents: object.contents,
      },
    },
    owner: toBcsOwner(object.owner),
    previousTransaction: object.previousTransaction ?? ZERO_DIGEST,
    storageRebate: 0n,
  }).toBytes()
}

/** blake2b-256 of `Object::` and the envelope, in base58. */
export function objectDigest(object: LedgerObject): string {
  return toBase58(blake2b(concatBytes(utf8('Object::'), encodeObject(object)), { dkLen: 32 }))
}

function moveType(type: string): MoveTypeInput {
  const coin = coinTypeOf(type)
  if (coin === SUI_COIN) return { GasCoin: true }
  if (coin !== undefined) return { Coin: coin }
  const tag = TypeTagSerializer.parseFromStr(type, true)
  if (!('struct' in tag)) throw new TypeError(`not a struct tag: ${type}`)
  return { Other: tag.struct }
}
