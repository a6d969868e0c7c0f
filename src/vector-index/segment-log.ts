import type { Bytes } from '../core/bytes.ts'
import { rowBytes, SEGMENT_ROOM_BYTES } from './segment.ts'

/** Where an id's newest vector is kept. A new object for every `put`, so that identity tells whether it was put again. */
type Row = { segment: number | undefined; row: number }

/** A segment that is on disk, with what became of its rows since. */
export type LoggedSegment = {
  readonly number: number
  readonly sizeBytes: number
  readonly sha256: Bytes
  readonly ids: readonly string[]
  readonly dead: Bytes
  deadCount: number
}

/** Rows chosen for one new segment, as they were when they were chosen. */
export type Chosen = { readonly ids: readonly string[]; readonly rows: readonly Row[] }

/** Segments whose live rows are to be written anew, and dropped. */
const VICTIMS = 4
/** A segment smaller than this is better merged with others. */
const SMALL_BYTES = 1_000_000
/** More small segments than this are merged. */
const MANY_SMALL = 8
/** Share of dead rows from which on segments are written anew. */
const DEAD_SHARE = 0.25

/**
 * The book-keeping of segments, rows and tombstones. Pure state: it neither
 * reads nor writes a store.
 */
export function createSegmentLog(dimensions: number) {
  const rows = new Map<string, Row>()
  const pending = new Set<string>()
  const segments = new Map<number, LoggedSegment>()

  function bury(row: Row | undefined): void {
    if (row?.segment === undefined) return
    const segment = segments.get(row.segment) as LoggedSegment
    segment.dead[row.row >> 3] = (segment.dead[row.row >> 3] as number) | (1 << (row.row & 7))
    segment.deadCount++
  }

  /** Ids whose newest vector is in `segment`. */
  function liveIds(segment: LoggedSegment): string[] {
    return segment.ids.filter((id, row) => {
      const at = rows.get(id)
      return at?.segment === segment.number && at.row === row
    })
  }

  function tombstones(): number {
    let count = 0
    for (const segment of segments.values()) count += segment.deadCount
    return count
  }

  return Object.freeze({
    pending: (): ReadonlySet<string> => pending,
    segments: (): IterableIterator<LoggedSegment> => segments.values(),
    segmentCount: () => segments.size,
    has: (id: string) => rows.has(id),
    tombstones,

    /** An id was put: whatever is on disk under it is dead, and it waits to be written. */
    put(id: string): void {
      bury(rows.get(id))
      rows.set(id, { segment: undefined, row: 0 })
      pending.add(id)
    },

    remove(id: string): void {
      bury(rows.get(id))
      rows.delete(id)
      pending.delete(id)
    },

    /** Adds a segment read from disk. Its rows that are not dead become the ids' rows. */
    load(segment: LoggedSegment): void {
      segments.set(segment.number, segment)
      segment.ids.forEach((id, row) => {
        if (((segment.dead[row >> 3] as number) & (1 << (row & 7))) === 0) rows.set(id, { segment: segment.number, row })
      })
    },

    /** Groups `ids` into segments that keep to the size limit: the first `limitCount` of them. */
    choose(ids: Iterable<string>, limitCount: number): Chosen[] {
      const groups: { ids: string[]; rows: Row[] }[] = []
      let room = 0
      for (const id of ids) {
        const sizeBytes = rowBytes(id, dimensions)
        if (sizeBytes > room) {
          if (groups.length === limitCount) break
          groups.push({ ids: [], rows: [] })
          room = SEGMENT_ROOM_BYTES
        }
        room -= sizeBytes
        const group = groups.at(-1) as { ids: string[]; rows: Row[] }
        group.ids.push(id)
        group.rows.push(rows.get(id) as Row)
      }
      return groups
    },

    /** Segments worth writing anew: mostly dead ones, or too many small ones. At most a few at a time. */
    victims(): LoggedSegment[] {
      const all = [...segments.values()]
      const total = all.reduce((sum, segment) => sum + segment.ids.length, 0)
      const share = (segment: LoggedSegment) => segment.deadCount / segment.ids.length
      if (total > 0 && tombstones() / total >= DEAD_SHARE) {
        return all.toSorted((a, b) => share(b) - share(a)).slice(0, VICTIMS)
      }
      const small = all.filter((segment) => segment.sizeBytes < SMALL_BYTES)
      return small.length > MANY_SMALL ? small : []
    },
    liveIds,

    /** Records that `written` is on disk and `dropped` is not. Rows put again or removed meanwhile are dead there. */
    commit(written: readonly { readonly segment: LoggedSegment; readonly chosen: Chosen }[], dropped: readonly LoggedSegment[]): void {
      for (const { segment, chosen } of written) {
        segments.set(segment.number, segment)
        chosen.ids.forEach((id, row) => {
          const present = rows.get(id)
          if (present === chosen.rows[row]) {
            rows.set(id, { segment: segment.number, row })
            pending.delete(id)
          } else {
            bury({ segment: segment.number, row })
          }
        })
      }
      for (const { number } of dropped) segments.delete(number)
    },
  })
}

export type SegmentLog = ReturnType<typeof createSegmentLog>
