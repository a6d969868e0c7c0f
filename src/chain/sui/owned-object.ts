import { toBase58 } from '@mysten/bcs'
import { blake2b } from '@noble/hashes/blake2.js'
import { byteReader } from '../../core/byte-reader.ts'
import { concatBytes, toHex, utf8 } from '../../core/bytes.ts'
import { LocketError } from '../../core/errors.ts'
import { SUI_TYPE } from './names.ts'
import type { ObjectRef } from './transaction-data.ts'
import { readStructTag, readTypeTag } from './type-tag.ts'

/**
 * What a signer knows for certain of one version of an object of its account. It counts only for
 * a transaction that names the same id, version and digest.
 */
export type OwnedObject = ObjectRef & {
  /** `undefined` says that it is no coin. `balance` is in base units. */
  readonly coin: { readonly coinType: string; readonly balance: bigint } | undefined
}

const OPERATION = 'chain.sui.decodeOwnedObject'

/**
 * What an object is, from its BCS bytes as a full node gives them (`objectBcs`), `ObjectInner` of
 * `sui-types/src/object.rs`. The digest is computed from the bytes: where a transaction names
 * it, the full node's word is not needed.
 *
 * @throws {LocketError} `codec/invalid` also for a package; `codec/truncated`
 */
export function decodeOwnedObject(objectBcs: Uint8Array): OwnedObject {
  const reader = byteReader(objectBcs, OPERATION)
  if (reader.uleb() !== 0) throw invalid('not a Move object')
  const coinType = readCoinType()
  reader.flag()
  const version = reader.u64()
  const contents = reader.take(reader.uleb())
  if (contents.length < 32) throw invalid('an object begins with its id')
  const objectId = `0x${toHex(contents.subarray(0, 32))}`
  const digest = toBase58(blake2b(concatBytes(utf8('Object::'), objectBcs), { dkLen: 32 }))
  if (coinType === undefined) return { objectId, version, digest, coin: undefined }
  const value = byteReader(contents.subarray(32), OPERATION)
  const balance = value.u64()
  value.end()
  return { objectId, version, digest, coin: { coinType, balance } }

  function readCoinType(): string | undefined {
    const kind = reader.uleb()
    if (kind === 1) return SUI_TYPE
    if (kind === 3) return readTypeTag(reader, OPERATION)
    if (kind > 4) throw invalid('not a kind of object')
    if (kind !== 0) return undefined
    const type = readStructTag(reader, OPERATION)
    // Coins have kinds of their own; one in disguise must not pass for something that holds nothing.
    if (/^0x0{63}2::coin::Coin</.test(type)) throw invalid('a coin is spelled as another object')
    return undefined
  }
}

function invalid(message: string): LocketError {
  return new LocketError('codec/invalid', { operation: OPERATION, message })
}
