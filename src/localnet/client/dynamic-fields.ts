import type { SuiClientTypes } from '@mysten/sui/client'
import { bcs } from '@mysten/sui/bcs'
import { deriveDynamicFieldID, normalizeStructTag, parseStructTag } from '@mysten/sui/utils'
import { copyBytes } from '../../core/bytes.ts'
import type { LedgerObject } from '../ledger/types.ts'

/**
 * A `Field<Name, Value>` object as `listDynamicFields` reports it.
 *
 * Where the name ends and the value begins is not written down on chain; the
 * one split whose name hashes to the object's own id is the right one.
 */
export function toDynamicField(parent: string, field: LedgerObject): SuiClientTypes.DynamicFieldEntry | undefined {
  const tag = parseStructTag(field.type)
  if (tag.module !== 'dynamic_field' || tag.name !== 'Field') return undefined
  const [name, value] = tag.typeParams
  if (name === undefined || value === undefined) return undefined
  const nameType = typeof name === 'string' ? name : normalizeStructTag(name)
  const valueType = typeof value === 'string' ? value : normalizeStructTag(value)
  const body = field.contents.subarray(32)
  let length = 0
  while (length <= body.length && deriveDynamicFieldID(parent, nameType, body.subarray(0, length)) !== field.id) length++
  if (length > body.length) return undefined
  const entry = {
    fieldId: field.id,
    type: field.type,
    name: { type: nameType, bcs: copyBytes(body.subarray(0, length)) },
    valueType,
  }
  const isObject = typeof name !== 'string' && name.module === 'dynamic_object_field' && name.name === 'Wrapper'
  return isObject
    ? { ...entry, $kind: 'DynamicObject', childId: bcs.Address.parse(body.subarray(length)) }
    : { ...entry, $kind: 'DynamicField' }
}
