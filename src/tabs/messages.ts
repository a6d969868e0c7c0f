import type { WireError } from '../core/errors.ts'
import type { Status } from '../locket/types.ts'
import type { MemoryEvents } from '../memory/events.ts'
import type { Terms } from './terms.ts'

/** What the lock and the channels of the locket called `name` are called. */
export function tabNames(name: string) {
  return {
    /** Held by the tab that has the stores open, or is about to. */
    leaderLock: `locket/leader/${name}`,
    /** Where tabs find each other. */
    lobby: `locket/lobby/${name}`,
    /** The channel between one tab and its leader, and the lock that tab holds for as long as it lives. */
    line: (connection: string) => `locket/line/${name}/${connection}`,
  }
}

/** Heard by every tab. Nothing here is private. */
export type LobbyMessage =
  /** A tab asks to be let in, over a line of its own. */
  | { readonly lobby: 'hello'; readonly connection: string; readonly terms: Terms }
  /** Somebody is about to lead: it may wait for a person to unlock. */
  | { readonly lobby: 'opening' }
  /** Somebody leads from now on. */
  | { readonly lobby: 'leading'; readonly leader: string }
  | { readonly lobby: 'refused'; readonly connection: string; readonly error: WireError }

/** On the line of one tab, beside the calls and their answers. */
export type LineMessage =
  /** The leader lets the tab in, or tells it what has become of the status. */
  | { readonly line: 'status'; readonly leader: string; readonly status: Status }
  | { readonly line: 'event'; readonly name: keyof MemoryEvents; readonly event: unknown }
  /** The tab has closed its locket. */
  | { readonly line: 'leave' }

/** What came through the lobby, if it is one of ours. Any script of the origin can post there. */
export function lobbyMessageOf(event: Event): LobbyMessage | undefined {
  return messageWith<LobbyMessage>(event, 'lobby')
}

/** What came over a line besides calls. */
export function lineMessageOf(event: Event): LineMessage | undefined {
  return messageWith<LineMessage>(event, 'line')
}

function messageWith<T>(event: Event, tag: string): T | undefined {
  const { data } = event as MessageEvent<unknown>
  return typeof data === 'object' && data !== null && tag in data ? (data as T) : undefined
}
