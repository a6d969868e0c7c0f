import { type Bytes, copyBytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'

/** A bounded memory of bytes that were read. */
export type ByteCache = {
  /** A copy, and the entry becomes the most recent; `undefined` if it is not held. */
  get(key: string): Bytes | undefined
  /** Keeps the bytes themselves; whoever changes them changes the entry, which then opens no more. The least recently used entries make room. Bytes above the limit are not kept. */
  set(key: string, bytes: Bytes): void
  delete(key: string): void
  clear(): void
  readonly sizeBytes: number
}

/** Counted per entry besides its bytes, so that a million empty entries are not free. */
const ENTRY_BYTES = 128

const weight = (key: string, bytes: Uint8Array): number => bytes.length + key.length * 2 + ENTRY_BYTES

/**
 * A least-recently-used cache bounded by bytes, for sealed quilts and patches.
 * Content is what the network gave: whoever reads it authenticates it again.
 *
 * @throws {LocketError} `usage/invalid-argument` if `limitBytes` is negative or not a number.
 */
export function createByteCache(options: { readonly limitBytes: number }): ByteCache {
  const { limitBytes } = options
  if (!(limitBytes >= 0)) {
    throw new LocketError('usage/invalid-argument', {
      operation: 'walrus.createByteCache',
      message: 'limitBytes must be zero or more',
      details: { parameter: 'limitBytes' },
    })
  }
  // Map iterates in insertion order: the first key is the least recently used.
  const entries = new Map<string, Bytes>()
  let sizeBytes = 0
  const drop = (key: string) => {
    const bytes = entries.get(key)
    if (bytes === undefined) return
    entries.delete(key)
    sizeBytes -= weight(key, bytes)
  }
  return Object.freeze({
    get(key: string) {
      const bytes = entries.get(key)
      if (bytes === undefined) return undefined
      entries.delete(key)
      entries.set(key, bytes)
      return copyBytes(bytes)
    },
    set(key: string, bytes: Bytes) {
      drop(key)
      const added = weight(key, bytes)
      if (added > limitBytes) return
      for (const oldest of entries.keys()) {
        if (sizeBytes + added <= limitBytes) break
        drop(oldest)
      }
      entries.set(key, bytes)
      sizeBytes += added
    },
    delete: drop,
    clear() {
      entries.clear()
      sizeBytes = 0
    },
    get sizeBytes() {
      return sizeBytes
    },
  })
}
