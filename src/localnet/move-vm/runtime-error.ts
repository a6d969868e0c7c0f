import { LocketError } from '../../core/errors.ts'

/** Where in the code something happened. `packageId` is `0x` and 64 hex digits. */
export type CodeLocation = { readonly packageId: string; readonly module: string; readonly function: string }

/**
 * How a call can end other than by returning or aborting. The first five are
 * the Move VM's own status names; the others are what Sui's transaction layer
 * refuses before any code runs.
 */
export type RuntimeErrorReason =
  | 'ARITHMETIC_ERROR'
  | 'VECTOR_OPERATION_ERROR'
  | 'OUT_OF_GAS'
  | 'CALL_STACK_OVERFLOW'
  | 'VARIANT_TAG_MISMATCH'
  | 'FUNCTION_NOT_FOUND'
  | 'FUNCTION_NOT_CALLABLE'
  | 'ARITY_MISMATCH'
  | 'TYPE_MISMATCH'
  | 'TYPE_ARGUMENT_ERROR'
  | 'OBJECT_NOT_FOUND'
  | 'INVALID_PURE_ARGUMENT'
  | 'INVALID_REFERENCE_ARGUMENT'
  | 'INVALID_RETURN'

/** The error of a transaction that failed without a Move abort. Nothing of the call was written. */
export function runtimeError(reason: RuntimeErrorReason, location: CodeLocation, message: string): LocketError {
  const { packageId, module } = location
  return new LocketError('chain/rejected', {
    operation: 'localnet.call',
    message: `${packageId}::${module}::${location.function}: ${message}`,
    details: { reason, packageId, module, function: location.function },
  })
}

/** Thrown inside the interpreter by a Move abort; turned into `ExecutionContext.abort` at its edge. */
export class MoveAbort extends Error {
  readonly location: CodeLocation
  readonly abortCode: bigint

  constructor(location: CodeLocation, abortCode: bigint) {
    super(`Move abort ${abortCode} in ${location.packageId}::${location.module}::${location.function}`)
    this.location = location
    this.abortCode = abortCode
  }
}
