import type { AbortOptions } from '../core/abort.ts'
import { abortable } from '../core/abortable.ts'
import { toHex } from '../core/bytes.ts'
import { randomBytes } from '../core/capabilities.ts'
import { LocketError } from '../core/errors.ts'
import type { OpenedLocket } from '../locket/open-alone.ts'
import type { Status } from '../locket/types.ts'
import { acquireLock } from '../store/web-lock.ts'
import { connect, type Connection, type ConnectOptions } from './connect.ts'
import { lobbyMessageOf } from './messages.ts'
import { takeLead, type Seat } from './seat.ts'

export type SeatsOptions = Omit<ConnectOptions, 'signal' | 'onBroken'> & {
  /** Opens the stores in this tab. */
  readonly open: (options: { readonly signal: AbortSignal }) => Promise<OpenedLocket>
}

export type Seats = {
  /**
   * The tab's seat: the one it has, or else the first to be had of the lock, with which it leads, and the welcome of
   * whoever holds it. Rejects with what opening, or the leader, refuses with, and with `usage/closed`.
   */
  take(options?: AbortOptions): Promise<Seat>
  /** What the leader last said. Only once a seat has been taken. */
  status(): Status
  /** Leaves for good. Who leads closes the stores and lets another lead. */
  close(): Promise<void>
}

/**
 * Finds one tab its place among those that share a locket.
 *
 * Leading is taken up on demand. When the leader ends, however it ends, the
 * platform frees its lock and whoever followed loses its seat; the first tab
 * that then wants something takes the lock and opens the stores, so that the
 * person is asked to unlock in the tab they use.
 */
export function createSeats(options: SeatsOptions): Seats {
  const { tabs, names, lobby, clock, entropy, open } = options
  const closing = new AbortController()
  const { signal } = closing
  let seat: Seat | undefined
  let lastStatus: Status | undefined
  let search: { readonly found: Promise<Seat>; readonly mayLead: boolean } | undefined

  function follow(connection: Connection, lost: LocketError, leaveQueue: () => void): Seat {
    let isOver = false
    const end = (reason: LocketError) => {
      if (isOver) return
      isOver = true
      lastStatus = connection.status()
      if (seat === following) seat = undefined
      leaveQueue()
      connection.end(reason)
    }
    const following = Object.freeze<Seat>({
      ...connection,
      lost,
      isOver: () => isOver,
      close: async () => end(closed()),
      lose: () => end(lost),
    })
    return following
  }

  async function find(mayLead: boolean): Promise<Seat> {
    const queueing = new AbortController()
    const calling = new AbortController()
    const lost = new LocketError('tabs/outcome-unknown', { operation: 'locket.tabs' })
    let following: Seat | undefined

    const inTurn = AbortSignal.any([signal, queueing.signal])
    const queue = acquireLock({ locks: tabs.locks, name: names.leaderLock, waitMs: undefined, clock, signal: inTurn })
    const connecting = connect({ ...options, signal: AbortSignal.any([signal, calling.signal]), onBroken: () => following?.lose() })
    const leaveQueue = () => {
      queueing.abort()
      // It may have been granted in the same moment.
      void queue.then((lock) => lock.release(), ignore)
    }
    const hangUp = () => {
      calling.abort()
      void connecting.then((connection) => connection.end(lost), ignore)
    }

    const first = await Promise.race([queue, connecting]).catch((error: unknown) => {
      leaveQueue()
      hangUp()
      throw error
    })
    if ('release' in first) {
      hangUp()
      if (mayLead) return takeLead(first, () => open({ signal }), { ...options, id: toHex(randomBytes(entropy, 16)) })
      first.release()
      throw lost
    }
    following = follow(first, lost, leaveQueue)
    // Granted when the leader is gone, and not kept: the tab that wants something takes it.
    queue.then(following.lose, ignore)
    return following
  }

  function begin(mayLead: boolean): Promise<Seat> {
    const found = find(mayLead)
      .then(async (taken) => {
        if (signal.aborted) {
          await taken.close()
          throw closed()
        }
        // The leader may have ended in the moment it said welcome; whoever asks it finds out, and searches again.
        if (!taken.isOver()) seat = taken
        return taken
      })
      .finally(() => (search = undefined))
    found.catch(ignore)
    search = { found, mayLead }
    return found
  }

  /** A new leader is heard by tabs that want nothing too: events and status come from it. */
  const onLobby = (event: Event) => {
    const message = lobbyMessageOf(event)
    if (message?.lobby !== 'leading' || search !== undefined || seat?.leader === message.leader) return
    if (seat !== undefined && seat.lost === undefined) return
    seat?.lose()
    void begin(false)
  }
  lobby.addEventListener('message', onLobby)

  return Object.freeze<Seats>({
    status: () => seat?.status() ?? (lastStatus as Status),
    async take(takeOptions = {}) {
      for (;;) {
        if (signal.aborted) throw closed()
        if (seat !== undefined) return seat
        const { found, mayLead } = search ?? { found: begin(true), mayLead: true }
        try {
          return await abortable(found, takeOptions)
        } catch (error) {
          // A search that might not lead has told nothing: the next one may.
          if (mayLead || takeOptions.signal?.aborted) throw error
        }
      }
    },
    async close() {
      closing.abort(closed())
      lobby.removeEventListener('message', onLobby)
      await search?.found.catch(ignore)
      const last = seat
      seat = undefined
      lastStatus ??= last?.status()
      await last?.close().finally(() => lobby.close())
      if (last === undefined) lobby.close()
    },
  })
}

function closed(): LocketError {
  return new LocketError('usage/closed', { operation: 'locket.tabs' })
}

const ignore = () => undefined
