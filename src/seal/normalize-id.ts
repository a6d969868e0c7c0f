import { LocketError } from '../core/errors.ts'

/**
 * An object id or address as `0x` and 64 lower-case hex digits.
 *
 * @throws {LocketError} `usage/invalid-argument` naming `parameter`.
 */
export function normalizeId(id: string, parameter: string): string {
  const match = /^(?:0x)?([0-9a-fA-F]{1,64})$/.exec(id)
  if (match) return `0x${(match[1] as string).toLowerCase().padStart(64, '0')}`
  throw new LocketError('usage/invalid-argument', {
    operation: 'seal.normalizeId',
    message: `${parameter} is not an object id or address`,
    details: { parameter },
  })
}

/** A struct tag without type arguments, its address written in full. Other text comes back unchanged. */
export function normalizeTag(tag: string): string {
  const match = /^0x([0-9a-fA-F]{1,64})(::[A-Za-z_]\w*::[A-Za-z_]\w*)$/.exec(tag)
  return match ? `0x${(match[1] as string).toLowerCase().padStart(64, '0')}${match[2]}` : tag
}
