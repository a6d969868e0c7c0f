import type { Clock } from '../core/capabilities.ts'
import type { Emitter } from '../core/emitter.ts'
import { createRpcServer, type RpcHandlers } from '../core/rpc.ts'
import type { MemoryEvents } from '../memory/events.ts'
import type { OpenedLocket } from '../locket/open-alone.ts'
import { acquireLock } from '../store/web-lock.ts'
import { fromCloneable, toCloneable } from './clone.ts'
import { lineMessageOf, lobbyMessageOf, tabNames, type LineMessage, type LobbyMessage } from './messages.ts'
import type { TabChannel, Tabs } from './port.ts'
import { channelRpcPort } from './rpc-port.ts'
import { refusalOf, type Terms } from './terms.ts'
import { runVerb, TAB_VERBS, type TabVerb } from './verbs.ts'

/** Name of the service that carries the verbs. */
export const LOCKET_SERVICE = 'locket'

export type Leader = {
  /** Lets tabs in from now on. */
  lead(opened: OpenedLocket): void
  /** Lets all tabs go: their calls are aborted and stay unanswered. */
  stop(): void
}

export type LeaderOptions = {
  readonly tabs: Tabs
  readonly names: ReturnType<typeof tabNames>
  readonly lobby: TabChannel
  readonly terms: Terms
  /** Random, so that tabs tell one leader from the next. */
  readonly id: string
  readonly events: Emitter<MemoryEvents>
  readonly clock: Clock
}

/** Answers the tabs of a locket, for the tab that holds the lock. Asks them to wait until there is a locket to let them into. */
export function createLeader(options: LeaderOptions): Leader {
  const { tabs, names, lobby, terms, id, events, clock } = options
  type Line = { readonly send: (message: LineMessage) => void; readonly end: () => void }
  const lines = new Map<string, Line>()
  let opened: OpenedLocket | undefined
  let isStatusDue = false

  const say = (message: LobbyMessage) => lobby.postMessage(message)
  const sendAll = (message: LineMessage) => lines.forEach(({ send }) => send(message))

  function sendStatus(): void {
    isStatusDue = false
    if (opened === undefined || lines.size === 0) return
    sendAll({ line: 'status', leader: id, status: opened.locket.status() })
  }

  /** Once for all events of one go: a status counts every memory. */
  function sendStatusSoon(): void {
    if (isStatusDue || lines.size === 0) return
    isStatusDue = true
    queueMicrotask(sendStatus)
  }

  function handlers(locket: OpenedLocket): RpcHandlers {
    const verbs = (Object.keys(TAB_VERBS) as TabVerb[]).map((verb) => [
      verb,
      async (args: readonly unknown[], { signal }: { readonly signal: AbortSignal }) => {
        try {
          return toCloneable(await runVerb(locket, verb, fromCloneable(args) as readonly unknown[], signal))
        } finally {
          if (TAB_VERBS[verb].changesStatus) sendStatus()
        }
      },
    ])
    return Object.fromEntries(verbs) as RpcHandlers
  }

  function letIn(connection: string, locket: OpenedLocket): Line {
    const channel = tabs.openChannel(names.line(connection))
    const server = createRpcServer(channelRpcPort(channel))
    const watch = new AbortController()
    const end = () => {
      if (!lines.delete(connection)) return
      watch.abort()
      server.close()
      channel.close()
    }
    server.serve(LOCKET_SERVICE, handlers(locket))
    channel.addEventListener('message', (event) => {
      if (lineMessageOf(event)?.line === 'leave') end()
    })
    // Theirs for as long as they live: when it is free, nobody is left to answer.
    acquireLock({ locks: tabs.locks, name: names.line(connection), waitMs: undefined, clock, signal: watch.signal }).then(
      (lock) => {
        end()
        lock.release()
      },
      () => undefined,
    )
    const line = { send: (message: LineMessage) => channel.postMessage(message), end }
    lines.set(connection, line)
    return line
  }

  const onLobby = (event: Event) => {
    const message = lobbyMessageOf(event)
    if (message?.lobby !== 'hello' || typeof message.terms !== 'object') return
    if (opened === undefined) return say({ lobby: 'opening' })
    const { connection } = message
    const refusal = refusalOf(message.terms, terms)
    if (refusal !== undefined) return say({ lobby: 'refused', connection, error: refusal.toJSON() })
    const line = lines.get(connection) ?? letIn(connection, opened)
    line.send({ line: 'status', leader: id, status: opened.locket.status() })
  }
  lobby.addEventListener('message', onLobby)
  say({ lobby: 'opening' })

  const stopListening = (['state', 'progress', 'warning'] as const).map((name) =>
    events.on(name, (event) => {
      if (lines.size > 0) sendAll({ line: 'event', name, event: toCloneable(event) })
      if (name === 'state') sendStatusSoon()
    }),
  )

  return Object.freeze<Leader>({
    lead(locket) {
      opened = locket
      say({ lobby: 'leading', leader: id })
    },
    stop() {
      opened = undefined
      lobby.removeEventListener('message', onLobby)
      for (const stop of stopListening) stop()
      for (const { end } of lines.values()) end()
    },
  })
}
