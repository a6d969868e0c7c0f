import { blake2b } from '@noble/hashes/blake2.js'
import { concatBytes, fromHex, toHex } from '../../core/bytes.ts'
import { encodeTypeTag, type MoveType } from './move-type.ts'

/**
 * The object id of a dynamic field, as Sui derives it: blake2b-256 of 0xf0, the
 * parent's id, the length of the name as u64, the name's BCS, its type tag's BCS.
 */
export function dynamicFieldId(parent: string, nameType: MoveType, name: Uint8Array): string {
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(name.length), true)
  return `0x${toHex(blake2b(concatBytes(Uint8Array.of(0xf0), fromHex(parent), length, name, encodeTypeTag(nameType)), { dkLen: 32 }))}`
}
