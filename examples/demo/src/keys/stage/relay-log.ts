import type { LoggedRequest, RequestLog } from '@locket/sdk/localnet'
import { RELAY_CHANNEL } from '../names.ts'

/** One message as the relay has it. */
export type Seen = {
  readonly atMs: number
  readonly type: string
  /** Where it lies: a hash that changes with every ceremony. */
  readonly topic: string
  readonly body: Uint8Array<ArrayBuffer>
}

/** Messages kept for whoever begins to look later. */
const MOST_KEPT = 1_000

/** Listens where the relay is: it gets what every script of this origin could get, and keeps it. */
export function openRelayLog(onSeen: (seen: Seen) => void): RequestLog {
  const kept: LoggedRequest[] = []
  const listeners = new Set<(request: LoggedRequest) => void>()
  let index = 0
  new BroadcastChannel(RELAY_CHANNEL).addEventListener(
    'message',
    ({ data }: MessageEvent<Partial<{ type: string; address: string; body: Uint8Array }>>) => {
      const { type = '?', address: topic = '?' } = data
      const body = Uint8Array.from(data.body ?? [])
      onSeen({ atMs: Date.now(), type, topic, body })
      const request = { index: index++, method: type, url: `relay://${topic}/`, headers: [], body }
      kept.push(request)
      if (kept.length > MOST_KEPT) kept.shift()
      for (const listener of listeners) listener(request)
    },
  )
  return {
    entries: () => [...kept],
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    clear: () => void kept.splice(0),
  }
}

/** Several logs as one, in the order in which things happen. */
export function mergeLogs(...logs: readonly RequestLog[]): RequestLog {
  return {
    entries: () => logs.flatMap((log) => log.entries()),
    subscribe(listener) {
      const ends = logs.map((log) => log.subscribe(listener))
      return () => ends.forEach((end) => end())
    },
    clear: () => logs.forEach((log) => log.clear()),
  }
}
