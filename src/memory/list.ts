import { throwIfAborted, type AbortOptions } from '../core/abort.ts'
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../core/bytes.ts'
import { isLocketError, LocketError } from '../core/errors.ts'
import { MAX_RECALL } from '../core/limits.ts'
import { matches, type CatalogEntry } from './catalog.ts'
import { readItem, readMemory, requireEntry, toMemory } from './local.ts'
import type { MemoryState } from './state.ts'
import type { Memory, MemoryId, RecallFilter } from './types.ts'
import { assertMemoryId } from './validate.ts'

export type ListOptions = AbortOptions & {
  readonly filter?: RecallFilter | undefined
  /** Most memories on one page. Default 100. */
  readonly limit?: number | undefined
  /** Where the page before ended. Stays good while memories come and go. */
  readonly cursor?: string | undefined
}

export type Page = { readonly memories: readonly Memory[]; readonly cursor: string | undefined }

/** The present version of one memory. @throws {LocketError} `memory/unknown-id`, `memory/forgotten`. */
export async function getMemory(state: MemoryState, id: MemoryId, options?: AbortOptions): Promise<Memory> {
  assertMemoryId(id, 'memory.get')
  return readMemory(state, requireEntry(state, id, 'memory.get'), options)
}

/** Every version of one memory, oldest first. @throws {LocketError} `memory/unknown-id`, `memory/forgotten`. */
export async function historyOf(state: MemoryState, id: MemoryId, options?: AbortOptions): Promise<readonly Memory[]> {
  assertMemoryId(id, 'memory.history')
  const entry = requireEntry(state, id, 'memory.history')
  return Promise.all(entry.versions.map(async (version) => toMemory(await readItem(state, id, version, options), entry)))
}

/**
 * One page of memories, newest first by when they happened. A page may hold
 * fewer than `limit` although more follow: one whose record turns out damaged is
 * left out and reported in a `warning` event.
 *
 * @throws {LocketError} `usage/invalid-argument` for a limit or cursor that cannot be used.
 */
export async function listMemories(state: MemoryState, options: ListOptions = {}): Promise<Page> {
  const { filter = {}, limit = 100, cursor } = options
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_RECALL) throw invalid('limit')
  const after = cursor === undefined ? undefined : parseCursor(cursor)
  throwIfAborted(options)
  const rest = [...state.catalog.values()]
    .filter((entry) => matches(entry, filter) && (after === undefined || compare(entry, after) > 0))
    .sort(compare)
  const page = rest.slice(0, limit)
  const memories = await Promise.all(page.map((entry) => readOrReport(state, entry, options)))
  const last = page.at(-1)
  return {
    memories: memories.filter((memory) => memory !== undefined),
    cursor: last !== undefined && rest.length > limit ? formatCursor(last) : undefined,
  }
}

/** All memories, newest first, a page at a time. */
export async function* iterateMemories(state: MemoryState, options: ListOptions = {}): AsyncGenerator<Memory, void, undefined> {
  let { cursor } = options
  do {
    const page = await listMemories(state, { ...options, cursor })
    yield* page.memories
    cursor = page.cursor
  } while (cursor !== undefined)
}

async function readOrReport(state: MemoryState, entry: CatalogEntry, options: AbortOptions): Promise<Memory | undefined> {
  try {
    return await readMemory(state, entry, options)
  } catch (error) {
    if (isLocketError(error, 'memory/forgotten')) return undefined
    if (!isLocketError(error, 'store/corrupt')) throw error
    state.events.emit('warning', { error })
    return undefined
  }
}

type Position = Pick<CatalogEntry, 'occurredAtMs' | 'id'>

function compare(a: Position, b: Position): number {
  return b.occurredAtMs - a.occurredAtMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

function formatCursor({ occurredAtMs, id }: Position): string {
  return toBase64Url(utf8(`${occurredAtMs} ${id}`))
}

function parseCursor(cursor: string): Position {
  try {
    const [occurredAt = '', id = ''] = fromUtf8(fromBase64Url(cursor)).split(' ')
    assertMemoryId(id, 'memory.list')
    if (!/^-?\d{1,17}$/.test(occurredAt)) throw invalid('cursor')
    return { occurredAtMs: Number(occurredAt), id }
  } catch {
    throw invalid('cursor')
  }
}

function invalid(parameter: string): LocketError {
  return new LocketError('usage/invalid-argument', { operation: 'memory.list', details: { parameter } })
}
