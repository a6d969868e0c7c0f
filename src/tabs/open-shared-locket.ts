import type { AbortOptions } from '../core/abort.ts'
import { systemClock, systemEntropy } from '../core/capabilities.ts'
import { createEmitter } from '../core/emitter.ts'
import { LocketError } from '../core/errors.ts'
import { lazily } from '../locket/lazily.ts'
import { openAlone, type OpenedLocket } from '../locket/open-alone.ts'
import { DEFAULT_EPOCHS, DEFAULT_NAME, type LocketOptions } from '../locket/options.ts'
import { rememberVerb } from '../locket/remember-verb.ts'
import type { LocketStorage } from '../locket/storage.ts'
import type { Locket, NetworkOptions } from '../locket/types.ts'
import type { MemoryEvents } from '../memory/events.ts'
import type { ListOptions, Page } from '../memory/list.ts'
import { newMemoryId } from '../memory/remember.ts'
import type { Memory, Outcome } from '../memory/types.ts'
import { tabNames } from './messages.ts'
import type { Tabs } from './port.ts'
import { createSeats, type Seats } from './seats.ts'
import { PROTOCOL, type Terms } from './terms.ts'
import { TAB_VERBS, type TabVerb } from './verbs.ts'

/**
 * Opens a locket together with the other tabs of the origin: one of them has
 * the stores open, and every verb of every tab is answered there. When that tab
 * ends, another opens the stores; what was under way is asked again where that
 * is safe, and otherwise rejects with `tabs/outcome-unknown`.
 *
 * @throws {LocketError} what `openLocket` throws; `unlock/failed` if another tab has it open for another wallet,
 *   `index/model-mismatch` if with another embedder, `store/locked` if a tab has it open and does not answer.
 */
export async function openSharedLocket(options: LocketOptions & { readonly storage: LocketStorage }, tabs: Tabs): Promise<Locket> {
  const { network, name = DEFAULT_NAME, signal } = options
  const clock = options.clock ?? network.clock ?? systemClock()
  const entropy = options.entropy ?? systemEntropy()
  const embedder = options.embedder ?? (await import('../embed/hashing.ts')).createHashingEmbedder()
  const events = createEmitter<MemoryEvents>()
  if (options.onWarning !== undefined) events.on('warning', ({ error }) => options.onWarning?.(error))
  const address = network.signer.toSuiAddress()
  const terms: Terms = {
    protocol: PROTOCOL,
    address,
    network: network.name,
    policyPackageId: network.seal.policyPackageId,
    embedder: embedder.id,
  }

  const open = async (abort: AbortOptions): Promise<OpenedLocket> => {
    if (network.signer.toSuiAddress() !== address) {
      throw new LocketError('unlock/failed', { operation: 'locket.open', message: 'the wallet is not the one this locket was opened with' })
    }
    const onWarning = (error: LocketError) => events.emit('warning', { error })
    const opened = await openAlone({ ...options, ...abort, clock, entropy, embedder, onWarning })
    for (const event of ['state', 'progress'] as const) opened.locket.on(event, (what) => events.emit(event, what))
    return opened
  }

  const names = tabNames(name)
  const seats = createSeats({ tabs, names, lobby: tabs.openChannel(names.lobby), terms, clock, entropy, events, open })
  try {
    await seats.take({ signal })
  } catch (error) {
    const closing = seats.close()
    // Whoever has stopped waiting does not wait for a wallet's answer either.
    if (signal?.aborted) closing.catch(() => undefined)
    else await closing
    throw error
  }

  let isClosed = false
  const close = lazily(async () => {
    isClosed = true
    await seats.close()
  })
  const assertOpen = (operation: string) => {
    if (isClosed) throw new LocketError('usage/closed', { operation: `locket.${operation}` })
  }
  const ask = async <T>(verb: TabVerb, args: readonly unknown[], operation: string = verb): Promise<T> => {
    assertOpen(operation)
    return (await askInTurn(seats, verb, args, operation)) as T
  }
  const withDefaults = (given: NetworkOptions = {}) => ({
    ...given,
    epochs: given.epochs ?? options.epochs ?? DEFAULT_EPOCHS,
    deletable: options.deletable ?? true,
  })
  async function* pages(given: Omit<ListOptions, 'cursor'> = {}) {
    let cursor: string | undefined
    do {
      const page = await ask<Page>('list', [{ ...given, cursor }], 'all')
      yield* page.memories
      cursor = page.cursor
    } while (cursor !== undefined)
  }

  return Object.freeze<Locket>({
    address,
    remember: rememberVerb((inputs, abort) => {
      const ids = Array.from(inputs, () => newMemoryId(entropy))
      return ask<readonly Outcome<Memory>[]>('rememberAs', [inputs, { ...abort, ids }], 'remember')
    }),
    recall: (...args) => ask('recall', args),
    get: (...args) => ask('get', args),
    history: (...args) => ask('history', args),
    list: (...args) => ask('list', args),
    all(given) {
      assertOpen('all')
      return pages(given)
    },
    update: (...args) => ask('update', args),
    forget: (ids, given) => ask('forget', [ids, withDefaults(given)]),
    cost: (given) => ask('cost', [withDefaults(given)]),
    flush: (given) => ask('flush', [withDefaults(given)]),
    restore: (...args) => ask('restore', args),
    renew: (...args) => ask('renew', args),
    share: (...args) => ask('share', args),
    unshare: (...args) => ask('unshare', args),
    export: (...args) => ask('export', args),
    import: (...args) => ask('import', args),
    checkKeyServers: (...args) => ask('checkKeyServers', args),
    status() {
      assertOpen('status')
      return seats.status()
    },
    on(event, listener) {
      assertOpen('on')
      return events.on(event, listener)
    },
    close,
    [Symbol.asyncDispose]: close,
  })
}

/** Asks from the tab's seat, and from the next one if that is lost and the call may be repeated. */
async function askInTurn(seats: Seats, verb: TabVerb, given: readonly unknown[], operation: string): Promise<unknown> {
  const { optionsAt, isRepeatable } = TAB_VERBS[verb]
  // The signal stays in this tab; an abort is carried.
  const { signal, ...rest } = (given[optionsAt] ?? {}) as AbortOptions
  const args = Array.from({ length: Math.max(given.length, optionsAt + 1) }, (_, at) => (at === optionsAt ? rest : given[at]))
  const unknown = (cause?: unknown) => new LocketError('tabs/outcome-unknown', { operation: `locket.${operation}`, cause })
  let wasAsked = false
  for (;;) {
    const seat = await seats.take({ signal }).catch((error: unknown) => {
      // It may have been kept before: to say only why it cannot be asked again would hide that.
      if (wasAsked && verb === 'rememberAs' && !signal?.aborted) throw unknown(error)
      throw error
    })
    try {
      return await seat.call(verb, args, { signal })
    } catch (error) {
      if (seat.lost === undefined || error !== seat.lost) throw error
      if (!isRepeatable) throw unknown()
      wasAsked = true
    }
  }
}
