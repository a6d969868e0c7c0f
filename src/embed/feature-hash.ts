/**
 * A 32-bit hash of a string's UTF-16 units: FNV-1a, then the finaliser of
 * MurmurHash3, so that every output bit depends on every unit. For spreading
 * features over dimensions; it resists no adversary.
 */
export function featureHash(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i)
    hash = Math.imul(hash, 0x01000193)
  }
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  hash ^= hash >>> 16
  return hash >>> 0
}
