import { afterAll, describe, expect, it } from 'vitest'
import type { RpcPort } from '../../src/core/rpc.ts'
import { openIdbStore } from '../../src/store/idb.ts'
import { createVectorIndex } from '../../src/vector-index/create-vector-index.ts'
import { openVectorIndex } from '../../src/vector-index/open-vector-index.ts'
import { openDeviceVectorIndex } from '../../src/worker/open-device-vector-index.ts'
import { clusteredVectors, nearestByBruteForce } from '../helpers/vectors.ts'

const DIMENSIONS = 384
const worker = new Worker(new URL('../../src/worker/device-worker.ts', import.meta.url), { type: 'module' })
const port = worker as RpcPort & Worker

afterAll(() => worker.terminate())

function sample(size: number) {
  const source = clusteredVectors({ dimensions: DIMENSIONS, seed: 31, clusters: 30, anisotropic: true })
  const points = new Map<string, Float32Array>()
  for (let i = 0; i < size; i++) points.set(`p${i}`, source.point())
  return { source, points, entries: [...points].map(([id, vector]) => ({ id, vector })) }
}

describe('createVectorIndex in a browser', () => {
  it('runs in WebAssembly SIMD and gives what JavaScript gives', async () => {
    const { source, entries } = sample(1_500)
    const wasm = await createVectorIndex({ dimensions: DIMENSIONS, model: 'm' })
    const js = await createVectorIndex({ dimensions: DIMENSIONS, model: 'm', engine: 'javascript' })
    await wasm.put(entries)
    await js.put(entries)
    expect((await wasm.stats()).engine).toBe('wasm-simd')
    for (let i = 0; i < 6; i++) {
      const query = source.query(i)
      expect(await wasm.search(query, { k: 10 })).toEqual(await js.search(query, { k: 10 }))
    }
  })

  it.each([
    ["'wasm-unsafe-eval'", 'wasm-simd'],
    ['', 'javascript'],
  ])("works under a strict policy: script-src 'self' %s", async (extra, engine) => {
    const frame = document.createElement('iframe')
    const policy = `default-src 'none'; script-src 'self' ${extra}; connect-src 'self'`
    const script = new URL('./fixtures/csp-index.ts', import.meta.url).href
    const outcome = new Promise((resolve) => {
      addEventListener('message', function listen(event) {
        if (event.source !== frame.contentWindow) return
        removeEventListener('message', listen)
        resolve(event.data)
      })
    })
    frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="${policy}"><script type="module" src="${script}"></script>`
    document.body.append(frame)
    expect(await outcome).toEqual({ nearest: 'b', engine })
    frame.remove()
  })
})

describe('openDeviceVectorIndex', () => {
  it('searches in the worker as brute force does here', async () => {
    const { source, points, entries } = sample(800)
    const index = await openDeviceVectorIndex({ port, dimensions: DIMENSIONS, model: 'm' })
    await index.put(entries)
    await index.remove(['p3', 'p4'])
    points.delete('p3')
    points.delete('p4')
    expect(await index.stats()).toMatchObject({ count: 798, engine: 'wasm-simd' })
    for (let i = 0; i < 6; i++) {
      const query = source.query(i)
      const hits = await index.search(query, { k: 10 })
      expect(hits.map((hit) => hit.id)).toEqual(nearestByBruteForce(points, query, 10).map((hit) => hit.id))
    }
    expect((await index.search(source.query(0), { k: 5, allow: ['p9', 'p3'] })).map((hit) => hit.id)).toEqual(['p9'])
    await expect(index.flush()).rejects.toMatchObject({ code: 'usage/unsupported' })
    await index.close()
    await index.close()
    await expect(index.stats()).rejects.toMatchObject({ code: 'usage/closed' })
  })

  it('keeps error codes, whole batches and abort reasons across the port', async () => {
    const index = await openDeviceVectorIndex({ port, dimensions: 3, model: 'm' })
    const bad = [
      { id: 'a', vector: Float32Array.from([1, 0, 0]) },
      { id: 'b', vector: Float32Array.from([1, 0]) },
    ]
    await expect(index.put(bad)).rejects.toMatchObject({ code: 'index/dimension-mismatch' })
    expect((await index.stats()).count).toBe(0)
    const reason = new Error('enough')
    await expect(index.put(bad.slice(0, 1), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(openDeviceVectorIndex({ port, dimensions: 0, model: 'm' })).rejects.toMatchObject({ code: 'usage/invalid-argument' })
    await index.close()
  })

  it('keeps segments in a store of the page, and brings them back in and out of the worker', async () => {
    const { source, entries } = sample(600)
    const store = await openIdbStore({ name: 'vector-index-test' })
    const held: string[] = []
    const lock = async () => {
      held.push('taken')
      return () => void held.push('released')
    }
    const options = { dimensions: DIMENSIONS, model: 'm', store, lock }
    const index = await openDeviceVectorIndex({ port, ...options })
    await index.put(entries)
    const saved = await index.flush({ mark: 5 })
    expect(saved).toMatchObject({ mark: 5, pending: 0 })
    await index.remove(['p0'])
    await index.close()
    expect(held).toEqual(['taken', 'released'])

    const again = await openDeviceVectorIndex({ port, ...options, expectedVersion: saved.version })
    const here = await openVectorIndex({ ...options })
    expect(await again.ids()).toHaveLength(599)
    const query = source.query(1)
    expect(await again.search(query, { k: 20 })).toEqual(await here.search(query, { k: 20 }))
    await expect(openDeviceVectorIndex({ port, ...options, model: 'other' })).rejects.toMatchObject({ code: 'index/model-mismatch' })
    await expect(openDeviceVectorIndex({ port, ...options, expectedVersion: 99 })).rejects.toMatchObject({ code: 'index/rolled-back' })
    await again.close()
    await here.close()
    // The store is the caller's: still open.
    expect(await store.get('v/manifest')).toBeDefined()
    await store.close()
    indexedDB.deleteDatabase('vector-index-test')
  })
})
