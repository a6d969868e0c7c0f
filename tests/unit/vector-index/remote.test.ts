import { afterEach, describe, expect, it } from 'vitest'
import { createRpcServer, type RpcPort } from '../../../src/core/rpc.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { createVectorIndex } from '../../../src/vector-index/create-vector-index.ts'
import { openVectorIndex } from '../../../src/vector-index/open-vector-index.ts'
import { createRemoteVectorIndex, serveVectorIndex } from '../../../src/vector-index/remote.ts'

const opened: MessagePort[] = []

afterEach(() => {
  for (const port of opened.splice(0)) port.close()
})

function connect() {
  const { port1, port2 } = new MessageChannel()
  opened.push(port1, port2)
  return { server: createRpcServer(port1), port: port2 as unknown as RpcPort }
}

const entry = (id: string, ...values: number[]) => ({ id, vector: Float32Array.from(values) })

describe('createRemoteVectorIndex', () => {
  it('does across a port what the index does', async () => {
    const { server, port } = connect()
    server.serve('vector-index', serveVectorIndex(await createVectorIndex({ dimensions: 2, model: 'm' })))
    const index = createRemoteVectorIndex({ port })
    await index.put([entry('a', 1, 0), entry('b', 0, 1)])
    expect(await index.search(Float32Array.from([0, 3]), { k: 1 })).toEqual([{ id: 'b', similarity: 1 }])
    expect(await index.search(Float32Array.from([0, 3]), { k: 1, allow: ['a'] })).toEqual([{ id: 'a', similarity: 0 }])
    await index.remove(['a'])
    expect(await index.stats()).toMatchObject({ count: 1, model: 'm' })
    await expect(index.put([entry('c', 0, 0)])).rejects.toMatchObject({ code: 'index/invalid-vector' })
    await expect(index.flush()).rejects.toMatchObject({ code: 'usage/unsupported' })
  })

  it('sends a view as the vector it is, not with the buffer behind it', async () => {
    const { server, port } = connect()
    let received = 0
    const index = await createVectorIndex({ dimensions: 2, model: 'm' })
    server.serve('spy', {
      ...serveVectorIndex(index),
      put: (entries: { id: string; vector: Float32Array }[]) => {
        received = entries[0]?.vector.buffer.byteLength ?? 0
        return index.put(entries)
      },
    })
    const remote = createRemoteVectorIndex({ port, service: 'spy' })
    await remote.put([{ id: 'a', vector: new Float32Array(1_000).fill(1).subarray(10, 12) }])
    expect(received).toBe(8)
  })

  it('flushes a persistent index and says what is on disk', async () => {
    const { server, port } = connect()
    const store = createMemoryStore()
    server.serve('vector-index', serveVectorIndex(await openVectorIndex({ dimensions: 2, model: 'm', store })))
    const index = createRemoteVectorIndex({ port })
    await index.put([entry('a', 1, 0)])
    expect(await index.flush({ mark: 4 })).toEqual({ version: 1, mark: 4, segments: 1, pending: 0 })
    expect(await index.saved()).toEqual({ version: 1, mark: 4, segments: 1, pending: 0 })
    expect(await index.ids()).toEqual(['a'])
    await index.put([entry('b', 1, 0)])
    await index.close()
    await index.close()
    await expect(index.ids()).rejects.toMatchObject({ code: 'usage/closed' })
    expect(await (await openVectorIndex({ dimensions: 2, model: 'm', store })).ids()).toEqual(['a', 'b'])
  })
})
