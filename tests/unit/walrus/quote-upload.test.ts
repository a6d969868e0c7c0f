import { describe, expect, it } from 'vitest'
import { quoteUpload } from '../../../src/walrus/quote-upload.ts'
import { codeOf } from './helpers.ts'

const PRICES = { storageFrost: 11_000n, writeFrost: 20_000n, maxEpochs: 53 }
const KIB = 1024
const quote = (count: number, sizeBytes: number, epochs = 1) =>
  quoteUpload({ sizesBytes: Array.from({ length: count }, () => sizeBytes), epochs, nShards: 1000, prices: PRICES, quiltBytes: 2 ** 40 })

describe('quoteUpload', () => {
  // The table of the Walrus documentation: 600 files in one quilt against 600 blobs.
  it.each([
    [10, 409],
    [50, 190],
    [100, 104],
    [200, 58],
    [500, 25],
    [1024, 13],
  ])('saves what the Walrus docs say for 600 files of %i KiB: %ix', (kib, factor) => {
    const { savingFactor, quilts } = quoteUpload({
      sizesBytes: Array.from({ length: 600 }, () => kib * KIB),
      epochs: 1,
      nShards: 1000,
      prices: PRICES,
      quiltBytes: 2 ** 40,
      signatureUnits: 1e9,
    })
    expect(quilts).toBe(1)
    expect(savingFactor / factor).toBeGreaterThan(0.95)
    expect(savingFactor / factor).toBeLessThan(1.05)
  })

  it('saves at least 380x for 600 patches of 10 KiB with 512 bytes of seal and padding each', () => {
    const result = quote(600, 10 * KIB + 512)
    expect(result.quilts).toBe(1)
    expect(result.savingFactor).toBeGreaterThanOrEqual(380)
  })

  it('adds up', () => {
    const result = quote(10, 1_000, 5)
    expect(result).toMatchObject({ quilts: 1, patches: 10, epochs: 5, contentBytes: 10_000, storageUnits: 63 })
    expect(result.storageFrost).toBe(63n * 11_000n * 5n)
    expect(result.writeFrost).toBe(63n * 20_000n)
    expect(result.totalFrost).toBe(result.storageFrost + result.writeFrost)
    expect(result.singleBlobsFrost).toBe(10n * 63n * (11_000n * 5n + 20_000n))
    expect(result.savingFactor).toBeCloseTo(Number(result.singleBlobsFrost) / Number(result.totalFrost), 9)
  })

  it('counts tip and gas per quilt', () => {
    const result = quoteUpload({ sizesBytes: [1, 2], epochs: 1, nShards: 1000, prices: PRICES, gasPerQuiltMist: 7n, tipMist: () => 5n })
    expect(result).toMatchObject({ tipMist: 5n, gasMist: 12n })
  })

  it.each([0, -1, 1.5, 54, 100, Number.NaN])('refuses %s epochs and names the limit', (epochs) => {
    try {
      quote(1, 1, epochs)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'walrus/epochs-out-of-range', details: { limitEpochs: 53 } })
    }
  })

  it('refuses an empty list and impossible sizes', () => {
    expect(codeOf(() => quote(0, 1))).toBe('usage/invalid-argument')
    expect(codeOf(() => quote(1, -1))).toBe('usage/invalid-argument')
    expect(codeOf(() => quote(1, Number.NaN))).toBe('usage/invalid-argument')
  })
})
