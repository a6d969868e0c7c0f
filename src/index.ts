export { isLocketError, LocketError } from './core/errors.ts'
export { ERROR_TABLE, type ErrorCode, type RetryClass } from './core/error-codes.ts'
