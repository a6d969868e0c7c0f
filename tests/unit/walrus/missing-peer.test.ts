import { describe, expect, it, vi } from 'vitest'
import { packQuilts } from '../../../src/walrus/pack-quilts.ts'
import { loadSuiTransactions } from '../../../src/walrus/load-peers.ts'
import { readQuilt } from '../../../src/walrus/quilt-reader.ts'

const missing = vi.hoisted(() => () => {
  throw new Error('Cannot find package')
})
vi.mock('@mysten/walrus', missing)
vi.mock('@mysten/sui/transactions', missing)

describe('without the optional packages', () => {
  it('names the package that packing needs', async () => {
    const packed = packQuilts([{ identifier: 'a', bytes: new Uint8Array(1) }], { nShards: 100 })
    await expect(packed).rejects.toMatchObject({ code: 'usage/missing-peer', details: { package: '@mysten/walrus' } })
    await expect(loadSuiTransactions()).rejects.toMatchObject({ code: 'usage/missing-peer', details: { package: '@mysten/sui' } })
  })

  it('still reads quilts', () => {
    expect(() => readQuilt(new Uint8Array(34 * 67 * 2), { nShards: 100 })).toThrow(
      expect.objectContaining({ code: 'codec/unknown-version' }),
    )
  })
})
