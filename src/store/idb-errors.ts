import type { ErrorCode } from '../core/error-codes.ts'
import { isLocketError, LocketError, type ErrorDetails } from '../core/errors.ts'

/**
 * Names what IndexedDB failed with. Browsers put different failures under one
 * `DOMException` name, so for `UnknownError` the message decides; the phrases
 * are those of Chromium and WebKit.
 */
export function fromIdbError(cause: unknown, operation: string): LocketError {
  if (isLocketError(cause)) return cause
  const name = nameOf(cause)
  return new LocketError(codeFor(name, messageOf(cause)), { operation, cause, details: { reason: name, ...quotaDetails(cause) } })
}

/** Whether the connection itself is gone, so that only a new one can help. */
export function isConnectionLost(error: unknown): boolean {
  return isLocketError(error, 'store/closed')
}

function codeFor(name: string, message: string): ErrorCode {
  switch (name) {
    case 'QuotaExceededError':
      return 'store/quota'
    case 'InvalidStateError':
      return 'store/closed'
    case 'AbortError':
      return 'store/aborted'
    case 'VersionError':
      return 'codec/unknown-version'
    // Chromium keeps large values in files of their own; these say that one is gone.
    case 'NotReadableError':
    case 'DataError':
      return 'store/corrupt'
    default:
      if (/disk (is )?full|no space|full disk/i.test(message)) return 'store/quota'
      if (/connection.*(lost|clos)/i.test(message)) return 'store/closed'
      return 'store/unavailable'
  }
}

function nameOf(cause: unknown): string {
  return cause instanceof Error || cause instanceof DOMException ? cause.name : 'UnknownError'
}

function messageOf(cause: unknown): string {
  return cause instanceof Error || cause instanceof DOMException ? cause.message : ''
}

/** Newer browsers say how much was asked for and allowed. */
function quotaDetails(cause: unknown): ErrorDetails {
  const { quota, requested } = (cause ?? {}) as { quota?: unknown; requested?: unknown }
  return {
    ...(typeof quota === 'number' ? { quotaBytes: quota } : {}),
    ...(typeof requested === 'number' ? { requestedBytes: requested } : {}),
  }
}
