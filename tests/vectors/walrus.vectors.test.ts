import { encodeQuilt } from '@mysten/walrus'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { blobIdOfMetadata, blobIdToInt } from '../../src/localnet/walrus/blob-id.ts'
import { loadEncoder } from '../../src/localnet/walrus/encoder.ts'
import { encodedBytes, geometryOf, maxBlobBytes, symbolBytes, unitsOf } from '../../src/localnet/walrus/geometry.ts'
import { formatPatchId, parseQuilt } from '../../src/localnet/walrus/quilt-matrix.ts'

describe('blob ids of the real network (1000 shards)', () => {
  it.each([
    // docs/content/http-api/storing-blobs.mdx of the Walrus repository.
    ['the documentation', utf8('some other string'), 'M4hsZGQ1oCktdzegB6HnI6Mi28S2nqOPHxK-W7_4BUk'],
    // packages/walrus/test/unit/utils/blob-encoding.test.ts of MystenLabs/ts-sdks.
    ['the ts-sdks snapshot', testBlob(100, 1), '5a9PFTKPcQ4DbDE-2MDwT5B38qkTxhHaKgfM1xKzmU4'],
  ])('agree with %s', async (_, bytes, blobId) => {
    const encoder = await loadEncoder(geometryOf(1000))
    expect(encoder.blobIdOf(bytes)).toBe(blobId)
  })
})

describe('sizes and prices', () => {
  it('follow the documented formula', () => {
    const shape = geometryOf(1000)
    expect([shape.primarySymbols, shape.secondarySymbols]).toEqual([334, 667])
    expect(encodedBytes(shape, 1n)).toBe(66_034_000n)
    expect(encodedBytes(shape, 0n)).toBe(66_034_000n)
    expect(unitsOf(encodedBytes(shape, 1n))).toBe(63n)
    expect(encodedBytes(shape, BigInt(2 * 334 * 667))).toBe(66_034_000n)
    expect(encodedBytes(shape, BigInt(2 * 334 * 667 + 1))).toBe(68_036_000n)
    expect(maxBlobBytes(shape)).toBe(14_599_533_452)
    expect(symbolBytes(shape, 445_556)).toBe(2)
    expect(symbolBytes(shape, 445_557)).toBe(4)
  })
})

describe('metadata', () => {
  it('hashes to the blob id the encoder gives', async () => {
    const encoder = await loadEncoder(geometryOf(100))
    for (const size of [1, 4_556, 50_001]) {
      const encoded = encoder.encode(testBlob(size, 3))
      const described = blobIdOfMetadata(encoded.metadata)
      expect(described).toEqual({ blobId: blobIdToInt(encoded.blobId), sizeBytes: BigInt(size), pairs: 100 })
    }
  })

  it('is not any bytes at all', () => {
    expect(blobIdOfMetadata(new Uint8Array())).toBeUndefined()
    expect(blobIdOfMetadata(new Uint8Array(40).fill(255))).toBeUndefined()
  })
})

describe('parseQuilt', () => {
  it('reads what the official encoder wrote, whatever the sizes', () => {
    const geometry = geometryOf(100)
    for (let seed = 1; seed <= 20; seed++) {
      const blobs = Array.from({ length: 1 + (seed % 20) }, (_, i) => ({
        identifier: `file-${seed}-${String(i).padStart(3, '0')}`,
        contents: testBlob((seed * 97 + i * 131) % 3_000, seed + i),
        ...(i % 3 === 0 ? { tags: { n: String(i), longer: 'x'.repeat(seed) } } : {}),
      }))
      const { quilt, index } = encodeQuilt({ blobs, numShards: 100 })
      const parsed = parseQuilt(geometry, quilt)
      expect(parsed?.patches.map((patch) => patch.startIndex)).toEqual(index.patches.map((patch) => patch.startIndex))
      for (const [i, patch] of (parsed?.patches ?? []).entries()) {
        expect(patch.identifier).toBe(blobs[i]?.identifier)
        expect(Object.fromEntries(patch.tags)).toEqual(blobs[i]?.tags ?? {})
        expect(parsed?.read(patch)).toEqual(blobs[i]?.contents)
      }
    }
  })

  it('knows a blob that is no quilt', () => {
    const geometry = geometryOf(100)
    const { quilt } = encodeQuilt({ blobs: [{ identifier: 'a', contents: utf8('a') }], numShards: 100 })
    expect(parseQuilt(geometry, quilt)).toBeDefined()
    expect(parseQuilt(geometry, quilt.subarray(1))).toBeUndefined()
    expect(parseQuilt(geometry, new Uint8Array(quilt.length))).toBeUndefined()
    const broken = quilt.slice()
    broken.fill(255, 1, 2)
    expect(parseQuilt(geometry, broken)).toBeUndefined()
    expect(parseQuilt(geometry, new Uint8Array())).toBeUndefined()
  })

  it('spells patch ids as 37 bytes', () => {
    const id = formatPatchId('M4hsZGQ1oCktdzegB6HnI6Mi28S2nqOPHxK-W7_4BUk', { startIndex: 1, endIndex: 513 })
    expect(id).toBe('M4hsZGQ1oCktdzegB6HnI6Mi28S2nqOPHxK-W7_4BUkBAQABAg')
  })
})

/** Bytes that count up from `seed`. */
function testBlob(length: number, seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (seed + i) % 256)
}
