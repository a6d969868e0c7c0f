import { utf8 } from '../core/bytes.ts'
import type { Entropy } from '../core/capabilities.ts'
import { deriveKey } from '../crypto/hkdf.ts'

const BLOCK_BYTES = 4_096

/**
 * The same bytes for the same seed, for tests that must be replayed. Never for
 * keys of real data: whoever knows the seed knows every byte.
 */
export function createSeededEntropy(seed: number | string): Entropy {
  const secret = utf8(`locket test entropy ${seed}`)
  let block = new Uint8Array()
  let used = 0
  let counter = 0
  return Object.freeze({
    fill(out: Uint8Array<ArrayBuffer>) {
      for (let i = 0; i < out.length; i++) {
        if (used === block.length) {
          block = deriveKey({ secret, salt: new Uint8Array(), info: utf8(`block ${counter++}`), lengthBytes: BLOCK_BYTES })
          used = 0
        }
        out[i] = block[used++] as number
      }
    },
  })
}
