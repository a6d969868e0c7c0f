import { describe, expect, it } from 'vitest'
import { decodeTaggedJson, encodeTaggedJson } from '../../../src/localnet/tagged-json.ts'

const roundTrip = (value: unknown) => decodeTaggedJson(encodeTaggedJson(value))

describe('tagged JSON', () => {
  it('brings back bytes, bigints and undefined, at any depth', () => {
    const value = { a: [1, 'x', null, true, undefined], b: { bytes: Uint8Array.of(0, 255), big: 2n ** 70n }, c: [] }
    expect(roundTrip(value)).toEqual(value)
    expect(roundTrip(undefined)).toBeUndefined()
  })

  it('brings back an error with its reason', () => {
    const error = roundTrip(
      Object.assign(new Error('gone'), { name: 'ObjectError', reason: 'notFound', objectId: '0x1', secret: 'not this' }),
    )
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'ObjectError', message: 'gone', reason: 'notFound', objectId: '0x1' })
    expect(error).not.toHaveProperty('secret')
  })
})
