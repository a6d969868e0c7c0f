import { type Bytes, concatBytes, fromHex, utf8 } from '../../core/bytes.ts'
import { LocketError } from '../../core/errors.ts'

/** Bit widths of Move's unsigned integers. */
export type IntegerBits = 8 | 16 | 32 | 64 | 128 | 256

/** A struct or enum type, its parameters filled in. `address` is `0x` and 64 hex digits. */
export type DatatypeType = {
  readonly kind: 'datatype'
  readonly address: string
  readonly module: string
  readonly name: string
  readonly typeArguments: readonly MoveType[]
}

/** A Move type. `parameter` occurs in generic code only and is filled in before a value of it is touched. */
export type MoveType =
  | { readonly kind: 'integer'; readonly bits: IntegerBits }
  | { readonly kind: 'bool' | 'address' | 'signer' }
  | { readonly kind: 'vector'; readonly element: MoveType }
  | DatatypeType
  | { readonly kind: 'reference'; readonly isMutable: boolean; readonly target: MoveType }
  | { readonly kind: 'parameter'; readonly index: number }

/** An address as the localnet writes it: `0x` and 64 lower-case hex digits. */
export function normalizeAddress(address: string): string {
  const digits = address.replace(/^0x/i, '').toLowerCase()
  if (!/^[0-9a-f]{1,64}$/.test(digits)) throw notAType(address)
  return `0x${digits.padStart(64, '0')}`
}

/** `type` with each type parameter replaced by the argument at its index. */
export function substitute(type: MoveType, typeArguments: readonly MoveType[]): MoveType {
  switch (type.kind) {
    case 'vector':
      return { kind: 'vector', element: substitute(type.element, typeArguments) }
    case 'reference':
      return { ...type, target: substitute(type.target, typeArguments) }
    case 'datatype':
      if (type.typeArguments.length === 0) return type
      return { ...type, typeArguments: type.typeArguments.map((argument) => substitute(argument, typeArguments)) }
    case 'parameter':
      return typeArguments[type.index] ?? type
    default:
      return type
  }
}

/**
 * The normalised tag of a type: addresses in full, no spaces, `T0`, `T1`, … for
 * type parameters. Two types are equal exactly when their tags are. A
 * reference is written as the type it refers to.
 */
export function formatType(type: MoveType): string {
  switch (type.kind) {
    case 'integer':
      return `u${type.bits}`
    case 'vector':
      return `vector<${formatType(type.element)}>`
    case 'datatype': {
      const name = `${type.address}::${type.module}::${type.name}`
      return type.typeArguments.length === 0 ? name : `${name}<${type.typeArguments.map(formatType).join(',')}>`
    }
    case 'reference':
      return formatType(type.target)
    case 'parameter':
      return `T${type.index}`
    default:
      return type.kind
  }
}

/**
 * The type a tag names. Addresses may be short; spaces are ignored.
 *
 * @throws {LocketError} `usage/invalid-argument` if it is not a type tag.
 */
export function parseType(tag: string): MoveType {
  const tokens = tag.match(/[A-Za-z0-9_]+|::|[<>,]|\S/g) ?? []
  let position = 0
  const take = (expected: string): void => {
    if (tokens[position++] !== expected) throw notAType(tag)
  }
  const identifier = (): string => {
    const token = tokens[position++]
    if (token === undefined || !/^\w+$/.test(token)) throw notAType(tag)
    return token
  }
  const argumentsOf = (): MoveType[] => {
    const found: MoveType[] = []
    if (tokens[position] !== '<') return found
    do {
      position++
      found.push(one())
    } while (tokens[position] === ',')
    take('>')
    return found
  }
  const one = (): MoveType => {
    const head = identifier()
    const integer = /^u(8|16|32|64|128|256)$/.exec(head)
    if (integer !== null) return { kind: 'integer', bits: Number(integer[1]) as IntegerBits }
    if (head === 'bool' || head === 'address' || head === 'signer') return { kind: head }
    if (head === 'vector') {
      const [element, ...more] = argumentsOf()
      if (element === undefined || more.length > 0) throw notAType(tag)
      return { kind: 'vector', element }
    }
    const address = normalizeAddress(head)
    take('::')
    const module = identifier()
    take('::')
    const name = identifier()
    return { kind: 'datatype', address, module, name, typeArguments: argumentsOf() }
  }
  const type = one()
  if (position !== tokens.length) throw notAType(tag)
  return type
}

const INTEGER_TAGS: Readonly<Record<IntegerBits, number>> = { 8: 1, 16: 8, 32: 9, 64: 2, 128: 3, 256: 10 }

/** The BCS of a type as Sui's `TypeTag`, which dynamic field ids are derived from. */
export function encodeTypeTag(type: MoveType): Bytes {
  switch (type.kind) {
    case 'bool':
      return Uint8Array.of(0)
    case 'address':
      return Uint8Array.of(4)
    case 'signer':
      return Uint8Array.of(5)
    case 'integer':
      return Uint8Array.of(INTEGER_TAGS[type.bits])
    case 'vector':
      return concatBytes(Uint8Array.of(6), encodeTypeTag(type.element))
    case 'datatype':
      return concatBytes(
        Uint8Array.of(7),
        fromHex(type.address),
        withLength(utf8(type.module)),
        withLength(utf8(type.name)),
        Uint8Array.of(type.typeArguments.length),
        ...type.typeArguments.map(encodeTypeTag),
      )
    default:
      throw notAType(formatType(type))
  }
}

// Identifiers are at most 127 bytes long, type arguments fewer: one length byte is enough.
const withLength = (bytes: Uint8Array): Bytes => concatBytes(Uint8Array.of(bytes.length), bytes)

function notAType(tag: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation: 'localnet.parseType', message: `not a Move type: ${tag}` })
}
