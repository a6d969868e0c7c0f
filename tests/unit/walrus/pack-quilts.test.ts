import { describe, expect, it } from 'vitest'
import { geometryOf } from '../../../src/walrus/geometry.ts'
import { packQuilts } from '../../../src/walrus/pack-quilts.ts'
import { layoutQuilt } from '../../../src/walrus/quilt-layout.ts'
import { readQuilt } from '../../../src/walrus/quilt-reader.ts'
import { splitPatches } from '../../../src/walrus/split-patches.ts'
import { codeOf, patches, seeded } from './helpers.ts'

const OPTIONS = { geometry: geometryOf(1000), quiltBytes: 64 * 1024 * 1024, signatureUnits: 8 }
const sizes = (count: number, sizeBytes: number) => Array.from({ length: count }, () => ({ sizeBytes, identifierChars: 22 }))

describe('packQuilts', () => {
  it('gives back every patch once, at the columns it says', async () => {
    const random = seeded(1)
    const files = patches(150, () => Math.floor(random() * 3_000), random)
    const quilts = await packQuilts(files, { nShards: 100 })
    expect(quilts.length).toBeGreaterThan(2)
    const seen = new Set<number>()
    for (const quilt of quilts) {
      for (const [at, patch] of readQuilt(quilt.bytes, { nShards: 100 }).entries()) {
        const placed = quilt.patches[at]!
        expect(patch).toMatchObject({ identifier: placed.identifier, startColumn: placed.startColumn, endColumn: placed.endColumn })
        expect(patch.bytes).toEqual(files[placed.index]!.bytes)
        seen.add(placed.index)
      }
    }
    expect(seen.size).toBe(150)
  })

  it('predicts the size of the quilt the SDK writes (120 random quilts)', async () => {
    const random = seeded(2)
    for (let round = 0; round < 120; round++) {
      const nShards = round % 6 === 0 ? 1000 : 100
      const count = 1 + Math.floor(random() * 56)
      const scale = 10 ** (1 + random() * 3)
      const chars = 1 + Math.floor(random() * 64)
      const files = patches(count, () => Math.floor(random() * scale), random, Math.max(chars, 4))
      const layout = layoutQuilt(
        files.map((file) => ({ sizeBytes: file.bytes.length, identifierChars: file.identifier.length })),
        geometryOf(nShards),
      )
      const quilts = await packQuilts(files, { nShards, signatureUnits: 1e9 })
      expect(quilts).toHaveLength(1)
      expect(layout?.quiltBytes).toBe(quilts[0]!.bytes.length)
    }
  })

  it.each([
    ['an empty list', []],
    ['an empty identifier', [{ identifier: '', bytes: new Uint8Array(1) }]],
    ['a trailing space', [{ identifier: 'x ', bytes: new Uint8Array(1) }]],
    ['a control character', [{ identifier: 'y\u0007', bytes: new Uint8Array(1) }]],
    ['a leading underscore', [{ identifier: '_metadata', bytes: new Uint8Array(1) }]],
    ['a slash', [{ identifier: 'a/b', bytes: new Uint8Array(1) }]],
    ['a letter beyond ASCII', [{ identifier: 'é', bytes: new Uint8Array(1) }]],
    ['65 characters', [{ identifier: 'a'.repeat(65), bytes: new Uint8Array(1) }]],
    [
      'a repeated identifier',
      [
        { identifier: 'a', bytes: new Uint8Array(1) },
        { identifier: 'a', bytes: new Uint8Array(2) },
      ],
    ],
  ])('refuses %s', async (_, files) => {
    await expect(packQuilts(files, { nShards: 100 })).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })

  it('refuses a patch over the u32 length without reading it', async () => {
    const huge = { identifier: 'a', bytes: { length: 0xffff_ffff } as unknown as Uint8Array }
    await expect(packQuilts([huge], { nShards: 1000 })).rejects.toMatchObject({ code: 'walrus/too-large' })
  })
})

describe('splitPatches', () => {
  it('keeps what fits economically in one quilt', () => {
    expect(splitPatches(sizes(600, 10_240), OPTIONS)).toHaveLength(1)
    expect(splitPatches(sizes(657, 3_000), OPTIONS)).toHaveLength(1)
  })

  it('splits 666 small patches with long names rather than pay for a squeezed index', () => {
    const long = Array.from({ length: 666 }, () => ({ sizeBytes: 3_000, identifierChars: 64 }))
    expect(layoutQuilt(long, OPTIONS.geometry)?.indexColumns).toBe(1)
    expect(splitPatches(long, OPTIONS)).toHaveLength(2)
    expect(splitPatches(long, { ...OPTIONS, signatureUnits: 1_000 })).toHaveLength(1)
  })

  it('never exceeds what a quilt can hold', () => {
    for (const count of [667, 1_000, 1_400, 5_000]) {
      const groups = splitPatches(sizes(count, 500), OPTIONS)
      expect(groups.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
      for (const group of groups) expect(group.length).toBeLessThanOrEqual(666)
      expect(groups.length).toBeLessThanOrEqual(Math.ceil(count / 657) + 1)
    }
  })

  it('respects the byte budget except for a patch larger than it', () => {
    const groups = splitPatches([...sizes(10, 1_000_000), ...sizes(1, 5_000_000)], { ...OPTIONS, quiltBytes: 3_000_000 })
    for (const group of groups) expect(group.length <= 3).toBe(true)
    expect(groups.some((group) => group.length === 1 && group[0] === 10)).toBe(true)
  })

  it('costs no more than one quilt for all, and no more than quilts in the given order', () => {
    const random = seeded(4)
    const mixed = Array.from({ length: 200 }, () => ({ sizeBytes: Math.floor(10 ** (2 + random() * 4)), identifierChars: 22 }))
    const cost = (groups: readonly (readonly number[])[]) =>
      groups.reduce(
        (sum, group) =>
          sum +
          layoutQuilt(
            group.map((i) => mixed[i]!),
            OPTIONS.geometry,
          )!.quiltBytes,
        0,
      )
    expect(cost(splitPatches(mixed, { ...OPTIONS, signatureUnits: 0 }))).toBeLessThanOrEqual(cost([mixed.map((_, i) => i)]))
  })

  it('names the limit when one patch fits no quilt', () => {
    expect(codeOf(() => splitPatches(sizes(1, 200_000_000), { ...OPTIONS, geometry: geometryOf(100) }))).toBe('walrus/too-large')
    expect(codeOf(() => splitPatches([...sizes(99, 10), ...sizes(1, 200_000_000)], { ...OPTIONS, geometry: geometryOf(100) }))).toBe(
      'walrus/too-large',
    )
  })

  it('fits the largest patch the limit promises', () => {
    const geometry = geometryOf(100)
    expect(layoutQuilt([{ sizeBytes: 66 * 34 * 65_534 - 9 - 22, identifierChars: 22 }], geometry)).toBeDefined()
    expect(layoutQuilt([{ sizeBytes: 66 * 34 * 65_534 - 9 - 21, identifierChars: 22 }], geometry)).toBeUndefined()
  })
})
