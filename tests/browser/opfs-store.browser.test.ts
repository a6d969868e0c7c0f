import { afterAll, describe, expect, it } from 'vitest'
import type { RpcPort } from '../../src/core/rpc.ts'
import { openDualStore } from '../../src/store/dual.ts'
import { openIdbStore } from '../../src/store/idb.ts'
import { openOpfsJournal } from '../../src/store/opfs.ts'
import { blobStoreContract } from '../../src/testkit/contract/blob-store.ts'
import { openDeviceJournal } from '../../src/worker/open-device-journal.ts'

const workers: Worker[] = []
let counter = 0

function startWorker(): RpcPort & Worker {
  const worker = new Worker(new URL('../../src/worker/device-worker.ts', import.meta.url), { type: 'module' })
  workers.push(worker)
  return worker
}

afterAll(() => {
  for (const worker of workers) worker.terminate()
})

async function remove(directory: string): Promise<void> {
  await (await navigator.storage.getDirectory()).removeEntry(directory, { recursive: true })
}

const shared = startWorker()

blobStoreContract('OPFS journal in a Worker', async () => {
  const directory = `opfs-${counter++}`
  return { open: () => openDeviceJournal({ port: shared, directory }), dispose: () => remove(directory) }
})

blobStoreContract('dual: IndexedDB and OPFS', async () => {
  const name = `dual-${counter++}`
  return {
    open: async () => {
      const journal = await openDeviceJournal({ port: shared, directory: name })
      return openDualStore({ primary: await openIdbStore({ name }), journal })
    },
    dispose: () => remove(name),
  }
})

describe('openDeviceJournal', () => {
  it('is refused while another Worker holds the journal, and let in when that one ends', async () => {
    const directory = `locked-${counter++}`
    const holder = startWorker()
    const store = await openDeviceJournal({ port: holder, directory })
    await store.put('k', Uint8Array.of(1))
    const other = startWorker()
    await expect(openDeviceJournal({ port: other, directory, waitMs: 100 })).rejects.toMatchObject({ code: 'store/locked' })
    const waiting = openDeviceJournal({ port: other, directory, waitMs: 20_000 })
    holder.terminate()
    const next = await waiting
    expect(await next.get('k')).toEqual(Uint8Array.of(1))
    await next.close()
    await remove(directory)
  })

  it('keeps a thief of the Web Lock out of the file', async () => {
    const directory = `stolen-${counter++}`
    const store = await openDeviceJournal({ port: shared, directory })
    await navigator.locks.request(`locket/journal/${directory}`, { steal: true }, async () => {})
    await expect(openDeviceJournal({ port: startWorker(), directory, waitMs: 100 })).rejects.toMatchObject({ code: 'store/locked' })
    await store.put('k', Uint8Array.of(1))
    expect(await store.get('k')).toEqual(Uint8Array.of(1))
    await store.close()
    await remove(directory)
  })

  it('gives up waiting when aborted', async () => {
    const directory = `aborted-${counter++}`
    const store = await openDeviceJournal({ port: shared, directory })
    const abort = new AbortController()
    const reason = new Error('no longer needed')
    const waiting = openDeviceJournal({ port: startWorker(), directory, waitMs: 20_000, signal: abort.signal })
    abort.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await store.close()
    await remove(directory)
  })

  it('reports a Worker that cannot be started', async () => {
    const worker = new Worker(URL.createObjectURL(new Blob(['throw new Error("no")'])))
    await expect(openDeviceJournal({ port: worker, directory: 'x' })).rejects.toMatchObject({ code: 'worker/failed' })
    worker.terminate()
  })
})

describe('openOpfsJournal', () => {
  it('says that the page itself cannot hold it', async () => {
    await expect(openOpfsJournal({ directory: 'page', waitMs: 0 })).rejects.toMatchObject({ code: 'usage/unsupported' })
  })
})
