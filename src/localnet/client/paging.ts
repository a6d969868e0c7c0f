import { LocketError } from '../../core/errors.ts'

export type PageRequest = { readonly limit?: number | undefined; readonly cursor?: string | null | undefined }

/** Page size when none is asked for, and the most a page holds. */
const PAGE_LIMIT = 50

/**
 * One page of `items` in the order of their ids. The cursor is the last id of
 * the page, so pages stay whole when objects come and go in between.
 */
export function pageById<T>(
  items: readonly T[],
  idOf: (item: T) => string,
  request: PageRequest,
): { page: T[]; hasNextPage: boolean; cursor: string | null } {
  const limit = checkedLimit(request.limit)
  const sorted = items.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
  const { cursor } = request
  const rest = cursor == null ? sorted : sorted.filter((item) => idOf(item) > cursor)
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return { page, hasNextPage: rest.length > page.length, cursor: last === undefined ? null : idOf(last) }
}

export type LogRequest = {
  readonly limit?: number | undefined
  readonly after?: string | null | undefined
  readonly before?: string | null | undefined
  readonly order?: 'ascending' | 'descending' | undefined
}

/** One page of a log. Cursors are positions in it; `order` and the two ends work as the Core API documents. */
export function pageOfLog<T>(
  entries: readonly { readonly position: string; readonly item: T }[],
  request: LogRequest,
): { page: T[]; hasNextPage: boolean; startCursor: string | null; endCursor: string | null } {
  if (request.after != null && request.before != null) {
    throw new LocketError('usage/invalid-argument', { operation: 'localnet.page', message: 'after and before exclude each other' })
  }
  const limit = checkedLimit(request.limit)
  const positions = entries.map((entry) => entry.position)
  const descending = request.order === 'descending' || request.before != null
  const from = request.after == null ? 0 : positions.indexOf(request.after) + 1
  const to = request.before == null ? entries.length : Math.max(0, positions.indexOf(request.before))
  const candidates = entries.slice(from, to)
  if (descending) candidates.reverse()
  const page = candidates.slice(0, limit)
  return {
    page: page.map((entry) => entry.item),
    hasNextPage: candidates.length > page.length,
    startCursor: page[0]?.position ?? null,
    endCursor: page.at(-1)?.position ?? null,
  }
}

function checkedLimit(limit = PAGE_LIMIT): number {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new LocketError('usage/invalid-argument', { operation: 'localnet.page', details: { parameter: 'limit' } })
  }
  return Math.min(limit, PAGE_LIMIT)
}
