import type { Bytes } from '../../core/bytes.ts'
import { fromHex, toHex } from '../../core/bytes.ts'
import { LocketError } from '../../core/errors.ts'
import type { DatatypeType, MoveType } from './move-type.ts'
import { formatType } from './move-type.ts'
import { asAddress, asBool, asInteger, asStruct, asVector, integer, type MoveValue } from './value.ts'

/** The field types of a struct (one list) or an enum (one list per variant), type arguments filled in. */
export type Layout = { readonly isEnum: boolean; readonly variants: readonly (readonly MoveType[])[] }

/** Finds the layout of a struct or enum. */
export type LayoutOf = (type: DatatypeType) => Layout

/** BCS of `value`, which is of `type`. References are followed. */
export function encodeValue(value: MoveValue, type: MoveType, layoutOf: LayoutOf): Bytes {
  const out: number[] = []
  const write = (item: MoveValue, of: MoveType): void => {
    switch (of.kind) {
      case 'integer': {
        let rest = asInteger(item).value
        for (let i = 0; i < of.bits; i += 8, rest >>= 8n) out.push(Number(rest & 0xffn))
        return
      }
      case 'bool':
        out.push(asBool(item) ? 1 : 0)
        return
      case 'address':
      case 'signer':
        out.push(...fromHex(asAddress(item)))
        return
      case 'vector': {
        const { items } = asVector(item)
        writeLength(out, items.length)
        for (const element of items) write(element, of.element)
        return
      }
      case 'datatype': {
        const { fields, variant = 0 } = asStruct(item)
        const { isEnum, variants } = layoutOf(of)
        if (isEnum) writeLength(out, variant)
        variants[variant]?.forEach((type_, i) => write(fields[i] as MoveValue, type_))
        return
      }
      case 'reference':
        write(item, of.target)
        return
      default:
        throw new TypeError(`cannot encode ${formatType(of)}`)
    }
  }
  write(value, type)
  return Uint8Array.from(out)
}

/**
 * The value of `type` that `bytes` spell, strictly: shortest lengths, 0 or 1 for
 * a bool, nothing left over.
 *
 * @throws {LocketError} `codec/invalid`, `codec/truncated`, `codec/trailing-bytes`
 */
export function decodeValue(bytes: Uint8Array, type: MoveType, layoutOf: LayoutOf): MoveValue {
  let offset = 0
  const take = (count: number): Uint8Array => {
    if (offset + count > bytes.length) throw codecError('codec/truncated', type)
    offset += count
    return bytes.subarray(offset - count, offset)
  }
  const readLength = (): number => {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = take(1)[0] as number
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) {
        if ((byte === 0 && shift > 0) || value > 0xffff_ffff) break
        return value
      }
    }
    throw codecError('codec/invalid', type)
  }
  const read = (of: MoveType): MoveValue => {
    switch (of.kind) {
      case 'integer':
        return integer(
          of.bits,
          take(of.bits / 8).reduceRight((high, byte) => (high << 8n) | BigInt(byte), 0n),
        )
      case 'bool': {
        const byte = take(1)[0] as number
        if (byte > 1) throw codecError('codec/invalid', type)
        return { kind: 'bool', value: byte === 1 }
      }
      case 'address':
      case 'signer':
        return { kind: 'address', value: `0x${toHex(take(32))}` }
      case 'vector': {
        const items: MoveValue[] = []
        for (let left = readLength(); left > 0; left--) items.push(read(of.element))
        return { kind: 'vector', items }
      }
      case 'datatype': {
        const { isEnum, variants } = layoutOf(of)
        const variant = isEnum ? readLength() : 0
        const fields = variants[variant]
        if (fields === undefined) throw codecError('codec/invalid', type)
        return { kind: 'struct', ...(isEnum && { variant }), fields: fields.map(read) }
      }
      default:
        throw new TypeError(`cannot decode ${formatType(of)}`)
    }
  }
  const value = read(type)
  if (offset !== bytes.length) throw codecError('codec/trailing-bytes', type)
  return value
}

function writeLength(out: number[], length: number): void {
  let rest = length
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.push((rest % 0x80) | 0x80)
  out.push(rest)
}

function codecError(code: 'codec/invalid' | 'codec/truncated' | 'codec/trailing-bytes', type: MoveType): LocketError {
  return new LocketError(code, { operation: 'localnet.decodeValue', details: { type: formatType(type) } })
}
