import { LocketError } from '../core/errors.ts'
import type { Aead } from '../crypto/aead.ts'
import { quoteFlush } from '../memory/cost.ts'
import { flush } from '../memory/flush.ts'
import { forget } from '../memory/forget.ts'
import { getMemory, historyOf, iterateMemories, listMemories } from '../memory/list.ts'
import { recall } from '../memory/recall.ts'
import { rememberAll } from '../memory/remember.ts'
import { renewQuilts } from '../memory/renew.ts'
import { restore } from '../memory/restore.ts'
import { assertShareable, ensureSpace, findSpace } from '../memory/spaces.ts'
import type { MemoryState } from '../memory/state.ts'
import { statusOf } from '../memory/status.ts'
import { exportBundle, importBundle } from '../memory/transfer.ts'
import { updateMemory } from '../memory/update.ts'
import type { Network } from '../network.ts'
import type { KeyServerStatus } from '../seal/types.ts'
import type { SealEngine } from '../seal/seal-engine.ts'
import { lazily } from './lazily.ts'
import { rememberVerb } from './remember-verb.ts'
import type { Locket, NetworkOptions } from './types.ts'

export type LocketParts = {
  readonly state: MemoryState
  readonly aead: Aead
  readonly seal: () => Promise<SealEngine>
  /** The engine, if anything has needed it yet. */
  readonly sealInUse: () => SealEngine | undefined
  readonly network: Network
  readonly isDurable: boolean
  readonly defaults: { readonly epochs: number; readonly deletable: boolean }
  readonly close: () => Promise<void>
}

/** A key server before anything has needed it. */
function notAsked({ objectId }: { readonly objectId: string }): KeyServerStatus {
  return { objectId, state: 'unknown', reason: undefined, skewMs: undefined }
}

/** The verbs of the memory engine as one object a person's program holds. */
export function createLocket(parts: LocketParts): Locket {
  const { state, aead, network, defaults } = parts
  let isClosed = false
  const { seal } = parts
  const close = lazily(async () => {
    isClosed = true
    await parts.close()
  })

  /** The state, for as long as the locket is open. */
  const open = (operation: string): MemoryState => {
    if (isClosed) throw new LocketError('usage/closed', { operation: `locket.${operation}` })
    return state
  }
  const withDefaults = (options: NetworkOptions = {}) => ({ ...defaults, ...options, epochs: options.epochs ?? defaults.epochs })

  return Object.freeze<Locket>({
    address: state.network.spaces.address,
    remember: rememberVerb((inputs, options) => rememberAll(open('remember'), inputs, options)),
    recall: async (query, options) => recall(open('recall'), query, options),
    get: async (id, options) => getMemory(open('get'), id, options),
    history: async (id, options) => historyOf(open('history'), id, options),
    list: async (options) => listMemories(open('list'), options),
    all: (options) => iterateMemories(open('all'), options),
    update: async (id, patch, options) => updateMemory(open('update'), id, patch, options),
    forget: async (ids, options) => forget(open('forget'), typeof ids === 'string' ? [ids] : ids, withDefaults(options)),
    cost: async (options) => quoteFlush(open('cost'), withDefaults(options)),
    flush: async (options) => flush(open('flush'), withDefaults(options)),
    restore: async (options) => restore(open('restore'), options),
    renew: async (options) => renewQuilts(open('renew'), options),
    async share(category, { address, role = 'reader', expiresAtMs }, options = {}) {
      assertShareable(category)
      await open('share').uploading.run(async () => {
        const { spaceId } = await ensureSpace(state, category, options)
        await (await seal()).addMember(spaceId, { address, role, expiresAtMs }, options)
      }, options)
    },
    async unshare(category, address, options = {}) {
      await open('unshare').uploading.run(async () => {
        const known = await findSpace(state, category, options)
        if (known === undefined)
          throw new LocketError('chain/not-found', { operation: 'locket.unshare', message: 'this category has no space' })
        await (await seal()).removeMember(known.spaceId, address, options)
      }, options)
    },
    export: async (secret, options) => exportBundle(open('export'), aead, secret, options),
    import: async (bundle, secret, options) => importBundle(open('import'), aead, bundle, secret, options),
    status: () => ({
      ...statusOf(open('status')),
      address: state.network.spaces.address,
      network: network.name,
      isDurable: parts.isDurable,
      embedder: state.embedder.id,
      sendsTextTo: state.embedder.sendsTextTo,
      keyServers: parts.sealInUse()?.keyServerStatus() ?? network.seal.servers.map(notAsked),
    }),
    async checkKeyServers(options) {
      open('checkKeyServers')
      return (await seal()).checkKeyServers(options)
    },
    on: (name, listener) => open('on').events.on(name, listener),
    close,
    [Symbol.asyncDispose]: close,
  })
}
