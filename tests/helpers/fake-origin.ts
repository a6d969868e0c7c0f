import type { LocketStorage } from '../../src/locket/storage.ts'
import { memoryStorage } from '../../src/locket/storage.ts'
import type { BlobStore } from '../../src/store/port.ts'
import type { TabChannel, Tabs } from '../../src/tabs/port.ts'

/** One tab of a {@link FakeOrigin}. */
export type FakeTab = {
  readonly tabs: Tabs
  /** The origin's one storage, as this tab reaches it. */
  readonly storage: LocketStorage
  /** The renderer dies: locks are freed, channels fall silent, and what it asked of the storage is never answered. */
  crash(): void
  /** Called around each write to the vault. Crashing in it is a crash at that moment. */
  onVaultWrite: (when: 'before' | 'after', keys: readonly string[]) => void
}

/** The tabs of one origin on one device: locks, channels and a storage that outlives them. */
export type FakeOrigin = {
  tab(): FakeTab
  /** Channels that are open now. */
  channelCount(): number
  /** Everything that was posted on any channel, as sent. */
  readonly posted: readonly unknown[]
}

type Holder = { readonly tab: object; readonly start: () => void; release: () => void }

export function createFakeOrigin(): FakeOrigin {
  const device = memoryStorage()
  const queues = new Map<string, Holder[]>()
  const channels = new Map<object, { readonly name: string; readonly tab: object; readonly hear: (data: unknown) => void }>()
  const posted: unknown[] = []

  function leaveQueue(name: string, holder: Holder): void {
    const queue = queues.get(name) ?? []
    const at = queue.indexOf(holder)
    if (at === -1) return
    queue.splice(at, 1)
    if (at === 0) queue[0]?.start()
  }

  function locksOf(tab: object): Pick<LockManager, 'request'> {
    const request = (name: string, options: LockOptions, callback: LockGrantedCallback<unknown>) =>
      new Promise<unknown>((resolve, reject) => {
        const queue = queues.get(name) ?? []
        queues.set(name, queue)
        let isStarted = false
        const holder: Holder = {
          tab,
          release: () => leaveQueue(name, holder),
          start() {
            isStarted = true
            void Promise.resolve(callback({ name, mode: 'exclusive' }))
              .then(resolve, reject)
              .finally(holder.release)
          },
        }
        if (options.ifAvailable === true && queue.length > 0) return resolve(callback(null))
        const onAbort = () => {
          if (isStarted) return
          holder.release()
          reject(options.signal?.reason as Error)
        }
        if (options.signal?.aborted === true) return onAbort()
        options.signal?.addEventListener('abort', onAbort, { once: true })
        queue.push(holder)
        if (queue[0] === holder) queueMicrotask(() => queue[0] === holder && !isStarted && holder.start())
      })
    return { request: request as LockManager['request'] }
  }

  function openChannel(tab: object, name: string): TabChannel {
    const key = {}
    let isClosed = false
    const listeners = new Set<(event: Event) => void>()
    const hear = (data: unknown) => {
      for (const listener of Array.from(listeners)) listener({ type: 'message', data } as MessageEvent)
    }
    channels.set(key, { name, tab, hear })
    return {
      postMessage(message) {
        if (isClosed) throw new DOMException('closed', 'InvalidStateError')
        // A tab that crashed speaks to nobody.
        if (!channels.has(key)) return
        const data: unknown = structuredClone(message)
        posted.push(data)
        const others = [...channels.entries()].filter(([other, channel]) => other !== key && channel.name === name)
        for (const [other, channel] of others) queueMicrotask(() => channels.has(other) && channel.hear(data))
      },
      addEventListener: (type, listener) => void (type === 'message' && listeners.add(listener)),
      removeEventListener: (_type, listener) => void listeners.delete(listener),
      close() {
        isClosed = true
        channels.delete(key)
      },
    }
  }

  return {
    posted,
    channelCount: () => channels.size,
    tab() {
      const key = {}
      let isCrashed = false
      const crashable = async <T>(work: () => Promise<T>): Promise<T> => {
        if (isCrashed) return new Promise(() => {})
        const result = await work()
        return isCrashed ? new Promise(() => {}) : result
      }
      const around = (store: BlobStore, isVault: boolean): BlobStore => {
        const write = (keys: readonly string[], work: () => Promise<void>) =>
          crashable(async () => {
            if (isVault) tab.onVaultWrite('before', keys)
            await crashable(work)
            if (isVault) tab.onVaultWrite('after', keys)
          })
        return {
          ...store,
          get: (name, options) => crashable(() => store.get(name, options)),
          put: (name, value, options) => write([name], () => store.put(name, value, options)),
          delete: (name, options) => write([name], () => store.delete(name, options)),
          batch: (ops, options) =>
            write(
              ops.map((op) => op.key),
              () => store.batch(ops, options),
            ),
        }
      }
      const tabs: Tabs = { locks: locksOf(key), openChannel: (name) => openChannel(key, name) }
      const tab: FakeTab = {
        tabs,
        storage: {
          ...device,
          tabs,
          async open(options) {
            const { vault, cache } = await crashable(() => device.open(options))
            return { vault: around(vault, true), cache: around(cache, false) }
          },
        },
        onVaultWrite: () => undefined,
        crash() {
          isCrashed = true
          for (const [id, channel] of channels) if (channel.tab === key) channels.delete(id)
          for (const queue of queues.values()) for (const holder of queue.slice()) if (holder.tab === key) holder.release()
        },
      }
      return tab
    },
  }
}
