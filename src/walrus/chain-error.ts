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
 */
export function chainError(error: unknown, operation: string): LocketError {
  if (isLocketError(error)) return error
  const execution = (error as { executionError?: ExecutionError } | null)?.executionError ?? (isExecutionError(error) ? error : undefined)
  const message = textOf(error)
  const details: Record<string, ErrorDetails[string]> = { reason: (execution?.message ?? message).slice(0, 300) }
  const abort = execution?.MoveAbort
  if (abort) {
    details['abortCode'] = Number(abort.abortCode)
    if (abort.location?.package !== undefined) details['package'] = abort.location.package
    if (abort.location?.module !== undefined) details['module'] = abort.location.module
    if (abort.location?.functionName !== undefined) details['function'] = abort.location.functionName
    return new LocketError('chain/rejected', { operation, details, cause: error })
  }
  const code = codeOf(execution?.message ?? message, error)
  return new LocketError(code, { operation, details, cause: error })
}

/** Whether a transaction that met this error can never execute again. Only then may another take its place. */
export function isFinalChainError(error: unknown): boolean {
  return (
    isLocketError(error) &&
    ['chain/rejected', 'chain/stale-object', 'chain/insufficient-gas', 'chain/insufficient-wal'].includes(error.code)
  )
}

function codeOf(message: string, error: unknown) {
  // `Insufficient balance of 0x…::wal::WAL for owner …`, from the coin selection of @mysten/sui.
  const coin = /insufficient balance of (\S+)/i.exec(message)?.[1]
  if (coin !== undefined) return /::sui::SUI$|^gas$/.test(coin) ? 'chain/insufficient-gas' : 'chain/insufficient-wal'
  // WAL is checked before the transaction is built; a split that fails later is of the gas coin, for the tip.
  if (
    /insufficientcoinbalance|no valid gas coins|insufficient ?gas|gas payment|gas object|balance of gas|gas balance|cannot find gas/i.test(
      message,
    )
  ) {
    return 'chain/insufficient-gas'
  }
  if (
    /could not find the referenced object|not available for consumption|unavailableforconsumption|stale|version .* (mismatch|behind)|already locked|equivocat|reserved for another|expired/i.test(
      message,
    )
  ) {
    return 'chain/stale-object'
  }
  if (error instanceof TypeError || /fetch failed|network|timed? ?out|unavailable|unreachable|ECONN|socket|load failed/i.test(message)) {
    return 'chain/unreachable'
  }
  if (/not found|could not find|does not exist|not exist/i.test(message)) return 'chain/not-found'
  return 'chain/rejected'
}

function isExecutionError(error: unknown): error is ExecutionError {
  return typeof error === 'object' && error !== null && '$kind' in error && 'message' in error
}

function textOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
}
