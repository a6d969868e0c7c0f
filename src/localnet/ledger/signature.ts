import { bcs, type BcsType } from '@mysten/sui/bcs'
import type { SuiClientTypes } from '@mysten/sui/client'
import { parseStructTag } from '@mysten/sui/utils'
import { normalizeType } from './framework.ts'
import type { ParameterType } from './types.ts'

const TX_CONTEXT = normalizeType('0x2::tx_context::TxContext')
const PRIMITIVES = ['u8', 'u16', 'u32', 'u64', 'u128', 'u256', 'bool', 'address'] as const

/** A parameter's type with the call's type arguments in place of `T0`, `T1`, …. */
export function substitute(body: string, typeArguments: readonly string[]): string {
  const filled = body.replace(/(?<![:\w])T(\d+)\b/g, (whole, index: string) => typeArguments[Number(index)] ?? whole)
  return normalizeType(filled)
}

/** Parameters a caller supplies: all but `TxContext`, which the machine adds. */
export function callerParameters(parameters: readonly ParameterType[]): readonly ParameterType[] {
  return parameters.filter((parameter) => parameter.body !== 'TxContext' && !isTxContext(parameter.body))
}

function isTxContext(body: string): boolean {
  return body.endsWith('::tx_context::TxContext') && normalizeType(body) === TX_CONTEXT
}

/** A parameter as `CoreClient.getMoveFunction` reports it. */
export function toOpenSignature(parameter: ParameterType): SuiClientTypes.OpenSignature {
  return { reference: parameter.reference, body: toOpenBody(parameter.body.replaceAll(' ', '')) }
}

function toOpenBody(body: string): SuiClientTypes.OpenSignatureBody {
  const primitive = PRIMITIVES.find((name) => name === body)
  if (primitive !== undefined) return { $kind: primitive }
  const typeParameter = /^T(\d+)$/.exec(body)
  if (typeParameter !== null) return { $kind: 'typeParameter', index: Number(typeParameter[1]) }
  if (body.startsWith('vector<')) return { $kind: 'vector', vector: toOpenBody(body.slice(7, -1)) }
  const open = body.indexOf('<')
  const typeName = open < 0 ? body : body.slice(0, open)
  return {
    $kind: 'datatype',
    datatype: {
      typeName: normalizeType(typeName),
      typeParameters: open < 0 ? [] : splitTypes(body.slice(open + 1, -1)).map(toOpenBody),
    },
  }
}

/** The top-level, comma-separated parts of a type argument list. */
function splitTypes(list: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i < list.length; i++) {
    const char = list[i]
    if (char === '<') depth++
    else if (char === '>') depth--
    else if (char === ',' && depth === 0) {
      parts.push(list.slice(start, i))
      start = i + 1
    }
  }
  parts.push(list.slice(start))
  return parts
}

/**
 * How the bytes of a pure argument of `type` (fully substituted) must look, or
 * `undefined` if no pure argument can have that type.
 */
export function pureSchema(type: string): BcsType<unknown> | undefined {
  switch (type) {
    case 'u8':
      return bcs.u8() as BcsType<unknown>
    case 'u16':
      return bcs.u16() as BcsType<unknown>
    case 'u32':
      return bcs.u32() as BcsType<unknown>
    case 'u64':
      return bcs.u64() as BcsType<unknown>
    case 'u128':
      return bcs.u128() as BcsType<unknown>
    case 'u256':
      return bcs.u256() as BcsType<unknown>
    case 'bool':
      return bcs.bool() as BcsType<unknown>
    case 'address':
      return bcs.Address as BcsType<unknown>
    case 'vector<u8>':
      return bcs.byteVector() as unknown as BcsType<unknown>
  }
  if (type.startsWith('vector<')) {
    const element = pureSchema(type.slice(7, -1))
    return element && (bcs.vector(element) as unknown as BcsType<unknown>)
  }
  if (!type.includes('::')) return undefined
  const tag = parseStructTag(type)
  const name = `${BigInt(tag.address)}::${tag.module}::${tag.name}`
  if (name === '1::string::String' || name === '1::ascii::String') return bcs.string() as BcsType<unknown>
  if (name === '2::object::ID') return bcs.Address as BcsType<unknown>
  if (name === '1::option::Option') {
    const inner = pureSchema(type.slice(type.indexOf('<') + 1, -1))
    return inner && bcs.option(inner)
  }
  return undefined
}

/** Whether `bytes` are exactly one value of `schema`. */
export function isExactly(schema: BcsType<unknown>, bytes: Uint8Array): boolean {
  try {
    const again = schema.serialize(schema.parse(bytes)).toBytes()
    return again.length === bytes.length && again.every((byte, i) => byte === bytes[i])
  } catch {
    return false
  }
}

/** Whether a value of `type` may be used again after it was passed by value. */
export function hasCopy(type: string | undefined): boolean {
  return type === undefined || pureSchema(type) !== undefined
}
