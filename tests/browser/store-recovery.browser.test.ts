import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../src/core/bytes.ts'
import type { RpcPort } from '../../src/core/rpc.ts'
import { createAead } from '../../src/crypto/index.ts'
import { openDualStore } from '../../src/store/dual.ts'
import { createEncryptedStore } from '../../src/store/encrypted.ts'
import { openIdbStore } from '../../src/store/idb.ts'
import { collectKeys } from '../../src/store/keys.ts'
import type { BlobStore } from '../../src/store/port.ts'
import { openDeviceJournal } from '../../src/worker/open-device-journal.ts'

let worker: RpcPort & Worker
let counter = 0

beforeAll(() => {
  worker = new Worker(new URL('../../src/worker/device-worker.ts', import.meta.url), { type: 'module' })
})
afterAll(() => worker.terminate())

const openBoth = async (name: string) =>
  openDualStore({ primary: await openIdbStore({ name }), journal: await openDeviceJournal({ port: worker, directory: name }) })

async function contents(store: BlobStore): Promise<Record<string, string>> {
  const out: Record<string, string> = {}
  for (const key of await collectKeys(store.list(''))) out[key] = fromUtf8((await store.get(key)) ?? new Uint8Array())
  return out
}

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.addEventListener('success', () => resolve())
    request.addEventListener('error', () => reject(request.error))
  })
}

async function deleteJournal(name: string): Promise<void> {
  await (await navigator.storage.getDirectory()).removeEntry(name, { recursive: true })
}

/** Overwrites bytes of the journal, as damage on disk would. */
async function damageJournal(name: string, from: number, length: number): Promise<void> {
  const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(name)
  const writable = await (await directory.getFileHandle('journal-a')).createWritable({ keepExistingData: true })
  await writable.write({ type: 'write', position: from, data: new Uint8Array(length).fill(0x5a) })
  await writable.close()
}

async function written(): Promise<string> {
  const name = `recovery-${counter++}`
  const store = await openBoth(name)
  expect(store.isFresh).toBe(true)
  await store.batch([
    { type: 'put', key: 'a', value: utf8('one') },
    { type: 'put', key: 'b', value: utf8('two') },
  ])
  await store.put('c', utf8('three'))
  await store.close()
  return name
}

describe('dual store in the browser (S2b)', () => {
  const expected = { a: 'one', b: 'two', c: 'three' }

  for (let round = 0; round < 4; round++) {
    it(`rebuilds IndexedDB from the journal (${round})`, async () => {
      const name = await written()
      await deleteDatabase(name)
      const store = await openBoth(name)
      expect(store.health).toMatchObject({ healed: 'primary', reason: 'missing', records: 3 })
      expect(await contents(store)).toEqual(expected)
      await store.close()
      const primary = await openIdbStore({ name })
      expect(await primary.get('a')).toEqual(utf8('one'))
      await primary.close()
    })

    it(`rebuilds the journal from IndexedDB (${round})`, async () => {
      const name = await written()
      await deleteJournal(name)
      const store = await openBoth(name)
      expect(store.health).toMatchObject({ healed: 'journal', reason: 'missing', records: 3 })
      await store.close()
      await deleteDatabase(name)
      const again = await openBoth(name)
      expect(await contents(again)).toEqual(expected)
      await again.close()
    })

    it(`shows both gone as fresh (${round})`, async () => {
      const name = await written()
      await Promise.all([deleteDatabase(name), deleteJournal(name)])
      const store = await openBoth(name)
      expect(store.isFresh).toBe(true)
      expect(await contents(store)).toEqual({})
      await store.close()
    })

    it(`restores a journal damaged at byte ${round * 45 + 5} from IndexedDB`, async () => {
      const name = await written()
      await damageJournal(name, round * 45 + 5, 8)
      const store = await openBoth(name)
      expect(store.health.healed).toBe('journal')
      await store.close()
      await deleteDatabase(name)
      const again = await openBoth(name)
      expect(again.health).toMatchObject({ healed: 'primary', damagedRecords: 0 })
      expect(await contents(again)).toEqual(expected)
      await again.close()
    })

    it(`repairs a record altered inside IndexedDB (${round})`, async () => {
      const name = `recovery-${counter++}`
      const key = new Uint8Array(32).fill(round)
      const dual = await openBoth(name)
      const store = createEncryptedStore({ inner: dual, key, aead: createAead(), repair: dual.repair })
      await store.put('a', utf8('one'))
      const intruder = await openIdbStore({ name })
      const sealed = (await intruder.get('a')) as Uint8Array
      sealed[round * 20] = (sealed[round * 20] as number) ^ 1
      await intruder.put('a', sealed)
      await intruder.close()
      expect(await store.get('a')).toEqual(utf8('one'))
      expect(await store.quarantined()).toEqual([])
      await store.close()
    })
  }
})
