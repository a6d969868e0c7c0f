import type { AbortOptions } from '../core/abort.ts'
import { toHex } from '../core/bytes.ts'
import { randomBytes, type Clock, type Entropy } from '../core/capabilities.ts'
import type { Emitter } from '../core/emitter.ts'
import { LocketError } from '../core/errors.ts'
import { createRpcClient } from '../core/rpc.ts'
import { fromWireError } from '../core/wire-error.ts'
import type { Status } from '../locket/types.ts'
import type { MemoryEvents } from '../memory/events.ts'
import { acquireLock } from '../store/web-lock.ts'
import { fromCloneable, toCloneable } from './clone.ts'
import { LOCKET_SERVICE } from './leader.ts'
import { lineMessageOf, lobbyMessageOf, tabNames, type LineMessage, type LobbyMessage } from './messages.ts'
import type { TabChannel, Tabs } from './port.ts'
import { channelRpcPort } from './rpc-port.ts'
import type { Terms } from './terms.ts'
import type { TabVerb } from './verbs.ts'

/** How long a leader may be silent before it counts as one that does not answer tabs. */
const ANSWER_MS = 5_000

/** A tab's way to the leader that let it in. */
export type Connection = {
  readonly leader: string
  readonly status: () => Status
  call(verb: TabVerb, args: readonly unknown[], options: AbortOptions): Promise<unknown>
  /** Ends it. Calls under way, and later ones, reject with `reason`. */
  end(reason: LocketError): void
}

export type ConnectOptions = {
  readonly tabs: Tabs
  readonly names: ReturnType<typeof tabNames>
  readonly lobby: TabChannel
  readonly terms: Terms
  readonly clock: Clock
  readonly entropy: Entropy
  readonly events: Emitter<MemoryEvents>
  /** Called once if what comes over the line cannot be read. */
  readonly onBroken: () => void
  /** Ends the attempt. */
  readonly signal: AbortSignal
}

/**
 * Asks whoever leads to be let in, for as long as somebody is about to.
 *
 * @throws {LocketError} as `refusalOf` refuses; `store/locked` if nobody answers.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { tabs, names, lobby, terms, clock, entropy, events, signal } = options
  const connection = toHex(randomBytes(entropy, 16))
  // Before the greeting: the leader takes a free lock for a tab that has ended.
  const alive = await acquireLock({ locks: tabs.locks, name: names.line(connection), waitMs: undefined, clock, signal })
  const channel = tabs.openChannel(names.line(connection))
  const settled = new AbortController()
  const hangUp = () => {
    settled.abort()
    channel.close()
    alive.release()
  }
  try {
    return await new Promise<Connection>((resolve, reject) => {
      let status: Status | undefined
      let patience = new AbortController()
      const onAbort = () => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { signal: settled.signal })
      if (signal.aborted) return onAbort()

      const greet = () => {
        patience.abort()
        patience = new AbortController()
        lobby.postMessage({ lobby: 'hello', connection, terms } satisfies LobbyMessage)
        const until = AbortSignal.any([patience.signal, settled.signal])
        clock.sleep(ANSWER_MS, { signal: until }).then(
          () => reject(new LocketError('store/locked', { operation: 'locket.open', message: 'the tab that has it open does not answer' })),
          () => undefined,
        )
      }
      const onLobby = (event: Event) => {
        const message = lobbyMessageOf(event)
        if (message?.lobby === 'opening') patience.abort()
        else if (message?.lobby === 'leading') greet()
        else if (message?.lobby === 'refused' && message.connection === connection) reject(fromWireError(message.error))
      }
      lobby.addEventListener('message', onLobby)
      settled.signal.addEventListener('abort', () => lobby.removeEventListener('message', onLobby))

      channel.addEventListener('messageerror', options.onBroken)
      channel.addEventListener('message', (event) => {
        const message = lineMessageOf(event)
        if (message?.line === 'event') return events.emit(message.name, fromCloneable(message.event) as never)
        if (message?.line !== 'status') return
        const isFirst = status === undefined
        status = Object.freeze(message.status)
        if (!isFirst) return
        settled.abort()
        const rpc = createRpcClient(channelRpcPort(channel))
        resolve(
          Object.freeze<Connection>({
            leader: message.leader,
            status: () => status as Status,
            call: async (verb, args, { signal: callSignal }) =>
              fromCloneable(await rpc.call(LOCKET_SERVICE, verb, toCloneable(args), { signal: callSignal })),
            end(reason) {
              rpc.close(reason)
              channel.postMessage({ line: 'leave' } satisfies LineMessage)
              hangUp()
            },
          }),
        )
      })
      greet()
    })
  } catch (error) {
    hangUp()
    throw error
  }
}
