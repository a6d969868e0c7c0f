import { ERROR_TABLE, type ErrorCode } from './error-codes.ts'
import { isLocketError, LocketError, type WireError } from './errors.ts'

/** An error as it crosses to another realm: ours whole, anybody else's by name and message. */
export type CrossedError = WireError | { readonly name: string; readonly message: string }

/** What to send of an error. Its cause and its stack stay behind. */
export function toWireError(error: unknown): CrossedError {
  if (isLocketError(error)) return error.toJSON()
  return error instanceof Error ? { name: error.name, message: error.message } : { name: 'Error', message: 'unknown failure' }
}

/**
 * The error that was sent, believed only as far as it is well formed: ours with
 * its code, if the code is in the table; an abort as an abort; anything else as
 * `worker/failed`.
 */
export function fromWireError(described: unknown): Error {
  const error = (isObject(described) ? described : {}) as { readonly [K in keyof WireError]?: unknown }
  const textOf = (field: 'name' | 'code' | 'operation' | 'message') => (typeof error[field] === 'string' ? error[field] : '')
  const [name, code, message] = [textOf('name'), textOf('code'), textOf('message')]
  if (name === 'LocketError' && Object.hasOwn(ERROR_TABLE, code)) {
    const details = isObject(error.details) ? error.details : {}
    return LocketError.fromWire({ name, code: code as ErrorCode, operation: textOf('operation'), message, details })
  }
  if (name === 'AbortError') return new DOMException(message, 'AbortError')
  return new LocketError('worker/failed', { operation: 'rpc.call', message: `${name}: ${message}` })
}

function isObject(value: unknown): value is {} {
  return typeof value === 'object' && value !== null
}
