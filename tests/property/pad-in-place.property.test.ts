import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteWriter } from '../../src/core/byte-writer.ts'
import { pad, padInPlace } from '../../src/crypto/padme.ts'

describe('padInPlace', () => {
  it('writes what pad makes, whatever stood in the room before', () => {
    const writer = byteWriter(16)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), fc.nat({ max: 600 }), (content, minBytes) => {
        expect(padInPlace(writer, () => writer.put(content), minBytes)).toEqual(pad(content, minBytes))
      }),
    )
  })
})
