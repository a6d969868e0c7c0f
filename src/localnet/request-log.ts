import { copyBytes, type Bytes } from '../core/bytes.ts'

/** One request that left the client, as an observer of the wire would see it. */
export type LoggedRequest = {
  readonly index: number
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Bytes
}

/** What left, in order. For privacy checks: nothing in here may tell a secret. */
export type RequestLog = {
  /** The newest entries, oldest first. */
  entries(): readonly LoggedRequest[]
  /** Calls `listener` with each request from now on. Returns how to stop. */
  subscribe(listener: (request: LoggedRequest) => void): () => void
  clear(): void
}

/** Bodies kept, all together. Uploads are large, and a page that runs for hours must not fill up. */
const BODIES_KEPT_BYTES = 64 * 1024 * 1024

/** A log and its writing end. Keeps the newest `limitCount` entries, and of those at most 64 MiB of bodies. */
export function createRequestLog(limitCount: number): {
  readonly log: RequestLog
  add(request: Omit<LoggedRequest, 'index'>): void
} {
  let kept: LoggedRequest[] = []
  let index = 0
  let keptBytes = 0
  const listeners = new Set<(request: LoggedRequest) => void>()
  return {
    log: Object.freeze<RequestLog>({
      entries: () => [...kept],
      subscribe(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
      clear() {
        kept = []
        keptBytes = 0
      },
    }),
    add(request) {
      const entry: LoggedRequest = Object.freeze({ ...request, body: copyBytes(request.body), index: index++ })
      kept.push(entry)
      keptBytes += entry.body.length
      while (kept.length > 1 && (kept.length > limitCount || keptBytes > BODIES_KEPT_BYTES)) keptBytes -= kept.shift()?.body.length ?? 0
      for (const listener of listeners) listener(entry)
    },
  }
}
