import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8, type Bytes } from '../../src/core/bytes.ts'
import { LocketError } from '../../src/core/errors.ts'
import { createRpcClient, createRpcServer, type RpcPort } from '../../src/core/rpc.ts'
import { formatHttpDate, parseHttpDate } from '../../src/core/utc.ts'
import { FUZZ_RUNS, fuzzDecoder } from '../helpers/fuzz.ts'
import { createChooser } from '../helpers/store.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? 1)

/** One side of a channel in this thread: what is posted arrives at once, and a listener that throws is the test's to see. */
function channel() {
  const sides = [new Map<string, ((event: Event) => void)[]>(), new Map<string, ((event: Event) => void)[]>()]
  const deliver = (side: number, data: unknown) => {
    for (const listener of sides[side]?.get('message') ?? []) listener({ type: 'message', data } as unknown as Event)
  }
  const port = (side: number): RpcPort => ({
    postMessage: (message) => deliver(1 - side, structuredClone(message)),
    addEventListener: (type, listener) => void sides[side]?.set(type, [...(sides[side].get(type) ?? []), listener]),
    removeEventListener: () => undefined,
  })
  return { server: port(0), client: port(1), toServer: (data: unknown) => deliver(0, data), toClient: (data: unknown) => deliver(1, data) }
}

/** Any value that can be posted; objects mostly look like messages of the protocol. */
function anyMessage(choose: (n: number) => number, callId: number, depth = 0): unknown {
  const leaf: unknown[] = [undefined, null, 0, -1, 2 ** 53, Number.NaN, '', 'call', 'result', 'failure', 'abort', 'test', 'echo', true, 5n]
  if (depth > 3 || choose(3) === 0) return leaf[choose(leaf.length)]
  if (choose(8) === 0) return Array.from({ length: choose(4) }, () => anyMessage(choose, callId, depth + 1))
  const names = [
    'rpc',
    'id',
    'service',
    'method',
    'argument',
    'value',
    'error',
    'name',
    'code',
    'operation',
    'message',
    'details',
    '__proto__',
  ]
  const likely: { readonly [name: string]: readonly unknown[] } = {
    rpc: ['call', 'result', 'failure', 'abort'],
    id: [callId, callId, callId + 1],
    service: ['test', 'constructor', '__proto__'],
    method: ['echo', 'fail', 'constructor', '__proto__', 'toString'],
    name: ['LocketError', 'AbortError', 'TypeError'],
    code: ['store/quota', 'constructor', '__proto__', 'no/such'],
  }
  return Object.fromEntries(
    names
      .filter(() => choose(3) > 0)
      .map((name) => {
        const usual = likely[name]
        return [name, usual !== undefined && choose(4) > 0 ? usual[choose(usual.length)] : anyMessage(choose, callId, depth + 1)]
      }),
  )
}

describe('messages to and from a worker', () => {
  const runs = FUZZ_RUNS
  it(
    `${runs} of any shape upset neither side (seed ${SEED})`,
    async () => {
      const choose = createChooser(SEED)
      const { server, client, toServer, toClient } = channel()
      const rpc = createRpcServer(server)
      rpc.serve('test', {
        echo: (argument: unknown) => argument,
        fail: () => {
          throw new LocketError('store/quota', { operation: 'test' })
        },
      })
      const caller = createRpcClient(client)
      let calls = 0
      for (let run = 0; run < runs; run++) {
        const isCalling = choose(2) === 0
        if (isCalling) calls++
        const message = anyMessage(choose, calls)
        const call = isCalling ? caller.call('test', choose(2) === 0 ? 'echo' : 'fail', run) : undefined
        const settled = call?.catch((error: unknown) => error)
        try {
          if (choose(2) === 0) toServer(message)
          else toClient(message)
        } catch (cause) {
          throw new Error(`seed ${SEED}, run ${run}`, { cause })
        }
        const outcome = await settled
        if (outcome instanceof Error && !(outcome instanceof LocketError) && !(outcome instanceof DOMException)) {
          throw new Error(`seed ${SEED}, run ${run}: an untyped rejection`, { cause: outcome })
        }
      }
      expect(await caller.call('test', 'echo', 'still there')).toBe('still there')
    },
    Math.max(60_000, runs),
  )
})

describe('a date in an HTTP header', () => {
  fuzzDecoder({
    name: 'HTTP date',
    recode(bytes) {
      let text: string
      try {
        text = fromUtf8(bytes)
      } catch {
        return undefined
      }
      const timeMs = parseHttpDate(text)
      return timeMs === undefined ? undefined : utf8(formatHttpDate(timeMs))
    },
    seeds: ['Wed, 25 Nov 2026 13:20:00 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT'].map((text): Bytes => utf8(text)),
    codes: [],
    // The weekday is not checked, and the 31st of a shorter month is the next one's first days.
    isLoose: true,
  })
})
