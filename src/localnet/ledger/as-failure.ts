import { isLocketError } from '../../core/errors.ts'
import { ExecutionFailure, type FailureStatus } from './failure.ts'
import { normalizeId } from './framework.ts'

/**
 * Whatever a command threw, as the failure of command `command`. The Move
 * machine's own errors keep their kind; anything else is a fault of the machine.
 */
export function asFailure(error: unknown, command: number): ExecutionFailure {
  const detail = error instanceof Error ? error.message : String(error)
  const known = error instanceof ExecutionFailure
  const failure = new ExecutionFailure(known ? error.status : machineStatus(error), { command, detail: known ? undefined : detail })
  if (known) failure.message = error.message
  else failure.cause = error
  return failure
}

function machineStatus(error: unknown): FailureStatus {
  if (!isLocketError(error, 'chain/rejected')) return { VMInvariantViolation: true }
  const { reason, packageId, module, function: name } = error.details
  switch (reason) {
    case 'ARITHMETIC_ERROR':
    case 'VECTOR_OPERATION_ERROR':
    case 'CALL_STACK_OVERFLOW':
    case 'VARIANT_TAG_MISMATCH':
      return {
        MovePrimitiveRuntimeError: {
          module: { address: normalizeId(String(packageId)), name: String(module) },
          function: 0,
          instruction: 0,
          functionName: String(name),
        },
      }
    case 'OUT_OF_GAS':
      return { InsufficientGas: true }
    case 'FUNCTION_NOT_FOUND':
      return { FunctionNotFound: true }
    case 'FUNCTION_NOT_CALLABLE':
      return { NonEntryFunctionInvoked: true }
    case 'ARITY_MISMATCH':
      return { ArityMismatch: true }
    case 'TYPE_ARGUMENT_ERROR':
      return { TypeArgumentError: { argumentIdx: 0, kind: { ConstraintNotSatisfied: true } } }
    case 'INVALID_RETURN':
      return { InvalidPublicFunctionReturnType: { idx: 0 } }
    case 'TYPE_MISMATCH':
    case 'INVALID_PURE_ARGUMENT':
    case 'INVALID_REFERENCE_ARGUMENT':
      // The machine's message names the argument; its index is not part of the error.
      return { CommandArgumentError: { argIdx: 0, kind: { TypeMismatch: true } } }
    default:
      return { VMInvariantViolation: true }
  }
}
