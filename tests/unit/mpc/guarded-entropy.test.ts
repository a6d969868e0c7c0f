import { expect, it } from 'vitest'
import type { Entropy } from '../../../src/core/capabilities.ts'
import { LocketError } from '../../../src/core/errors.ts'
import { guardEntropy } from '../../../src/mpc/guarded-entropy.ts'
import { createSeededEntropy } from '../../../src/testkit/seeded-entropy.ts'

/** How often a source passes out of ten draws of these sizes. */
function passes(entropy: Entropy, sizes = [32, 1, 64, 7, 32, 32, 100_000, 16, 5, 0]): number {
  const fill = guardEntropy(entropy)
  let count = 0
  for (const size of sizes) {
    const out = new Uint8Array(size)
    try {
      fill(out)
      count++
    } catch (error) {
      expect(error).toBeInstanceOf(LocketError)
      expect((error as LocketError).code).toBe('mpc/bad-randomness')
      expect(out.every((byte) => byte === 0)).toBe(true)
    }
  }
  return count
}

it('lets a working source through', () => {
  expect(passes(createSeededEntropy('any'))).toBe(10)
})

it('refuses zeros, a constant, a short fill, a source that fails and one that starts over', () => {
  const good = createSeededEntropy('any')
  expect(passes({ fill: () => undefined })).toBe(0)
  expect(passes({ fill: (out) => void out.fill(0xa5) })).toBe(0)
  expect(passes({ fill: (out) => good.fill(out.subarray(0, out.length - 16)) })).toBe(0)
  expect(
    passes({
      fill: () => {
        throw new Error('no entropy')
      },
    }),
  ).toBe(0)
  // The first draw cannot be told from a good one; every later one repeats it.
  expect(passes({ fill: (out) => createSeededEntropy('the same').fill(out) })).toBe(1)
})
