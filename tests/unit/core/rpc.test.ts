import { MessageChannel, type MessagePort as NodePort } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { LocketError } from '../../../src/core/errors.ts'
import { createRpcClient, createRpcServer, type RpcHandlers, type RpcPort } from '../../../src/core/rpc.ts'

const ports: NodePort[] = []
afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

function pair(handlers: RpcHandlers) {
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  const server = createRpcServer(port1 as unknown as RpcPort)
  server.serve('test', handlers)
  return { server, client: createRpcClient(port2 as unknown as RpcPort), port1, port2 }
}

describe('createRpcClient', () => {
  it('calls a method and gives its result', async () => {
    const { client } = pair({ add: ({ a, b }: { a: number; b: number }) => a + b })
    expect(await client.call('test', 'add', { a: 2, b: 3 })).toBe(5)
  })

  it('keeps concurrent calls apart, whatever order they end in', async () => {
    const release: (() => void)[] = []
    const { client } = pair({ wait: (n: number) => new Promise((resolve) => (release[n] = () => resolve(n))) })
    const calls = [0, 1, 2].map((n) => client.call('test', 'wait', n))
    while (release.length < 3) await new Promise((resolve) => setImmediate(resolve))
    for (const n of [2, 0, 1]) release[n]?.()
    expect(await Promise.all(calls)).toEqual([0, 1, 2])
  })

  it('keeps the calls of two clients of one port apart', async () => {
    const release: (() => void)[] = []
    const { client, port2 } = pair({ wait: (n: number) => new Promise((resolve) => (release[n] = () => resolve(n))) })
    const other = createRpcClient(port2 as unknown as RpcPort)
    const abort = new AbortController()
    const calls = [client.call('test', 'wait', 0), other.call('test', 'wait', 1), client.call('test', 'wait', 2)]
    const aborted = other.call('test', 'wait', 3, { signal: abort.signal })
    while (release.length < 4) await new Promise((resolve) => setImmediate(resolve))
    abort.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    for (const n of [1, 2, 0]) release[n]?.()
    expect(await Promise.all(calls)).toEqual([0, 1, 2])
  })

  it("brings the other side's error across with code, operation and details", async () => {
    const { client } = pair({
      fail: () => {
        throw new LocketError('store/quota', { operation: 'store.put', message: 'full', details: { quotaBytes: 5 } })
      },
    })
    await expect(client.call('test', 'fail')).rejects.toMatchObject({
      code: 'store/quota',
      operation: 'store.put',
      message: 'full (store/quota)',
      details: { quotaBytes: 5 },
      retry: 'ask-user',
    })
  })

  it('reports anything else that is thrown as worker/failed', async () => {
    const { client } = pair({ fail: () => Promise.reject(new TypeError('boom')) })
    await expect(client.call('test', 'fail')).rejects.toMatchObject({ code: 'worker/failed' })
  })

  it('does not believe an error code that is not in the table', async () => {
    const { client, port1 } = pair({ never: () => new Promise(() => {}) })
    const call = client.call('test', 'never')
    port1.postMessage({
      rpc: 'failure',
      id: 1,
      error: { name: 'LocketError', code: 'constructor', operation: 'x', message: 'y', details: {} },
    })
    await expect(call).rejects.toMatchObject({ code: 'worker/failed' })
  })

  it.each([[undefined], [null], ['text'], [{}], [{ name: 'LocketError', code: 7 }], [{ name: 'Error', message: { toString: 1 } }]])(
    'ends the call with worker/failed when its failure is told as %j',
    async (error) => {
      const { client, port1 } = pair({ never: () => new Promise(() => {}) })
      const call = client.call('test', 'never')
      port1.postMessage({ rpc: 'failure', id: 1, error })
      await expect(call).rejects.toMatchObject({ code: 'worker/failed' })
    },
  )

  it('refuses services, methods and inherited names nobody serves', async () => {
    const { client } = pair({ ok: () => 1 })
    await expect(client.call('test', 'nothing')).rejects.toMatchObject({ code: 'usage/unsupported' })
    await expect(client.call('test', 'constructor')).rejects.toMatchObject({ code: 'usage/unsupported' })
    await expect(client.call('other', 'ok')).rejects.toMatchObject({ code: 'usage/unsupported' })
  })

  it('aborts the handler and rejects with the reason', async () => {
    let tell: ((signal: AbortSignal) => void) | undefined
    const seen = new Promise<AbortSignal>((resolve) => (tell = resolve))
    const { client } = pair({ wait: (_: unknown, { signal }) => new Promise(() => tell?.(signal)) })
    const abort = new AbortController()
    const reason = new Error('enough')
    const call = client.call('test', 'wait', undefined, { signal: abort.signal })
    const signal = await seen
    abort.abort(reason)
    await expect(call).rejects.toBe(reason)
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    expect(signal.aborted).toBe(true)
  })

  it('rejects at once for a signal that is already aborted', async () => {
    const { client } = pair({ ok: () => 1 })
    const reason = new Error('no')
    await expect(client.call('test', 'ok', 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('transfers what it is told to, both ways', async () => {
    const { client } = pair({
      echo: (bytes: Uint8Array<ArrayBuffer>, { transfer }) => {
        transfer(bytes.buffer)
        return bytes
      },
    })
    const bytes = Uint8Array.of(1, 2, 3)
    const back = await client.call<Uint8Array>('test', 'echo', bytes, { transfer: [bytes.buffer] })
    expect(bytes.length).toBe(0)
    expect(back).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('refuses an argument that cannot be cloned, and reports a result that cannot', async () => {
    const { client } = pair({ fn: () => () => {} })
    await expect(client.call('test', 'fn', () => {})).rejects.toMatchObject({ code: 'usage/invalid-argument' })
    await expect(client.call('test', 'fn')).rejects.toMatchObject({ code: 'worker/failed' })
  })

  it('rejects what is under way when the other end goes away, and everything after', async () => {
    const { client, port1 } = pair({ never: () => new Promise(() => {}) })
    const call = client.call('test', 'never')
    port1.close()
    await expect(call).rejects.toMatchObject({ code: 'worker/failed' })
    await expect(client.call('test', 'never')).rejects.toMatchObject({ code: 'worker/failed' })
  })

  it('rejects what is under way when closed', async () => {
    const { client } = pair({ never: () => new Promise(() => {}) })
    const call = client.call('test', 'never')
    client.close()
    await expect(call).rejects.toMatchObject({ code: 'usage/closed' })
    await expect(client.call('test', 'never')).rejects.toMatchObject({ code: 'usage/closed' })
  })
})

describe('createRpcServer', () => {
  it('refuses a name twice and forgets a service that stopped', async () => {
    const { server, client } = pair({ ok: () => 1 })
    expect(() => server.serve('test', {})).toThrow(expect.objectContaining({ code: 'usage/wrong-state' }))
    const stop = server.serve('other', { ok: () => 2 })
    expect(await client.call('other', 'ok')).toBe(2)
    stop()
    await expect(client.call('other', 'ok')).rejects.toMatchObject({ code: 'usage/unsupported' })
  })

  it('ignores messages that are none of its business', async () => {
    const { client, port2 } = pair({ ok: () => 1 })
    for (const stray of [null, 1, 'text', {}, { rpc: 'else' }, { rpc: 'abort', id: 99 }]) port2.postMessage(stray)
    expect(await client.call('test', 'ok')).toBe(1)
  })
})
