import { encodeQuilt } from '@mysten/walrus'
import { describe, expect, it } from 'vitest'
import { equalBytes } from '../../../src/core/bytes.ts'
import { formatPatchId, isBlobId, parsePatchId } from '../../../src/walrus/blob-id.ts'
import { geometryOf } from '../../../src/walrus/geometry.ts'
import { readQuiltIndex } from '../../../src/walrus/quilt-index.ts'
import { readPatch, readQuilt } from '../../../src/walrus/quilt-reader.ts'
import { codeOf, fullBytes, patches, seeded } from './helpers.ts'

const encode = (files: readonly { identifier: string; bytes: Uint8Array }[], nShards: number, tags?: Record<string, string>) =>
  encodeQuilt({
    numShards: nShards,
    blobs: files.map(({ identifier, bytes }) => ({ identifier, contents: bytes, ...(tags ? { tags } : {}) })),
  }).quilt

/** Writes one byte of column 0's stream, where the index begins. */
const poke = (quilt: Uint8Array<ArrayBuffer>, nShards: number, offset: number, value: number, column = 0) => {
  const { rows, columns } = geometryOf(nShards)
  const symbol = quilt.length / rows / columns
  const cell = Math.floor(offset / symbol)
  const out = new Uint8Array(quilt)
  out[(cell % rows) * symbol * columns + (column + Math.floor(cell / rows)) * symbol + (offset % symbol)] = value
  return out
}

describe('readQuilt', () => {
  it.each([
    [100, 12, (i: number) => 100 + i * 37],
    [100, 66, () => 900],
    [1000, 666, () => 20],
    [1000, 300, (i: number) => (i % 7) * 1_931],
  ])('reads what the SDK wrote at %i shards, %i patches', (nShards, count, sizeOf) => {
    const files = patches(count, sizeOf, seeded(count))
    const read = readQuilt(encode(files, nShards), { nShards })
    expect(read).toHaveLength(count)
    const byName = new Map(read.map((patch) => [patch.identifier, patch.bytes]))
    for (const file of files) expect(equalBytes(byName.get(file.identifier)!, file.bytes)).toBe(true)
  })

  it('keeps the tail of patches that spill into one more column, where the SDK reader returns zeros (200 quilts)', () => {
    const random = seeded(11)
    for (let round = 0; round < 200; round++) {
      const files = patches(1 + Math.floor(random() * 20), () => 100 + Math.floor(random() * 1_900), random)
      const read = new Map(readQuilt(encode(files, 100), { nShards: 100 }).map((patch) => [patch.identifier, patch.bytes]))
      for (const file of files) expect(equalBytes(read.get(file.identifier)!, file.bytes)).toBe(true)
    }
  })

  it('finds the first patch when the index ends within five bytes of a column', () => {
    // At 100 shards a column of two-byte symbols is 68 bytes: identifier lengths 1 to 64 sweep every remainder.
    for (let chars = 1; chars <= 64; chars++) {
      const files = patches(1, () => 30, seeded(chars), chars)
      const quilt = encode(files, 100)
      expect(readPatch(quilt, files[0]!.identifier, { nShards: 100 })).toEqual(files[0]!.bytes)
    }
  })

  it('reads quilts with tags and empty patches', () => {
    const files = patches(3, (i) => i * 10, seeded(5))
    const read = readQuilt(encode(files, 100, { a: 'b', longer: 'x'.repeat(200) }), { nShards: 100 })
    for (const file of files) expect(read.find((patch) => patch.identifier === file.identifier)?.bytes).toEqual(file.bytes)
  })

  it('answers undefined for an identifier the index does not name', () => {
    expect(
      readPatch(
        encode(
          patches(2, () => 9, seeded(1)),
          100,
        ),
        'nobody',
        { nShards: 100 },
      ),
    ).toBeUndefined()
  })

  it('returns bytes of their own', () => {
    const files = patches(1, () => 50, seeded(3))
    const quilt = encode(files, 100)
    const bytes = readPatch(quilt, files[0]!.identifier, { nShards: 100 })!
    quilt.fill(0)
    expect(bytes).toEqual(files[0]!.bytes)
    expect(bytes.buffer.byteLength).toBe(50)
  })
})

const read = (bytes: Uint8Array) => codeOf(() => readQuilt(bytes, { nShards: 100 }))

describe('a hostile quilt', () => {
  const files = patches(4, () => 300, seeded(21))
  const quilt = encode(files, 100)

  it('is refused when its length is no matrix', () => {
    expect(read(new Uint8Array(0))).toBe('codec/invalid')
    expect(read(quilt.subarray(0, quilt.length - 1))).toBe('codec/invalid')
    expect(read(new Uint8Array(34 * 67 * 3))).toBe('codec/invalid')
  })

  it('is refused for an unknown index version', () => {
    expect(read(poke(quilt, 100, 0, 2))).toBe('codec/unknown-version')
  })

  it('is refused for an index length of 0xFFFFFFFF before anything is allocated', () => {
    let forged = quilt
    for (let at = 1; at <= 4; at++) forged = poke(forged, 100, at, 0xff)
    expect(read(forged)).toBe('codec/too-large')
  })

  it('is refused for an index that ends early or late', () => {
    const length = quilt[1 % 2]! // the low byte of the length is the second byte of the first symbol
    expect(read(poke(quilt, 100, 1, length - 1))).toBe('codec/truncated')
    expect(read(poke(quilt, 100, 1, length + 1))).toBe('codec/trailing-bytes')
  })

  it('is refused for zero patches, more patches than columns, and a count that is not canonical', () => {
    expect(read(poke(quilt, 100, 5, 0))).toBe('codec/invalid')
    expect(read(poke(quilt, 100, 5, 67))).toBe('codec/invalid')
    expect(read(poke(poke(quilt, 100, 5, 0x84), 100, 6, 0x00))).toBe('codec/invalid')
  })

  it('is refused when a patch ends before it starts or beyond the last column', () => {
    expect(read(poke(quilt, 100, 6, 0))).toBe('codec/invalid')
    expect(read(poke(quilt, 100, 6, 68))).toBe('codec/invalid')
  })

  it('is refused when a patch claims 0xFFFFFFFF bytes, an unknown version or unknown flags', () => {
    const { startColumn } = readQuiltIndex(quilt, { nShards: 100 }).entries[0]!
    let forged = quilt
    for (let at = 1; at <= 4; at++) forged = poke(forged, 100, at, 0xff, startColumn)
    expect(read(forged)).toBe('codec/too-large')
    expect(read(poke(quilt, 100, 0, 9, startColumn))).toBe('codec/unknown-version')
    expect(read(poke(quilt, 100, 5, 2, startColumn))).toBe('codec/invalid')
  })

  it('is named inconsistent when index and header disagree', () => {
    const { startColumn } = readQuiltIndex(quilt, { nShards: 100 }).entries[0]!
    expect(read(poke(quilt, 100, 9, 0x21, startColumn))).toBe('walrus/inconsistent')
    expect(read(poke(quilt, 100, 2, 0, startColumn))).toBe('walrus/inconsistent')
  })
})

describe('patch ids', () => {
  it('round-trip and match the SDK order of bytes', () => {
    const quiltId = 'jv8bhuafsgwLTSK42_ZWyM_80Tv9ohbgxP2orlHedFI'
    expect(isBlobId(quiltId)).toBe(true)
    const id = formatPatchId({ quiltId, startColumn: 258, endColumn: 300 })
    expect(id).toHaveLength(50)
    expect(parsePatchId(id)).toEqual({ quiltId, startColumn: 258, endColumn: 300 })
  })

  it('are refused when malformed', () => {
    const quiltId = 'jv8bhuafsgwLTSK42_ZWyM_80Tv9ohbgxP2orlHedFI'
    expect(isBlobId('x')).toBe(false)
    expect(codeOf(() => parsePatchId(quiltId))).toBe('codec/invalid')
    expect(codeOf(() => parsePatchId(formatPatchId({ quiltId, startColumn: 5, endColumn: 5 })))).toBe('codec/invalid')
    expect(codeOf(() => formatPatchId({ quiltId: 'short', startColumn: 1, endColumn: 2 }))).toBe('codec/invalid')
  })
})

describe('fullBytes', () => {
  it('has no zero that could hide a lost tail', () => {
    expect(fullBytes(10_000, seeded(9)).includes(0)).toBe(false)
  })
})
