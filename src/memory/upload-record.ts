import { fromUtf8, utf8, type Bytes } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import type { UploadState } from '../walrus/types.ts'

const STEPS = ['encoded', 'registered', 'uploaded', 'certified'] as const

const isText = (value: unknown) => typeof value === 'string'
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
const isDecimal = (value: unknown) => typeof value === 'string' && /^-?\d{1,40}$/.test(value)
const optional = (check: (value: unknown) => boolean) => (value: unknown) => value === undefined || check(value)
const isTransaction = (value: unknown) => isShaped(value, { digest: isText, bytes: optional(isText), signature: optional(isText) })

const FIELDS: { readonly [K in keyof Required<UploadState>]: (value: unknown) => boolean } = {
  version: (value) => value === 1,
  blobId: isText,
  step: (value) => STEPS.some((step) => step === value),
  epochs: isCount,
  deletable: (value) => typeof value === 'boolean',
  register: optional(isTransaction),
  blobObjectId: optional(isText),
  certificate: optional(isText),
  certify: optional(isTransaction),
  endEpoch: optional(isCount),
  signatures: isCount,
  costFrost: isDecimal,
  gasMist: isDecimal,
}

/** How far an upload has come, as bytes to be encrypted at rest: its JSON. */
export function encodeUpload(state: UploadState): Bytes {
  return utf8(JSON.stringify(state))
}

/**
 * Strict inverse of {@link encodeUpload}: every field of its kind, none that is
 * not known, and spelled as `JSON.stringify` spells it.
 *
 * @throws {LocketError} `codec/invalid`.
 */
export function decodeUpload(encoded: Uint8Array): UploadState {
  const text = fromUtf8(encoded)
  let state: unknown
  try {
    state = JSON.parse(text)
  } catch (cause) {
    throw invalid(cause)
  }
  if (!isShaped(state, FIELDS) || JSON.stringify(state) !== text) throw invalid()
  return state as UploadState
}

function isShaped(value: unknown, fields: { readonly [name: string]: (value: unknown) => boolean }): boolean {
  if (typeof value !== 'object' || value === null) return false
  const given = value as { readonly [name: string]: unknown }
  if (!Object.keys(given).every((name) => Object.hasOwn(fields, name))) return false
  return Object.entries(fields).every(([name, check]) => check(Object.hasOwn(given, name) ? given[name] : undefined))
}

function invalid(cause?: unknown): LocketError {
  return new LocketError('codec/invalid', { operation: 'memory.decodeUpload', message: 'not the state of an upload', cause })
}
