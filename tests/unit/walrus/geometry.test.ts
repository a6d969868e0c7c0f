import { WalrusClient } from '@mysten/walrus'
import { describe, expect, it } from 'vitest'
import { encodedBytes, geometryOf, maxBlobBytes, storageUnits } from '../../../src/walrus/geometry.ts'
import { quiltLimits } from '../../../src/walrus/quilt-limits.ts'
import { codeOf } from './helpers.ts'

describe('geometryOf', () => {
  it('gives the matrix of the public networks', () => {
    expect(geometryOf(1000)).toEqual({ nShards: 1000, rows: 334, columns: 667 })
    expect(geometryOf(100)).toEqual({ nShards: 100, rows: 34, columns: 67 })
  })

  it('states the published limits', () => {
    expect(maxBlobBytes(geometryOf(1000))).toBe(14_599_533_452)
    expect(quiltLimits(geometryOf(1000))).toMatchObject({ patches: 666, economicPatches: 657 })
    expect(quiltLimits(geometryOf(100))).toMatchObject({ patches: 66, economicPatches: 57 })
    expect(quiltLimits(geometryOf(1000)).patchBytes).toBe(0xffff_ffff - 67)
  })

  it.each([0, -1, 1.5, 65_536, Number.NaN])('refuses %s shards', (nShards) => {
    expect(codeOf(() => geometryOf(nShards))).toBe('usage/invalid-argument')
  })
})

describe('encodedBytes', () => {
  it('never falls below 63 units at 1000 shards', () => {
    expect(encodedBytes(1, geometryOf(1000))).toBe(66_034_000)
    expect(storageUnits(0, geometryOf(1000))).toBe(63)
  })

  it.each([100, 1000])('charges what the SDK charges at %i shards', async (nShards) => {
    const client = new WalrusClient({ packageConfig: { systemObjectId: '0x1', stakingPoolId: '0x2' }, suiClient: noChain() })
    const prices = { storage_price_per_unit_size: '11000', write_price_per_unit_size: '20000' }
    Object.assign(client, { systemState: () => Promise.resolve({ committee: { n_shards: nShards }, ...prices }) })
    for (const size of [0, 1, 2, 4_556, 445_556, 445_557, 1_000_000, 16_777_216, 100_000_001]) {
      for (const epochs of [1, 3, 53]) {
        const units = BigInt(storageUnits(size, geometryOf(nShards)))
        expect(await client.storageCost(size, epochs)).toEqual({
          storageCost: units * 11_000n * BigInt(epochs),
          writeCost: units * 20_000n,
          totalCost: units * (11_000n * BigInt(epochs) + 20_000n),
        })
      }
    }
  })
})

/** The constructor wants a client; pricing from a given system state must not use it. */
function noChain(): ConstructorParameters<typeof WalrusClient>[0]['suiClient'] {
  return { cache: { scope: () => ({}) } } as never
}
