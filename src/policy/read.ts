import { LocketError } from '../core/errors.ts'
import { canonicalText } from './canonical.ts'
import { isDeceptive } from './recipient.ts'

/** Reading a value nobody vouches for, field by field. Each throws `policy/invalid` with the path of what is wrong. */

export function invalid(path: string, message: string, cause?: unknown): LocketError {
  return new LocketError('policy/invalid', {
    operation: 'policy.parse',
    message: `${path || 'the policy'} ${message}`,
    details: { path },
    cause,
  })
}

/** An object with exactly these fields; those after `?` may be missing. */
export function recordOf(value: unknown, path: string, fields: readonly string[]): { readonly [name: string]: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(path, 'is not an object')
  for (const name of Object.keys(value)) {
    if (!fields.includes(name) && !fields.includes(`?${name}`)) throw invalid(at(path, name), 'is not known')
  }
  for (const name of fields) if (!name.startsWith('?') && !Object.hasOwn(value, name)) throw invalid(at(path, name), 'is missing')
  return value as { readonly [name: string]: unknown }
}

export function at(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** Printable, of at most `maxChars`: what a person can read in a reason. */
export function textOf(value: unknown, path: string, maxChars: number = 128): string {
  if (typeof value !== 'string' || value === '' || value.length > maxChars)
    throw invalid(path, `is not a text of 1 to ${maxChars} characters`)
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(value)) throw invalid(path, 'has a character that cannot be seen')
  return value
}

export function oneOf<T extends string>(value: unknown, path: string, choices: readonly T[]): T {
  if (!choices.includes(value as T)) throw invalid(path, `is none of ${choices.join(', ')}`)
  return value as T
}

export function wholeOf(value: unknown, path: string, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
    throw invalid(path, `is not a whole number from ${least} to ${most}`)
  }
  // No second spelling of zero.
  return (value as number) + 0
}

/** A bigint, or its decimal digits as JSON has them, of at most `most` and no sign unless `isSigned`. */
export function amountOf(value: unknown, path: string, most: bigint, isSigned: boolean = false): bigint {
  if (typeof value !== 'bigint' && !(typeof value === 'string' && value.length <= 80 && /^(?:0|-?[1-9][0-9]*)$/.test(value)))
    throw invalid(path, 'is not a whole number in decimal digits')
  const amount = BigInt(value)
  if (amount > most || amount < (isSigned ? -most : 0n)) throw invalid(path, 'is out of range')
  return amount
}

export function listOf<T>(value: unknown, path: string, most: number, read: (item: unknown, path: string) => T): readonly T[] {
  if (!Array.isArray(value) || value.length > most) throw invalid(path, `is not a list of at most ${most}`)
  return value.map((item, index) => read(item, `${path}[${index}]`))
}

/** A list whose order says nothing: sorted, so that equal sets are equal, and not empty. */
export function setOf<T extends string | number>(value: unknown, path: string, read: (item: unknown, path: string) => T): readonly T[] {
  const items = listOf(value, path, 1_000, read)
  if (items.length === 0) throw invalid(path, 'is empty')
  if (new Set(items).size !== items.length) throw invalid(path, 'names something twice')
  return items.toSorted((a, b) => (a < b ? -1 : 1))
}

/** An address or a name in its one spelling. A hexadecimal one is whole: 20 or 32 bytes. */
export function readAddress(value: unknown, path: string): string {
  const address = canonicalText(textOf(value, path, 256))
  if (address.startsWith('0x') && !/^0x(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(address)) throw invalid(path, 'is not a whole address')
  if (isDeceptive(address)) throw invalid(path, 'mixes scripts or has characters that look like others')
  return address
}
