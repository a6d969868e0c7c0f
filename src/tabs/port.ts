/**
 * How the tabs of one origin find each other. In a browser these are the
 * platform's own; both end at the borders of the origin.
 */
export type Tabs = {
  /** A lock ends with the tab that holds it, however that tab ends. */
  readonly locks: Pick<LockManager, 'request'>
  /** Whoever opens the same name hears what the others post, in order, and not what it posts itself. */
  openChannel(name: string): TabChannel
}

/** What is needed of a `BroadcastChannel`. */
export type TabChannel = {
  /** Sends a structured clone. */
  postMessage(message: unknown): void
  addEventListener(type: 'message' | 'messageerror', listener: (event: Event) => void): void
  removeEventListener(type: 'message' | 'messageerror', listener: (event: Event) => void): void
  /** Nothing is heard or sent any more. */
  close(): void
}
