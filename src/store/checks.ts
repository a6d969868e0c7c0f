import type { AbortOptions } from '../core/abort.ts'
import { LocketError } from '../core/errors.ts'
import { MAX_RECORD_BYTES } from '../core/limits.ts'
import type { StoreOp } from './port.ts'

/** Longest key, in ASCII characters. */
export const MAX_KEY_CHARS = 512

/**
 * Throws unless `key` is a non-empty ASCII string of at most {@link MAX_KEY_CHARS}.
 *
 * @throws {LocketError} `usage/invalid-argument`.
 */
export function assertKey(key: string, operation: string): void {
  if (typeof key === 'string' && key.length >= 1 && key.length <= MAX_KEY_CHARS && isAscii(key)) return
  throw new LocketError('usage/invalid-argument', {
    operation,
    message: `a key is 1 to ${MAX_KEY_CHARS} ASCII characters`,
    details: { parameter: 'key' },
  })
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

/**
 * Throws unless every operation is well formed and within limits.
 *
 * @throws {LocketError} `usage/invalid-argument`, or `codec/too-large` for a value above {@link MAX_RECORD_BYTES}.
 */
export function assertOps(ops: readonly StoreOp[], operation: string): void {
  for (const op of ops) {
    assertKey(op.key, operation)
    if (op.type === 'put' && op.value.length > MAX_RECORD_BYTES) {
      throw new LocketError('codec/too-large', { operation, details: { limitBytes: MAX_RECORD_BYTES } })
    }
  }
}

/** Throws the abort reason, or `usage/closed` if the store is closed. What every call does first. */
export function assertUsable(closed: boolean, operation: string, options?: AbortOptions): void {
  if (closed) throw new LocketError('usage/closed', { operation })
  options?.signal?.throwIfAborted()
}
