import { LocketError } from './errors.ts'

/** Byte arrays as the whole library passes them: never backed by shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>

/** UTF-8 bytes of `text`. */
export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text)
}

/**
 * The text that UTF-8 `bytes` spell.
 *
 * @throws {LocketError} `codec/invalid` if the bytes are not well-formed UTF-8.
 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new LocketError('codec/invalid', { operation: 'core.fromUtf8', message: 'bytes are not well-formed UTF-8', cause })
  }
}

/** One array holding all `parts` in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}

/** A copy of `bytes` with a buffer of its own. */
export function copyBytes(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes)
}

/**
 * Whether two arrays hold the same bytes. Reads both to the end whatever they
 * hold; only a difference in length returns early.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

const HEX = '0123456789abcdef'

/** Lower-case hexadecimal, without a `0x` prefix. */
export function toHex(bytes: Uint8Array): string {
  let out = ''
  for (const byte of bytes) out += HEX.charAt(byte >> 4) + HEX.charAt(byte & 15)
  return out
}

/**
 * Bytes of a hexadecimal string, with or without `0x`.
 *
 * @throws {LocketError} `codec/invalid` on an odd length or a character that is not a hex digit.
 */
export function fromHex(text: string): Bytes {
  const digits = text.startsWith('0x') ? text.slice(2) : text
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) {
    throw new LocketError('codec/invalid', { operation: 'core.fromHex', message: 'not a hexadecimal string' })
  }
  const out = new Uint8Array(digits.length / 2)
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16)
  return out
}

/** Base64url without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/**
 * Bytes of a base64url string without padding (RFC 4648 section 5).
 *
 * @throws {LocketError} `codec/invalid` on any other character, padding, or stray trailing bits.
 */
export function fromBase64Url(text: string): Bytes {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw notBase64Url()
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const out = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) out[i] = binary.charCodeAt(i)
  if (toBase64Url(out) !== text) throw notBase64Url()
  return out
}

function notBase64Url(): LocketError {
  return new LocketError('codec/invalid', { operation: 'core.fromBase64Url', message: 'not a base64url string' })
}
