import { isAbort, type AbortOptions } from '../../core/abort.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { isLocketError, LocketError } from '../../core/errors.ts'

/** What every call of the chain fails with: the abort reason unwrapped, or a typed error. */
export function chainError(error: unknown, operation: string, options: AbortOptions): unknown {
  if (isAbort(error, options) || isLocketError(error)) return error
  const reason = textOf(error).slice(0, 300)
  return new LocketError(codeOf(reason, error), { operation, details: { reason }, cause: error })
}

/**
 * The code for what a full node says. What cannot be told apart from a broken connection is
 * `chain/unreachable`: the question stays open.
 */
function codeOf(reason: string, error: unknown): ErrorCode {
  if (/insufficient ?gas|no valid gas coins|gas payment|balance of gas|gas balance|cannot find gas/i.test(reason)) {
    return 'chain/insufficient-gas'
  }
  // These objects have moved on, or its time is over: these bytes never run.
  if (/for consumption|could not find the referenced object|object digest|already locked|equivocat|expired/i.test(reason)) {
    return 'chain/stale-object'
  }
  if (/not found|does not exist/i.test(reason)) return 'chain/not-found'
  return isExecutionError(error) ? 'chain/rejected' : 'chain/unreachable'
}

/** Whether a validator judged it: a failed execution, or a simulation that the SDK turned into an error. */
function isExecutionError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  return ('executionError' in error && error.executionError !== undefined) || '$kind' in error
}

function textOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
}
