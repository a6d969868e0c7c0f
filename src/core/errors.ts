import { ERROR_TABLE, type ErrorCode, type RetryClass } from './error-codes.ts'

const BRAND = Symbol.for('@locket/sdk/error')

/** JSON-safe facts about a failure. Never user data, keys, ciphertext or tokens. */
export type ErrorDetails = { readonly [name: string]: string | number | boolean | null | readonly (string | number)[] }

/** What an error looks like on its way through a Worker, a relay or a log. */
export type WireError = {
  readonly name: 'LocketError'
  readonly code: ErrorCode
  readonly operation: string
  readonly message: string
  readonly details: ErrorDetails
}

export type LocketErrorOptions = {
  /** What was being done, `module.verb`. */
  readonly operation: string
  /** What happened, to what (by id). Defaults to the table's meaning. */
  readonly message?: string | undefined
  readonly details?: ErrorDetails | undefined
  readonly cause?: unknown
}

/**
 * The one error class. `code` is the contract: it is stable, listed in
 * {@link ERROR_TABLE} with its meaning, retry class and remedy, and survives
 * minification, `structuredClone` and JSON. Test with {@link isLocketError},
 * which works across two copies of the package.
 *
 * An aborted operation rejects with its signal's own reason, never with this.
 */
export class LocketError extends Error {
  // A literal, because minifiers rename classes.
  override readonly name: string = 'LocketError'
  readonly code: ErrorCode
  readonly operation: string
  readonly details: ErrorDetails

  constructor(code: ErrorCode, options: LocketErrorOptions) {
    const { meaning } = ERROR_TABLE[code]
    super(`${options.message ?? meaning} (${code})`, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.operation = options.operation
    this.details = Object.freeze({ ...options.details })
    // Set here and not as a computed class field: that would pin the class into bundles that only import the guard.
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** Whether trying again can help: `never`, `same` call, after `refresh`, or after asking the user. */
  get retry(): RetryClass {
    return ERROR_TABLE[this.code].retry
  }

  /** One imperative sentence: what to do about it. */
  get remedy(): string {
    return ERROR_TABLE[this.code].remedy
  }

  toJSON(): WireError {
    return {
      name: 'LocketError',
      code: this.code,
      operation: this.operation,
      message: this.message.slice(0, -` (${this.code})`.length),
      details: this.details,
    }
  }

  /** The error that {@link LocketError.toJSON} described. */
  static fromWire(wire: WireError): LocketError {
    return new LocketError(wire.code, { operation: wire.operation, message: wire.message, details: wire.details })
  }
}

/** Whether `error` is a {@link LocketError}, and of the given `code` if one is named. */
export function isLocketError(error: unknown, code?: ErrorCode): error is LocketError {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false
  return code === undefined || (error as { code?: unknown }).code === code
}
