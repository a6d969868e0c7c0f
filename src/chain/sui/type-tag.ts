import { toHex } from '../../core/bytes.ts'
import type { ByteReader } from '../../core/byte-reader.ts'
import { LocketError } from '../../core/errors.ts'
import { isIdentifier } from './names.ts'

/** How deep Sui lets types nest (`max_type_argument_depth` of its protocol configuration). */
const MAX_DEPTH = 16

/** In the order of their numbers in `TypeTag` of move-core-types; a vector is 6, a struct 7. */
const PRIMITIVES = ['bool', 'u8', 'u64', 'u128', 'address', 'signer', '', '', 'u16', 'u32', 'u256']

/**
 * A Move type, in canonical spelling: full addresses, no spaces.
 *
 * @throws {LocketError} `codec/invalid`, `codec/truncated`
 */
export function readTypeTag(reader: ByteReader, operation: string, depth = 1): string {
  if (depth > MAX_DEPTH) throw new LocketError('codec/invalid', { operation, message: 'a type is nested too deeply' })
  const tag = reader.uleb()
  if (tag === 6) return `vector<${readTypeTag(reader, operation, depth + 1)}>`
  if (tag === 7) return readStructTag(reader, operation, depth)
  const name = PRIMITIVES[tag]
  if (name === undefined) throw new LocketError('codec/invalid', { operation, message: 'not a Move type' })
  return name
}

/**
 * A Move struct type, in canonical spelling.
 *
 * @throws {LocketError} `codec/invalid`, `codec/truncated`
 */
export function readStructTag(reader: ByteReader, operation: string, depth = 1): string {
  const name = `${readAddress(reader)}::${readIdentifier(reader, operation)}::${readIdentifier(reader, operation)}`
  const parameters: string[] = []
  for (let left = reader.uleb(); left > 0; left--) parameters.push(readTypeTag(reader, operation, depth + 1))
  return parameters.length === 0 ? name : `${name}<${parameters.join(',')}>`
}

/** An address or object id, as `0x` and 64 digits. */
export function readAddress(reader: ByteReader): string {
  return `0x${toHex(reader.take(32))}`
}

/**
 * The name of a module, type or function.
 *
 * @throws {LocketError} `codec/invalid` for anything but a Move identifier, so that no name can hide or reorder text.
 */
export function readIdentifier(reader: ByteReader, operation: string): string {
  const text = reader.text()
  if (!isIdentifier(text)) throw new LocketError('codec/invalid', { operation, message: 'not a Move identifier' })
  return text
}
