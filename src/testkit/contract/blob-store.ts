import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { BlobStore, StoreOp } from '../../store/port.ts'
import { createMemoryStore } from '../../store/memory.ts'

/** One place to keep records, opened any number of times, one after another. */
export type BlobStoreBench = {
  /** Opens the store. The suite closes it before it opens it again. */
  open(): Promise<BlobStore>
  /** Removes what was stored. Runs after the last close. */
  dispose?(): Promise<void>
}

export type BlobStoreContractOptions = {
  /** Runs of the model test. Default 30. */
  readonly modelRuns?: number | undefined
  /** Size of the big value in bytes. Default 3 MiB. */
  readonly bigBytes?: number | undefined
}

/**
 * What an adapter must pass to call itself a `BlobStore`. Call it at the top of
 * a test file, in the environment the adapter is for.
 *
 * @param setup - Gives an empty bench for each test.
 */
export function blobStoreContract(name: string, setup: () => Promise<BlobStoreBench>, options: BlobStoreContractOptions = {}): void {
  const { modelRuns = 30, bigBytes = 3 * 1024 * 1024 } = options

  describe(`BlobStore contract: ${name}`, () => {
    const benches: { bench: BlobStoreBench; opened: BlobStore[] }[] = []

    const fresh = async () => {
      const entry = { bench: await setup(), opened: [] as BlobStore[] }
      benches.push(entry)
      const open = async () => {
        const store = await entry.bench.open()
        entry.opened.push(store)
        return store
      }
      return { open, store: await open() }
    }

    afterEach(async () => {
      for (const { bench, opened } of benches.splice(0)) {
        for (const store of opened) await store.close()
        await bench.dispose?.()
      }
    })

    it('answers undefined for what is missing and deletes it without complaint', async () => {
      const { store } = await fresh()
      expect(await store.get('nothing')).toBeUndefined()
      await store.delete('nothing')
      expect(await keysOf(store, '')).toEqual([])
    })

    it('gives back what was put, and the newest of it', async () => {
      const { store } = await fresh()
      await store.put('k', bytes(1, 2, 3))
      expect(await store.get('k')).toEqual(bytes(1, 2, 3))
      await store.put('k', bytes())
      expect(await store.get('k')).toEqual(bytes())
      await store.delete('k')
      expect(await store.get('k')).toBeUndefined()
    })

    it('copies values in and out', async () => {
      const { store } = await fresh()
      const value = bytes(1, 2, 3)
      const writing = store.put('k', value)
      value.fill(9)
      await writing
      const read = (await store.get('k')) as Uint8Array
      expect(read).toEqual(bytes(1, 2, 3))
      read.fill(9)
      expect(await store.get('k')).toEqual(bytes(1, 2, 3))
    })

    it('keeps only the bytes of a view, not the buffer behind it', async () => {
      const { store } = await fresh()
      await store.put('k', new Uint8Array(100).fill(7).subarray(10, 13))
      const read = (await store.get('k')) as Uint8Array<ArrayBuffer>
      expect(read).toEqual(bytes(7, 7, 7))
      expect(read.buffer.byteLength).toBe(3)
    })

    it('lists by prefix in code-unit order', async () => {
      const { store } = await fresh()
      for (const key of ['b', 'a/2', 'a/10', 'A', 'a', 'a/1', '~', 'a0']) await store.put(key, bytes(1))
      expect(await keysOf(store, '')).toEqual(['A', 'a', 'a/1', 'a/10', 'a/2', 'a0', 'b', '~'])
      expect(await keysOf(store, 'a/')).toEqual(['a/1', 'a/10', 'a/2'])
      expect(await keysOf(store, 'zz')).toEqual([])
    })

    it('lists the keys there were when it was called', async () => {
      const { store } = await fresh()
      await store.put('a', bytes(1))
      const listing = store.list('')
      await store.put('b', bytes(1))
      const keys: string[] = []
      for await (const key of listing) keys.push(key)
      expect(keys).toEqual(['a'])
    })

    it('takes concurrent calls in the order they were made', async () => {
      const { store } = await fresh()
      const writes = Array.from({ length: 40 }, (_, i) => store.put('k', bytes(i)))
      const reading = store.get('k')
      const deleting = store.delete('k')
      const after = store.get('k')
      await Promise.all([...writes, deleting])
      expect(await reading).toBeDefined()
      expect(await after).toBeUndefined()
    })

    it('takes a batch in order, and an empty one', async () => {
      const { store } = await fresh()
      await store.batch([])
      await store.batch([put('a', 1), put('b', 1), { type: 'delete', key: 'a' }, put('b', 2), put('c', 3)])
      expect(await snapshot(store)).toEqual({ b: [2], c: [3] })
    })

    it('keeps nothing of a batch with one bad operation', async () => {
      const { store } = await fresh()
      await expect(store.batch([put('a', 1), put('', 1)])).rejects.toMatchObject({ code: 'usage/invalid-argument' })
      expect(await keysOf(store, '')).toEqual([])
    })

    it('refuses keys outside the rules', async () => {
      const { store } = await fresh()
      for (const key of ['', 'x'.repeat(513), 'é', 'a\u{1F600}']) {
        await expect(store.put(key, bytes(1)), JSON.stringify(key)).rejects.toMatchObject({ code: 'usage/invalid-argument' })
        await expect(store.get(key)).rejects.toMatchObject({ code: 'usage/invalid-argument' })
        await expect(store.delete(key)).rejects.toMatchObject({ code: 'usage/invalid-argument' })
      }
      await store.put('x'.repeat(512), bytes(1))
      expect(await store.get('x'.repeat(512))).toEqual(bytes(1))
    })

    it('holds a big value', async () => {
      const { store } = await fresh()
      const big = new Uint8Array(bigBytes)
      for (let i = 0; i < big.length; i += 997) big[i] = i & 255
      await store.put('big', big)
      await store.put('small', bytes(1))
      const read = (await store.get('big')) as Uint8Array
      expect(read.length).toBe(big.length)
      expect(read.every((byte, i) => byte === big[i])).toBe(true)
    })

    it('rejects with the reason of a signal that is already aborted, and writes nothing', async () => {
      const { store } = await fresh()
      const reason = new Error('changed my mind')
      const aborted = { signal: AbortSignal.abort(reason) }
      await expect(store.put('k', bytes(1), aborted)).rejects.toBe(reason)
      await expect(store.batch([put('k', 1)], aborted)).rejects.toBe(reason)
      await expect(store.delete('k', aborted)).rejects.toBe(reason)
      await expect(store.get('k', aborted)).rejects.toBe(reason)
      await expect(keysOf(store, '', aborted)).rejects.toBe(reason)
      expect(await store.get('k')).toBeUndefined()
    })

    it('settles every write that is aborted under way, and keeps those it acknowledged', async () => {
      const { store } = await fresh()
      const abort = new AbortController()
      const writes = Array.from({ length: 20 }, (_, i) => store.put(`k${i}`, bytes(i), { signal: abort.signal }))
      abort.abort(new Error('stop'))
      const outcomes = await Promise.allSettled(writes)
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled') expect(await store.get(`k${i}`)).toEqual(bytes(i))
        else expect(outcome.reason).toMatchObject({ message: 'stop' })
      }
    })

    it('is closed after close, which may be repeated', async () => {
      const { store } = await fresh()
      const writing = store.put('k', bytes(1))
      await writing
      await store.close()
      await store.close()
      const closed = { code: 'usage/closed' }
      await expect(store.get('k')).rejects.toMatchObject(closed)
      await expect(store.put('k', bytes(1))).rejects.toMatchObject(closed)
      await expect(store.delete('k')).rejects.toMatchObject(closed)
      await expect(store.batch([put('k', 1)])).rejects.toMatchObject(closed)
      await expect(keysOf(store, '')).rejects.toMatchObject(closed)
    })

    it('still has what it acknowledged when opened again, if it claims to be durable', async () => {
      const { store, open } = await fresh()
      if (!store.features.durable) return
      await store.batch([put('a', 1), put('b', 2)])
      await store.delete('a')
      await store.close()
      const again = await open()
      expect(await snapshot(again)).toEqual({ b: [2] })
    })

    it('behaves like the memory store under any sequence of calls', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
          const { store } = await fresh()
          const model = createMemoryStore()
          for (const step of steps) {
            if (step.type === 'list') expect(await keysOf(store, step.prefix)).toEqual(await keysOf(model, step.prefix))
            else if (step.type === 'get') expect(await store.get(step.key)).toEqual(await model.get(step.key))
            else await Promise.all([store.batch(step.ops), model.batch(step.ops)])
          }
          expect(await snapshot(store)).toEqual(await snapshot(model))
        }),
        { numRuns: modelRuns },
      )
    })
  })
}

const anyKey = fc.constantFrom('a', 'b', 'a/1', 'a/2', 'a/10', 'B', '!')
const anyOp: fc.Arbitrary<StoreOp> = fc.oneof(
  fc.record({ type: fc.constant('put' as const), key: anyKey, value: fc.uint8Array({ maxLength: 12 }) }),
  fc.record({ type: fc.constant('delete' as const), key: anyKey }),
)
const anyStep = fc.oneof(
  fc.record({ type: fc.constant('batch' as const), ops: fc.array(anyOp, { maxLength: 5 }) }),
  fc.record({ type: fc.constant('get' as const), key: anyKey }),
  fc.record({ type: fc.constant('list' as const), prefix: fc.constantFrom('', 'a', 'a/') }),
)

function bytes(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values)
}

function put(key: string, value: number): StoreOp {
  return { type: 'put', key, value: bytes(value) }
}

async function keysOf(store: BlobStore, prefix: string, options?: { readonly signal: AbortSignal }): Promise<string[]> {
  const keys: string[] = []
  for await (const key of store.list(prefix, options)) keys.push(key)
  return keys
}

async function snapshot(store: BlobStore): Promise<Record<string, number[]>> {
  const out: Record<string, number[]> = {}
  for (const key of await keysOf(store, '')) out[key] = [...((await store.get(key)) ?? [])]
  return out
}
