import { isLocketError, type WireError } from '../core/errors.ts'
import { fromWireError } from '../core/wire-error.ts'

/** Deeper than anything a locket takes or gives. What is below is dropped: a value that contains itself has no end. */
const MAX_DEPTH = 8

/**
 * A value as it is sent to another tab. Errors of ours go as data, wherever
 * they are in it, because a structured clone loses their class and code. What
 * cannot be cloned becomes `null`, which the verb over there refuses as it
 * would have refused the thing itself. Of a view, only what it shows is sent.
 */
export function toCloneable(value: unknown, depth = 0): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return null
  if (typeof value !== 'object' || value === null) return value
  if (isLocketError(value)) return { lockets: value.toJSON() } satisfies SentError
  if (ArrayBuffer.isView(value)) return value.byteLength === value.buffer.byteLength ? value : trimmed(value)
  if (depth === MAX_DEPTH) return null
  if (Array.isArray(value)) return value.map((part) => toCloneable(part, depth + 1))
  // Object.fromEntries defines; an assignment would lose a key called `__proto__`.
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toCloneable(part, depth + 1)]))
}

/** The value that {@link toCloneable} took apart, its objects frozen as they are where they come from. */
export function fromCloneable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (isSentError(value)) return fromWireError(value.lockets)
  if (Array.isArray(value)) return value.map(fromCloneable)
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fromCloneable(part)])))
}

type SentError = { readonly lockets: WireError }

/** No result has a field of that name that holds an object. */
function isSentError(value: object): value is SentError {
  return 'lockets' in value && typeof value.lockets === 'object' && value.lockets !== null
}

function trimmed(view: ArrayBufferView): unknown {
  return view instanceof DataView ? null : (view as Uint8Array).slice()
}
