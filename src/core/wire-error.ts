import { ERROR_TABLE } from './error-codes.ts'
import { isLocketError, LocketError, type WireError } from './errors.ts'

/** An error as it crosses to another realm: ours whole, anybody else's by name and message. */
export type CrossedError = WireError | { readonly name: string; readonly message: string }

/** What to send of an error. Its cause and its stack stay behind. */
export function toWireError(error: unknown): CrossedError {
  if (isLocketError(error)) return error.toJSON()
  return error instanceof Error ? { name: error.name, message: error.message } : { name: 'Error', message: 'unknown failure' }
}

/** The error that was sent: ours with its code, if the code is in the table; an abort as an abort; anything else as `worker/failed`. */
export function fromWireError(error: CrossedError): Error {
  if (error.name === 'LocketError' && 'code' in error && Object.hasOwn(ERROR_TABLE, error.code)) return LocketError.fromWire(error)
  if (error.name === 'AbortError') return new DOMException(error.message, 'AbortError')
  return new LocketError('worker/failed', { operation: 'rpc.call', message: `${error.name}: ${error.message}` })
}
