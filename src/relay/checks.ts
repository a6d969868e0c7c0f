import { LocketError } from '../core/errors.ts'
import { DEFAULT_TTL_MS, MAILBOX_BYTES, type Mailbox, type SendOptions } from './port.ts'

/** @throws {LocketError} `usage/invalid-argument` unless `mailbox` is 32 bytes. */
export function assertMailbox(mailbox: Mailbox, operation: string): void {
  if (mailbox instanceof Uint8Array && mailbox.length === MAILBOX_BYTES) return
  throw invalid(operation, 'mailbox', `a mailbox is ${MAILBOX_BYTES} bytes`)
}

/** @throws {LocketError} `usage/invalid-argument` for no body, `relay/oversize` for one above `maxBodyBytes`. */
export function assertBody(body: Uint8Array, maxBodyBytes: number, operation: string): void {
  if (!(body instanceof Uint8Array) || body.length === 0) throw invalid(operation, 'body', 'a body is at least one byte')
  if (body.length <= maxBodyBytes) return
  throw new LocketError('relay/oversize', { operation, details: { limitBytes: maxBodyBytes } })
}

/**
 * The time to live a send asks for.
 *
 * @throws {LocketError} `usage/invalid-argument` unless it is a positive finite number.
 */
export function ttlOf(options: SendOptions | undefined, operation: string): number {
  const { ttlMs = DEFAULT_TTL_MS } = options ?? {}
  if (Number.isFinite(ttlMs) && ttlMs > 0) return ttlMs
  throw invalid(operation, 'ttlMs', 'ttlMs is a positive number of milliseconds')
}

/** Throws the abort reason, or `usage/closed` if the relay is closed. What every call does first. */
export function assertUsable(isClosed: boolean, operation: string, signal?: AbortSignal): void {
  if (isClosed) throw new LocketError('usage/closed', { operation })
  signal?.throwIfAborted()
}

function invalid(operation: string, parameter: string, message: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation, message, details: { parameter } })
}
