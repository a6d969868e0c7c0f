import { LocketError } from '../core/errors.ts'
import { geometryOf } from './geometry.ts'
import { MAX_IDENTIFIER_CHARS, quiltLimits } from './quilt-limits.ts'
import type { Patch } from './types.ts'

/**
 * Whether `identifier` is one Locket writes: 1 to 64 ASCII characters, the
 * first a letter or digit, the rest letters, digits, `.`, `_` and `-`.
 *
 * Narrower than QuiltV1 on purpose: no escaping in aggregator paths, and one
 * sort order in every implementation (TypeScript sorts by UTF-16 code units, Rust by bytes).
 */
export function isPatchIdentifier(identifier: string): boolean {
  return identifier.length <= MAX_IDENTIFIER_CHARS && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(identifier)
}

/**
 * Checks what the quilt encoder of `@mysten/walrus` does not.
 *
 * @throws {LocketError} `usage/invalid-argument` if there is no patch, or an identifier is malformed or used twice.
 * @throws {LocketError} `walrus/too-large` if one patch is over the u32 length of QuiltV1.
 */
export function validatePatches(patches: readonly Patch[], nShards: number): void {
  const { patchBytes } = quiltLimits(geometryOf(nShards))
  if (patches.length === 0) refuse('there is no patch to pack', 0)
  const seen = new Set<string>()
  for (const [index, { identifier, bytes }] of patches.entries()) {
    if (!isPatchIdentifier(identifier)) refuse('an identifier is not 1 to 64 ASCII letters, digits, ".", "_" or "-"', index)
    if (seen.has(identifier)) refuse('two patches share an identifier', index)
    seen.add(identifier)
    if (bytes.length > patchBytes) {
      throw new LocketError('walrus/too-large', {
        operation: 'walrus.packQuilts',
        message: 'a patch is too large for a quilt',
        details: { limitBytes: patchBytes, sizeBytes: bytes.length, index },
      })
    }
  }
}

function refuse(message: string, index: number): never {
  throw new LocketError('usage/invalid-argument', { operation: 'walrus.packQuilts', message, details: { parameter: 'patches', index } })
}
