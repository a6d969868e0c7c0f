import { describe, expect, it } from 'vitest'
import { deriveMasterKey } from '../../../src/localnet/seal/derive-master-key.ts'

describe('deriveMasterKey', () => {
  it('gives the regression value of the Seal key server for seed 01 x 32 and index 42', () => {
    // MystenLabs/seal crates/crypto/src/ibe.rs, test of derive_master_key.
    expect(deriveMasterKey(new Uint8Array(32).fill(1), 42).toString(16)).toBe(
      '17d496df95e12b5caec0c4a15b09a5ea41b4fb1cf3ba28f1c6c72556846a6db6',
    )
  })

  it('gives unrelated keys for other indices and seeds', () => {
    const keys = [0, 1, 42].flatMap((index) => [1, 2].map((byte) => deriveMasterKey(new Uint8Array(32).fill(byte), index)))
    expect(new Set(keys).size).toBe(6)
  })
})
