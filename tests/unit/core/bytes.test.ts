import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, fromHex, toBase64Url, toHex } from '../../../src/core/bytes.ts'

const bytes = fc.uint8Array({ maxLength: 80 })
const invalid = expect.objectContaining({ code: 'codec/invalid' })

describe('hexadecimal', () => {
  it('is spelled as the platform spells it, and read back', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const text = toHex(value)
        expect(text).toBe(Buffer.from(value).toString('hex'))
        expect(fromHex(text)).toEqual(value)
        expect(fromHex(`0x${text.toUpperCase()}`)).toEqual(value)
      }),
    )
  })

  it('refuses an odd length and every character that is no digit', () => {
    expect(() => fromHex('abc')).toThrow(invalid)
    for (let code = 0; code < 0x300; code++) {
      const text = `0${String.fromCharCode(code)}`
      if (/^[0-9a-fA-F]{2}$/.test(text)) expect(toHex(fromHex(text))).toBe(text.toLowerCase())
      else if (text !== '0x') expect(() => fromHex(text), text).toThrow(invalid)
    }
  })
})

describe('base64url', () => {
  it('is spelled as the platform spells it, and read back', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const text = toBase64Url(value)
        expect(text).toBe(Buffer.from(value).toString('base64url'))
        expect(fromBase64Url(text)).toEqual(value)
      }),
    )
  })

  it('refuses padding, other alphabets, impossible lengths and stray trailing bits', () => {
    for (const text of ['AA==', 'A', 'AAAAA', 'A+AA', 'A/AA', 'A AA', 'AB', 'AAB', 'AÄ', '\u0141\u0141']) {
      expect(() => fromBase64Url(text), text).toThrow(invalid)
    }
  })

  it('accepts no two spellings of the same bytes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        let value
        try {
          value = fromBase64Url(text)
        } catch {
          return
        }
        expect(toBase64Url(value)).toBe(text)
      }),
    )
  })
})
