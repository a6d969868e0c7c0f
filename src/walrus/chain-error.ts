import type { ErrorCode } from '../core/error-codes.ts'
import type { ErrorDetails } from '../core/errors.ts'
import { isLocketError, LocketError } from '../core/errors.ts'

/** What a full node says of a transaction that ran and failed, or would. */
type ExecutionError = {
  readonly message: string
  readonly $kind?: string
  readonly MoveAbort?: {
    readonly abortCode: string
    readonly location?: { readonly package?: string; readonly module?: string; readonly functionName?: string }
  } | null
}

/**
 * Turns what the Sui client throws, or a failed transaction's status, into a
 * typed error. Move aborts keep module, function and code in `details`, so that
 * callers can tell their own policy's refusals apart.
 *
 * What cannot be told apart from a broken connection is `chain/unreachable`:
 * the question stays open, and nothing is given up for lost.
 */
export function chainError(error: unknown, operation: string): LocketError {
  if (isLocketError(error)) return error
  const execution = executionOf(error)
  const message = execution?.message ?? textOf(error)
  const details: Record<string, ErrorDetails[string]> = { reason: message.slice(0, 300) }
  const abort = execution?.MoveAbort
  if (abort) {
    details['abortCode'] = Number(abort.abortCode)
    if (abort.location?.package !== undefined) details['package'] = abort.location.package
    if (abort.location?.module !== undefined) details['module'] = abort.location.module
    if (abort.location?.functionName !== undefined) details['function'] = abort.location.functionName
    return new LocketError('chain/rejected', { operation, details, cause: error })
  }
  const code = codeOf(message) ?? (execution !== undefined || isRefusal(error) ? 'chain/rejected' : 'chain/unreachable')
  return new LocketError(code, { operation, details, cause: error })
}

/** Whether a transaction that met this error can never execute again. Only then may another take its place. */
export function isFinalChainError(error: unknown): boolean {
  return (
    isLocketError(error) &&
    ['chain/rejected', 'chain/stale-object', 'chain/insufficient-gas', 'chain/insufficient-wal'].includes(error.code)
  )
}

function codeOf(message: string): ErrorCode | undefined {
  // `Insufficient balance of 0x…::wal::WAL for owner …`, from the coin selection of @mysten/sui.
  const coin = /insufficient balance of (\S+)/i.exec(message)?.[1]
  if (coin !== undefined) return /::sui::SUI$|^gas$/.test(coin) ? 'chain/insufficient-gas' : 'chain/insufficient-wal'
  // WAL is checked before the transaction is built; a split that fails later is of the gas coin, for the tip.
  if (
    /insufficientcoinbalance|insufficient ?gas|no valid gas coins|gas payment|balance of gas|gas balance|cannot find gas/i.test(message)
  ) {
    return 'chain/insufficient-gas'
  }
  // These objects have moved on, or the transaction's time is over: these bytes never run.
  if (
    /for consumption|forconsumption|could not find the referenced object|object digest|stale|already locked|equivocat|reserved for another|expired/i.test(
      message,
    )
  ) {
    return 'chain/stale-object'
  }
  if (/fetch failed|load failed|network|timed? ?out|unreachable|ECONN|socket/i.test(message)) return 'chain/unreachable'
  if (/not found|does not exist/i.test(message)) return 'chain/not-found'
  return undefined
}

/** Status codes of gRPC and JSON-RPC with which a full node refuses a request for good. */
function isRefusal(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (typeof code === 'number') return code <= -32_000
  return (
    typeof code === 'string' &&
    ['INVALID_ARGUMENT', 'FAILED_PRECONDITION', 'PERMISSION_DENIED', 'UNAUTHENTICATED', 'OUT_OF_RANGE'].includes(code)
  )
}

function executionOf(error: unknown): ExecutionError | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('executionError' in error && isExecutionError(error.executionError)) return error.executionError
  return isExecutionError(error) ? error : undefined
}

function isExecutionError(value: unknown): value is ExecutionError {
  return typeof value === 'object' && value !== null && '$kind' in value && 'message' in value
}

function textOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
}
