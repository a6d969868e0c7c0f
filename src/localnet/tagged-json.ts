import { fromBase64, toBase64 } from '@mysten/sui/utils'

/**
 * JSON that also carries bytes, bigints and `undefined`, for what the localnet
 * says about itself. An object with one key that begins with `$` is a tag.
 */
export function encodeTaggedJson(value: unknown): string {
  return JSON.stringify(tag(value))
}

/** The value {@link encodeTaggedJson} wrote. */
export function decodeTaggedJson(text: string): unknown {
  return untag(JSON.parse(text))
}

function tag(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) }
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (value === undefined) return { $undefined: true }
  if (Array.isArray(value)) return value.map(tag)
  if (value instanceof Error) {
    const { code, reason, objectId } = value as { code?: unknown; reason?: unknown; objectId?: unknown }
    return { $error: { name: value.name, message: value.message, code: tag(code), reason: tag(reason), objectId: tag(objectId) } }
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, item]) => (typeof item === 'function' || item === undefined ? [] : [[key, tag(item)]])),
    )
  }
  return value
}

function untag(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untag)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [first] = entries
  if (entries.length === 1 && first !== undefined) {
    const [key, item] = first
    if (key === '$bytes') return fromBase64(item as string)
    if (key === '$bigint') return BigInt(item as string)
    if (key === '$undefined') return undefined
    if (key === '$error') {
      const { name, message, ...rest } = untag(item) as { name: string; message: string }
      return Object.assign(new Error(message), { name, ...rest })
    }
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, untag(item)]))
}
