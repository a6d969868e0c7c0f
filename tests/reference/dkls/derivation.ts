import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, type Bytes } from '../../../src/core/bytes.ts'
import { G, mod, pointBytes, times, toInteger, type Point } from './field.ts'
import { u32 } from './hash.ts'

/** The key at the end of a path, and what is added to the secret key for it: part 5.1. */
export function derive(X: Point, chainCode: Bytes, path: readonly number[]): { readonly tweak: bigint; readonly Y: Point } {
  let [tweak, Y, code] = [0n, X, chainCode]
  for (const index of path) {
    const I = hmac(sha512, code, concatBytes(pointBytes(Y), u32(index).reverse()))
    const step = toInteger(I.subarray(0, 32))
    tweak = mod(tweak + step)
    Y = Y.add(times(step, G))
    code = concatBytes(I.subarray(32))
  }
  return { tweak, Y }
}
