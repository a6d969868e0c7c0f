import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8, type Bytes } from '../core/bytes.ts'
import type { Entropy } from '../core/capabilities.ts'

/** 32 bytes that `seed` and `label` alone decide: HKDF-SHA-256 (RFC 5869). */
export function derivedBytes(seed: Uint8Array, label: string): Bytes {
  return new Uint8Array(hkdf(sha256, seed, undefined, utf8(`locket/localnet/${label}`), 32))
}

/** An endless stream that `seed` and `label` alone decide, so that a restored localnet has the keys it had. */
export function derivedEntropy(seed: Uint8Array, label: string): Entropy {
  const key = derivedBytes(seed, label)
  let counter = 0
  let left: Bytes = new Uint8Array()
  return {
    fill(out) {
      let offset = 0
      while (offset < out.length) {
        if (left.length === 0) left = new Uint8Array(sha256(concatBytes(key, counterBytes(counter++))))
        const part = left.subarray(0, out.length - offset)
        out.set(part, offset)
        offset += part.length
        left = left.slice(part.length)
      }
    },
  }
}

function counterBytes(counter: number): Bytes {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, counter)
  return out
}
