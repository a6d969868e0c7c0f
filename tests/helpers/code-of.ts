import { isLocketError, type LocketError } from '../../src/core/errors.ts'

/** The code a promise fails with, `no error`, or the text of an error that is not ours. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason ?? 'undefined',
  )
  if (error === undefined) return 'no error'
  if (isLocketError(error)) return error.code
  return error instanceof Error ? error.message : JSON.stringify(error)
}

/** The error of ours a promise fails with. */
export async function errorOf(promise: Promise<unknown>): Promise<LocketError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (isLocketError(error)) return error
  throw new Error(`not one of our errors: ${error instanceof Error ? error.message : JSON.stringify(error)}`)
}
