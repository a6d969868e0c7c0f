import { LocketError } from './errors.ts'

/** Byte arrays as the whole library passes them: never backed by shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>

// PERF: made once, by the first to need them; making one costs as much as spelling a short text.
let encoder: TextEncoder | undefined
let decoder: TextDecoder | undefined

/** UTF-8 bytes of `text`. */
export function utf8(text: string): Bytes {
  return (encoder ??= new TextEncoder()).encode(text)
}

/**
 * The text that UTF-8 `bytes` spell.
 *
 * @throws {LocketError} `codec/invalid` if the bytes are not well-formed UTF-8.
 */
export function fromUtf8(bytes: Uint8Array): string {
  // PERF: asking the platform costs more than spelling a short ASCII text.
  if (bytes.length <= 32) {
    let text = ''
    for (const byte of bytes) {
      if (byte > 127) break
      text += String.fromCharCode(byte)
    }
    if (text.length === bytes.length) return text
  }
  try {
    return (decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })).decode(bytes)
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
  const start = text.startsWith('0x') ? 2 : 0
  const out = new Uint8Array(Math.floor((text.length - start) / 2))
  let wrong = (text.length - start) % 2
  for (let i = 0; i < out.length; i++) {
    const high = hexDigit(text.charCodeAt(start + 2 * i))
    const low = hexDigit(text.charCodeAt(start + 2 * i + 1))
    wrong |= (high | low) & 0x100
    out[i] = (high << 4) | low
  }
  if (wrong !== 0) throw new LocketError('codec/invalid', { operation: 'core.fromHex', message: 'not a hexadecimal string' })
  return out
}

/** The value of a digit; 0x100 for any other character. */
function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : 0x100
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Base64url without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  let out = ''
  let carry = 0
  let bits = 0
  for (const byte of bytes) {
    carry = (carry << 8) | byte
    for (bits += 8; bits >= 6; bits -= 6) out += BASE64URL.charAt((carry >> (bits - 6)) & 63)
    carry &= 63
  }
  return bits === 0 ? out : out + BASE64URL.charAt((carry << (6 - bits)) & 63)
}

/**
 * Bytes of a base64url string without padding (RFC 4648 section 5).
 *
 * @throws {LocketError} `codec/invalid` on any other character, padding, or stray trailing bits.
 */
export function fromBase64Url(text: string): Bytes {
  if (text.length % 4 === 1) throw notBase64Url()
  const out = new Uint8Array(Math.floor((text.length * 3) / 4))
  let carry = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const digit = base64Digit(text.charCodeAt(i))
    if (digit < 0) throw notBase64Url()
    carry = (carry << 6) | digit
    bits += 6
    if (bits < 8) continue
    bits -= 8
    out[at++] = carry >> bits
    carry &= 63
  }
  if ((carry & ((1 << bits) - 1)) !== 0) throw notBase64Url()
  return out
}

/** The value of a base64url digit; negative for any other character. */
function base64Digit(code: number): number {
  if (code >= 97 && code <= 122) return code - 71
  if (code >= 65 && code <= 90) return code - 65
  if (code >= 48 && code <= 57) return code + 4
  if (code === 45) return 62
  return code === 95 ? 63 : -1
}

function notBase64Url(): LocketError {
  return new LocketError('codec/invalid', { operation: 'core.fromBase64Url', message: 'not a base64url string' })
}
