import type { AbortOptions } from './abort.ts'
import { LocketError } from './errors.ts'
import { fromWireError, toWireError, type CrossedError } from './wire-error.ts'

/** What a `Worker` (seen from the page), a worker's own global and a `MessagePort` are. */
export type RpcPort = {
  postMessage(message: unknown, transfer: Transferable[]): void
  addEventListener(type: 'message' | 'messageerror' | 'error' | 'close', listener: (event: Event) => void): void
  removeEventListener(type: 'message' | 'messageerror' | 'error' | 'close', listener: (event: Event) => void): void
  /** `MessagePort` only: delivery begins when it is called. */
  start?(): void
}

/** What a handler is given besides its argument. */
export type RpcContext = {
  /** Aborted when the caller aborts or goes away. */
  readonly signal: AbortSignal
  /** Moves these instead of copying them with the answer. */
  readonly transfer: (...objects: readonly Transferable[]) => void
}

/** One service: a function per method. The argument comes from the other side; check it as far as that side is trusted. */
export type RpcHandlers = { readonly [method: string]: (argument: never, context: RpcContext) => unknown }

type CallMessage = {
  readonly rpc: 'call'
  readonly id: number
  readonly service: string
  readonly method: string
  readonly argument: unknown
}
type AbortMessage = { readonly rpc: 'abort'; readonly id: number }
type AnswerMessage =
  | { readonly rpc: 'result'; readonly id: number; readonly value: unknown }
  | { readonly rpc: 'failure'; readonly id: number; readonly error: CrossedError }

/** Answers calls that arrive on a port. */
export type RpcServer = {
  /**
   * Offers a service under a name.
   *
   * @returns how to stop offering it.
   * @throws {LocketError} `usage/wrong-state` if the name is taken.
   */
  serve(name: string, handlers: RpcHandlers): () => void
  /** Stops listening and aborts what is under way. */
  close(): void
}

/** Calls what the other side serves. */
export type RpcClient = {
  /**
   * Calls `service.method` with one structured-cloneable argument.
   *
   * Rejects with the other side's `LocketError`, of the same code; with the
   * signal's reason when aborted; with `worker/failed` if the other side stops,
   * throws something else or sends what cannot be read; with `usage/closed` after `close`.
   */
  call<T>(service: string, method: string, argument?: unknown, options?: RpcCallOptions): Promise<T>
  /** Rejects every call under way, and every later one, with `reason`, or with `usage/closed`. The port stays open: it belongs to the caller. */
  close(reason?: LocketError): void
}

export type RpcCallOptions = AbortOptions & { readonly transfer?: readonly Transferable[] | undefined }

/** Serves requests from `port`. Messages of other kinds are ignored, so a port may be shared. */
export function createRpcServer(port: RpcPort): RpcServer {
  const services = new Map<string, RpcHandlers>()
  const running = new Map<number, AbortController>()

  const run = async ({ id, service, method, argument }: CallMessage) => {
    const abort = new AbortController()
    running.set(id, abort)
    const moved: Transferable[] = []
    const send = (message: AnswerMessage, transfer: Transferable[]) => {
      if (!running.has(id)) return
      port.postMessage(message, transfer)
      running.delete(id)
    }
    try {
      const handler = handlerOf(services, service, method)
      const value = await handler(argument as never, { signal: abort.signal, transfer: (...objects) => void moved.push(...objects) })
      send({ rpc: 'result', id, value }, moved)
    } catch (error) {
      // Also when the value was one that cannot be cloned.
      send({ rpc: 'failure', id, error: toWireError(error) }, [])
    }
  }

  const listener = (event: Event) => {
    const message = messageOf(event)
    if (message?.rpc === 'call') void run(message as CallMessage)
    else if (message?.rpc === 'abort') running.get((message as AbortMessage).id)?.abort()
  }
  port.addEventListener('message', listener)
  port.start?.()

  return Object.freeze({
    serve(name: string, handlers: RpcHandlers) {
      if (services.has(name)) throw new LocketError('usage/wrong-state', { operation: 'rpc.serve', message: `${name} is already served` })
      services.set(name, handlers)
      return () => void services.delete(name)
    },
    close() {
      port.removeEventListener('message', listener)
      for (const abort of running.values()) abort.abort()
      running.clear()
    },
  })
}

/** Numbers given to calls so far. Of a port and not of a client: several clients may share one, and answers bear nothing else. */
const lastIds = /* @__PURE__ */ new WeakMap<RpcPort, number>()

/**
 * Calls services across `port`. Several clients may share a port, as long as each is given the same object.
 *
 * Not promised: noticing a Worker that the browser killed without a word. The
 * platform has no event for that; calls then stay open until aborted.
 */
export function createRpcClient(port: RpcPort): RpcClient {
  type Pending = { readonly resolve: (value: never) => void; readonly reject: (reason: unknown) => void }
  const pending = new Map<number, Pending>()
  let dead: LocketError | undefined
  let hasAnswered = false

  const settle = (id: number): Pending | undefined => {
    const call = pending.get(id)
    pending.delete(id)
    return call
  }

  const die = (error: LocketError) => {
    dead ??= error
    for (const id of pending.keys()) settle(id)?.reject(dead)
  }

  const onMessage = (event: Event) => {
    const message = messageOf(event) as AnswerMessage | undefined
    hasAnswered ||= message?.rpc !== undefined
    if (message?.rpc === 'result') settle(message.id)?.resolve(message.value as never)
    else if (message?.rpc === 'failure') settle(message.id)?.reject(fromWireError(message.error))
  }
  const onFailure = (event: Event) => {
    // A worker that runs reports stray exceptions this way too, and still answers.
    if (event.type === 'error' && hasAnswered) return
    die(new LocketError('worker/failed', { operation: 'rpc.call', details: { event: event.type } }))
  }

  port.addEventListener('message', onMessage)
  // A worker that failed to start, a message that cannot be read, a port whose other end is gone.
  for (const type of ['error', 'messageerror', 'close'] as const) port.addEventListener(type, onFailure)
  port.start?.()

  return Object.freeze({
    call<T>(service: string, method: string, argument?: unknown, options: RpcCallOptions = {}): Promise<T> {
      const { signal, transfer = [] } = options
      return new Promise<T>((resolve, reject) => {
        if (dead !== undefined) return reject(dead)
        if (signal?.aborted) return reject(signal.reason)
        const id = (lastIds.get(port) ?? 0) + 1
        lastIds.set(port, id)
        const onAbort = () => {
          port.postMessage({ rpc: 'abort', id } satisfies AbortMessage, [])
          settle(id)?.reject(signal?.reason)
        }
        const stopListening = () => signal?.removeEventListener('abort', onAbort)
        pending.set(id, {
          resolve: (value: never) => {
            stopListening()
            resolve(value)
          },
          reject: (reason) => {
            stopListening()
            reject(reason)
          },
        })
        signal?.addEventListener('abort', onAbort, { once: true })
        try {
          port.postMessage({ rpc: 'call', id, service, method, argument } satisfies CallMessage, [...transfer])
        } catch (cause) {
          settle(id)?.reject(
            new LocketError('usage/invalid-argument', { operation: 'rpc.call', details: { parameter: 'argument' }, cause }),
          )
        }
      })
    },
    close(reason = new LocketError('usage/closed', { operation: 'rpc.call' })) {
      port.removeEventListener('message', onMessage)
      for (const type of ['error', 'messageerror', 'close'] as const) port.removeEventListener(type, onFailure)
      die(reason)
    },
  })
}

function handlerOf(services: ReadonlyMap<string, RpcHandlers>, service: string, method: string): RpcHandlers[string] {
  const handlers = services.get(service)
  // Own properties only: `constructor` is not a method anybody offered.
  if (handlers !== undefined && Object.hasOwn(handlers, method)) return handlers[method] as RpcHandlers[string]
  throw new LocketError('usage/unsupported', { operation: 'rpc.call', message: `nobody serves ${service}.${method}` })
}

function messageOf(event: Event): { readonly rpc?: unknown } | undefined {
  const { data } = event as MessageEvent<unknown>
  return typeof data === 'object' && data !== null ? data : undefined
}
