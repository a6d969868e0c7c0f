import type { ErrorCode } from '../core/error-codes.ts'
import { isLocketError, LocketError } from '../core/errors.ts'

/**
 * What a failed read of the chain becomes. Errors of ours pass unchanged; an
 * object the full node does not know becomes `notFoundCode`; the rest is a full
 * node that does not answer.
 */
export function wrapChainError(error: unknown, operation: string, notFoundCode: ErrorCode = 'chain/not-found'): LocketError {
  if (isLocketError(error)) return error
  return new LocketError(isNotFound(error) ? notFoundCode : 'chain/unreachable', { operation, cause: error })
}

/** Whether a Sui client says that an object does not exist. Both the object and the wrapped form are in use. */
export function isNotFound(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  if ((error as { reason?: unknown }).reason === 'notFound') return true
  return error instanceof Error && /not ?found|could not find|does not exist/i.test(error.message)
}
