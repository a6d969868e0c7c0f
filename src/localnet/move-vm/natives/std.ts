import { sha3_256 } from '@noble/hashes/sha3.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8 } from '../../../core/bytes.ts'
import { formatType } from '../move-type.ts'
import * as values from '../value.ts'
import { encodeValue } from '../value-bcs.ts'
import { argument, type Native, typeArgument } from './native.ts'

/** Natives of the Move standard library, package 0x1. */
export const STD_NATIVES: Readonly<Record<string, Native>> = {
  'bcs::to_bytes': (call) => [values.bytesValue(encodeValue(argument(call, 0), typeArgument(call, 0), call.session.store.layoutOf))],
  'hash::sha2_256': (call) => [values.bytesValue(sha256(values.asBytes(argument(call, 0))))],
  'hash::sha3_256': (call) => [values.bytesValue(sha3_256(values.asBytes(argument(call, 0))))],

  'string::internal_check_utf8': (call) => [values.bool(isUtf8(values.asBytes(argument(call, 0))))],
  'string::internal_is_char_boundary': (call) => {
    const bytes = values.asBytes(argument(call, 0))
    const index = Number(values.asInteger(argument(call, 1)).value)
    // A continuation byte is 10xxxxxx: no character begins there.
    const boundary = index === bytes.length || (index < bytes.length && ((bytes[index] as number) & 0xc0) !== 0x80)
    return [values.bool(boundary)]
  },
  'string::internal_sub_string': (call) => {
    const [from, to] = [1, 2].map((i) => Number(values.asInteger(argument(call, i)).value))
    return [values.bytesValue(values.asBytes(argument(call, 0)).subarray(from, to))]
  },
  'string::internal_index_of': (call) => {
    const [text, wanted] = [0, 1].map((i) => values.asBytes(argument(call, i))) as [Uint8Array, Uint8Array]
    let at = 0
    while (at + wanted.length <= text.length && wanted.some((byte, i) => text[at + i] !== byte)) at++
    // Move answers with the length when there is no match.
    return [values.u64(at + wanted.length <= text.length ? at : text.length)]
  },

  // No package of the localnet is ever upgraded in place, so a type's defining and original ids are one.
  'type_name::with_defining_ids': (call) => [typeName(call)],
  'type_name::with_original_ids': (call) => [typeName(call)],
  'type_name::defining_id': (call) => [typeAddress(call)],
  'type_name::original_id': (call) => [typeAddress(call)],
}

/** `TypeName { name: String { bytes } }`; addresses without `0x`. */
const typeName: (call: Parameters<Native>[0]) => values.MoveValue = (call) =>
  values.struct(values.struct(values.bytesValue(utf8(formatType(typeArgument(call, 0)).replaceAll('0x', '')))))

/** Code 0 is `ENonModuleType`. */
const typeAddress: (call: Parameters<Native>[0]) => values.MoveValue = (call) => {
  const type = typeArgument(call, 0)
  return type.kind === 'datatype' ? values.address(type.address) : call.abort(0)
}

/** Whether `bytes` are well-formed UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
