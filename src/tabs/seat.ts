import type { AbortOptions } from '../core/abort.ts'
import type { LocketError } from '../core/errors.ts'
import type { OpenedLocket } from '../locket/open-alone.ts'
import type { Status } from '../locket/types.ts'
import { createLeader, type LeaderOptions } from './leader.ts'
import { runVerb, type TabVerb } from './verbs.ts'

/** From where a tab's calls are answered: its own stores, or another tab's. */
export type Seat = {
  /** Id of the leader that answers. */
  readonly leader: string
  /** What calls reject with, and with nothing else, once the tab that answered them is gone. */
  readonly lost: LocketError | undefined
  /** Whether it is lost or closed. */
  readonly isOver: () => boolean
  readonly status: () => Status
  call(verb: TabVerb, args: readonly unknown[], options: AbortOptions): Promise<unknown>
  /** The tab closes its locket. */
  close(): Promise<void>
  /** The leader is gone, or another has taken its place. Nothing for a tab that leads. */
  lose(): void
}

/** Leads: opens the stores, answers the other tabs, and frees `lock` when it is closed or cannot open. */
export async function takeLead(lock: { release(): void }, open: () => Promise<OpenedLocket>, options: LeaderOptions): Promise<Seat> {
  const leader = createLeader(options)
  try {
    const opened = await open()
    leader.lead(opened)
    return Object.freeze<Seat>({
      leader: options.id,
      lost: undefined,
      isOver: () => false,
      status: () => opened.locket.status(),
      call: (verb, args, { signal }) => runVerb(opened, verb, args, signal),
      lose: () => undefined,
      async close() {
        leader.stop()
        // Whoever leads next finds the stores closed.
        await opened.locket.close().finally(() => lock.release())
      },
    })
  } catch (error) {
    leader.stop()
    lock.release()
    throw error
  }
}
