import type { IntegerBits } from './move-type.ts'

/**
 * A Move value. Integers, booleans and addresses never change; vectors, structs
 * and variants are changed in place through references, and copied whenever
 * Move copies.
 */
export type MoveValue = IntegerValue | BoolValue | AddressValue | VectorValue | StructValue | Reference

export type IntegerValue = { readonly kind: 'integer'; readonly bits: IntegerBits; readonly value: bigint }
export type BoolValue = { readonly kind: 'bool'; readonly value: boolean }
export type AddressValue = { readonly kind: 'address'; readonly value: string }
export type VectorValue = { readonly kind: 'vector'; readonly items: MoveValue[] }
/** A struct, or the variant `variant` of an enum. */
export type StructValue = { readonly kind: 'struct'; readonly variant?: number | undefined; readonly fields: MoveValue[] }
/** A place that holds a value: a local, a field, an element, an object. */
export type Reference = { readonly kind: 'reference'; read(): MoveValue; write(value: MoveValue): void }

export const integer = (bits: IntegerBits, value: bigint): IntegerValue => ({ kind: 'integer', bits, value })
export const u64 = (value: bigint | number): IntegerValue => integer(64, BigInt(value))
export const bool = (value: boolean): BoolValue => ({ kind: 'bool', value })
export const address = (value: string): AddressValue => ({ kind: 'address', value })
export const struct = (...fields: MoveValue[]): StructValue => ({ kind: 'struct', fields })

/** A `vector<u8>`. */
export function bytesValue(bytes: Uint8Array): VectorValue {
  return { kind: 'vector', items: Array.from(bytes, (byte) => integer(8, BigInt(byte))) }
}

/** The place `places[index]`. */
export function referenceTo(places: MoveValue[], index: number): Reference {
  return {
    kind: 'reference',
    read: () => places[index] as MoveValue,
    write: (value) => {
      places[index] = value
    },
  }
}

/** What `value` refers to, or `value` itself. */
function dereference(value: MoveValue): Exclude<MoveValue, Reference> {
  let at = value
  while (at.kind === 'reference') at = at.read()
  return at
}

/** A copy that shares nothing changeable with `value`. References copy as references. */
export function copyValue(value: MoveValue): MoveValue {
  if (value.kind === 'vector') return { kind: 'vector', items: value.items.map(copyValue) }
  if (value.kind === 'struct') return { ...value, fields: value.fields.map(copyValue) }
  return value
}

/** Move's `==`: by value, through references. */
export function equalValues(left: MoveValue, right: MoveValue): boolean {
  const a = dereference(left)
  const b = dereference(right)
  if (a.kind === 'vector' && b.kind === 'vector') return equalLists(a.items, b.items)
  if (a.kind === 'struct' && b.kind === 'struct') return a.variant === b.variant && equalLists(a.fields, b.fields)
  if (a.kind === 'integer' && b.kind === 'integer') return a.value === b.value
  if (a.kind === 'bool' && b.kind === 'bool') return a.value === b.value
  if (a.kind === 'address' && b.kind === 'address') return a.value === b.value
  throw new TypeError(`cannot compare ${a.kind} with ${b.kind}`)
}

const equalLists = (a: readonly MoveValue[], b: readonly MoveValue[]): boolean =>
  a.length === b.length && a.every((item, i) => equalValues(item, b[i] as MoveValue))

// The bytecode was verified when it was compiled, so a wrong kind is a fault of
// the interpreter and never of the program.
const wrongKind = (wanted: string, got: MoveValue): TypeError => new TypeError(`expected ${wanted}, got ${got.kind}`)

export function asInteger(value: MoveValue): IntegerValue {
  const at = dereference(value)
  if (at.kind !== 'integer') throw wrongKind('an integer', at)
  return at
}

export function asBool(value: MoveValue): boolean {
  const at = dereference(value)
  if (at.kind !== 'bool') throw wrongKind('a bool', at)
  return at.value
}

export function asAddress(value: MoveValue): string {
  const at = dereference(value)
  if (at.kind !== 'address') throw wrongKind('an address', at)
  return at.value
}

export function asVector(value: MoveValue): VectorValue {
  const at = dereference(value)
  if (at.kind !== 'vector') throw wrongKind('a vector', at)
  return at
}

export function asStruct(value: MoveValue): StructValue {
  const at = dereference(value)
  if (at.kind !== 'struct') throw wrongKind('a struct', at)
  return at
}

export function asReference(value: MoveValue): Reference {
  if (value.kind !== 'reference') throw wrongKind('a reference', value)
  return value
}

/** The bytes of a `vector<u8>`. */
export function asBytes(value: MoveValue): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(asVector(value).items, (item) => Number(asInteger(item).value))
}

/** The field at `index` of a struct. */
export function field(value: MoveValue, index: number): MoveValue {
  const found = asStruct(value).fields[index]
  if (found === undefined) throw wrongKind(`a struct with field ${index}`, value)
  return found
}

/** The id of an object: its first field is a `UID { id: ID { bytes } }`. */
export function objectIdOf(value: MoveValue): string {
  return asAddress(field(field(field(value, 0), 0), 0))
}
