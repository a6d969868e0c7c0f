import { sha256 } from '@noble/hashes/sha2.js'
import type { Entropy } from '../../src/core/capabilities.ts'

/** The same bytes on every run: SHA-256 of the seed and a counter. Never for anything real. */
export function seededEntropy(seed: string): Entropy {
  let counter = 0
  return {
    fill(out) {
      for (let offset = 0; offset < out.length; offset += 32) {
        out.set(sha256(new TextEncoder().encode(`${seed}/${counter++}`)).subarray(0, out.length - offset), offset)
      }
    },
  }
}
