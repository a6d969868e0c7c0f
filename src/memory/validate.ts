import { utf8 } from '../core/bytes.ts'
import { LocketError } from '../core/errors.ts'
import { MAX_ITEM_BYTES, MAX_NAME_BYTES, MAX_TAG_BYTES, MAX_TAGS } from '../core/limits.ts'
import { packVector } from './item.ts'
import type { MemoryState as EngineState } from './state.ts'
import { isInstant } from './time.ts'
import type { MemoryInput } from './types.ts'

const LONE_SURROGATE = /\p{Surrogate}/u
const ID = /^[A-Za-z0-9_-]{21}[AQgw]$/

/**
 * Refuses what could not be given back exactly as it came.
 *
 * @throws {LocketError} `memory/invalid-item` naming the field, `memory/too-large`, both before anything is stored.
 */
export function assertMemoryInput(input: MemoryInput): void {
  if (typeof input !== 'object' || input === null) throw invalid('input', 'a memory is an object with a text')
  const { text, bytes, tags = [], links = [] } = input
  assertText('text', text, MAX_ITEM_BYTES)
  if (text.trim() === '' && (bytes === undefined || bytes.length === 0)) throw invalid('text', 'a memory needs text or bytes')
  if (bytes !== undefined && !(bytes instanceof Uint8Array)) throw invalid('bytes', 'bytes must be a Uint8Array')
  const sizeBytes = utf8(text).length + (bytes?.length ?? 0)
  if (sizeBytes > MAX_ITEM_BYTES) throw tooLarge('text', sizeBytes, MAX_ITEM_BYTES)

  if (!Array.isArray(tags)) throw invalid('tags', 'tags must be an array of strings')
  if (tags.length > MAX_TAGS) throw invalid('tags', `${tags.length} tags are more than ${MAX_TAGS}`)
  for (const tag of tags) assertName('tags', tag, MAX_TAG_BYTES)
  if (input.category !== undefined) assertName('category', input.category, MAX_NAME_BYTES)
  if (input.source !== undefined) assertName('source', input.source, MAX_NAME_BYTES)
  if (input.contentType !== undefined) assertName('contentType', input.contentType, MAX_NAME_BYTES)

  if (!Array.isArray(links) || links.length > MAX_TAGS) throw invalid('links', `at most ${MAX_TAGS} links to other memories`)
  for (const link of links) if (!isMemoryId(link)) throw invalid('links', 'a link is the id of a memory')
  for (const field of ['occurredAtMs', 'validFromMs', 'validUntilMs'] as const) {
    const value = input[field]
    if (value !== undefined && !isInstant(value)) throw invalid(field, 'times are whole milliseconds since 1970')
  }
  if ((input.validFromMs ?? -Infinity) > (input.validUntilMs ?? Infinity)) throw invalid('validUntilMs', 'validity ends before it begins')
  const { importance } = input
  if (importance !== undefined && !(typeof importance === 'number' && importance >= 0 && importance <= 1))
    throw invalid('importance', 'importance lies between 0 and 1')
}

/**
 * Refuses a vector of the caller's own that no search could use: kept, it would
 * spoil the record it lies in.
 *
 * @throws {LocketError} `index/dimension-mismatch`, `index/invalid-vector`, before anything is stored.
 */
export function assertOwnVector({ embedder }: Pick<EngineState, 'embedder'>, vector: Float32Array | undefined): void {
  if (vector === undefined) return
  const operation = 'memory.remember'
  if (!(vector instanceof Float32Array)) throw invalid('vector', 'a vector must be a Float32Array')
  if (vector.length !== embedder.dimensions) {
    throw new LocketError('index/dimension-mismatch', { operation, details: { expected: embedder.dimensions, received: vector.length } })
  }
  // Not a number, infinite, all zero, or so small that it packs to zero.
  if (packVector(embedder.id, vector) === undefined) throw new LocketError('index/invalid-vector', { operation })
}

/** Whether `id` is spelled like a memory id: 16 bytes in canonical base64url. */
function isMemoryId(id: unknown): id is string {
  return typeof id === 'string' && ID.test(id)
}

/** @throws {LocketError} `memory/unknown-id` if `id` cannot be one of ours. */
export function assertMemoryId(id: unknown, operation: string): asserts id is string {
  if (!isMemoryId(id)) throw new LocketError('memory/unknown-id', { operation })
}

/** @throws {LocketError} `memory/invalid-item` if `name` is not a usable category, source or space name. */
function assertName(field: string, name: unknown, limitBytes: number): asserts name is string {
  assertText(field, name, limitBytes)
  if (name.trim() === '') throw invalid(field, `${field} is empty`)
}

function assertText(field: string, text: unknown, limitBytes: number): asserts text is string {
  if (typeof text !== 'string') throw invalid(field, `${field} must be a string; binary content goes into bytes`)
  // A UTF-8 byte count is never below the string's length: refuse the huge before encoding it.
  if (text.length > limitBytes) throw tooLarge(field, text.length, limitBytes)
  if (utf8(text).length > limitBytes) throw tooLarge(field, utf8(text).length, limitBytes)
  if (text.includes('\0')) throw invalid(field, `${field} holds a NUL character; binary content goes into bytes`)
  // UTF-8 cannot spell a lone surrogate: it would come back as U+FFFD, altered in silence.
  if (LONE_SURROGATE.test(text)) throw invalid(field, `${field} holds a lone surrogate, which UTF-8 cannot spell`)
}

function invalid(field: string, message: string): LocketError {
  return new LocketError('memory/invalid-item', { operation: 'memory.remember', message, details: { field } })
}

function tooLarge(field: string, sizeBytes: number, limitBytes: number): LocketError {
  return new LocketError('memory/too-large', { operation: 'memory.remember', details: { field, sizeBytes, limitBytes } })
}
