/**
 * The page that is killed: writes through the store named in the address and
 * reports each acknowledgement to the witness, then is asked what it still has.
 */
import type { RpcPort } from '../../../src/core/rpc.ts'
import type { DualHealth } from '../../../src/store/dual-heal.ts'
import { openDualStore } from '../../../src/store/dual.ts'
import { openIdbStore } from '../../../src/store/idb.ts'
import { collectKeys } from '../../../src/store/keys.ts'
import type { BlobStore } from '../../../src/store/port.ts'
import { openDeviceJournal } from '../../../src/worker/open-device-journal.ts'

const RECORD_BYTES = 2_048
const BATCH_RECORDS = 5

/** What the tests call. Every page under test offers the same. */
export type PageUnderTest = {
  /** Writes for ever, telling the witness after each acknowledgement. */
  write(witnessUrl: string, round: string): Promise<never>
  /** Ids found whole, ids found damaged, batches found in part, what opening said, and whether the browser has deleted databases. */
  inspect(): Promise<{
    readonly ids: string[]
    readonly damaged: string[]
    readonly torn: string[]
    readonly health: DualHealth | undefined
    readonly isWiped: boolean
  }>
  /** Fills the store until it refuses. */
  fill(
    chunkBytes: number,
  ): Promise<{ readonly acknowledged: string[]; readonly code: string; readonly neededBytes: unknown; readonly isAllReadable: boolean }>
  put(key: string): Promise<void>
  has(keys: readonly string[]): Promise<boolean>
  close(): Promise<void>
}

const kind = new URLSearchParams(location.search).get('store') ?? 'dual'
const name = 'under-test'
/** A database that nobody heals: where it is gone, the browser has deleted all of the origin's. */
const CANARY = 'canary'
const worker = new Worker(new URL('../../../src/worker/device-worker.ts', import.meta.url), { type: 'module' }) as RpcPort & Worker

async function open(): Promise<BlobStore & { health?: DualHealth }> {
  if (kind === 'idb') return openIdbStore({ name })
  const journal = await openDeviceJournal({ port: worker, directory: name, waitMs: 20_000 })
  if (kind === 'journal') return journal
  return openDualStore({ primary: await openIdbStore({ name }), journal })
}

const opening = open()
opening.catch(() => {})

/** Random, so that nothing compresses; its first bytes are repeated at the end to tell it is whole. */
function record(lengthBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthBytes)
  for (let at = 0; at < lengthBytes; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
  bytes.set(bytes.subarray(0, 16), lengthBytes - 16)
  return bytes
}

function isWhole(bytes: Uint8Array | undefined, lengthBytes: number): boolean {
  return (
    bytes !== undefined && bytes.length === lengthBytes && bytes.subarray(0, 16).every((byte, i) => byte === bytes[lengthBytes - 16 + i])
  )
}

async function storm(database: BlobStore): Promise<never> {
  for (;;) await database.batch(Array.from({ length: 20 }, (_, i) => ({ type: 'put', key: `storm/${i}`, value: record(RECORD_BYTES) })))
}

const page: PageUnderTest = {
  async write(witnessUrl, round) {
    const store = await opening
    const canary = await openIdbStore({ name: CANARY })
    await canary.put('here', record(RECORD_BYTES))
    // Beside it, as much as the database takes: the fuller its log is of unfinished writes, the likelier a kill tears it.
    void storm(canary)
    for (let batch = 0; ; batch++) {
      const ids = Array.from({ length: BATCH_RECORDS }, (_, i) => `${round}/${batch}/${i}`)
      await store.batch(ids.map((key) => ({ type: 'put', key, value: record(RECORD_BYTES) })))
      await fetch(witnessUrl, { method: 'POST', body: ids.join('\n') })
    }
  },
  async inspect() {
    const store = await opening
    const ids: string[] = []
    const damaged: string[] = []
    const batches = new Map<string, number>()
    for (const key of await collectKeys(store.list(''))) {
      const value = await store.get(key).catch(() => undefined)
      if (!isWhole(value, RECORD_BYTES)) damaged.push(key)
      else ids.push(key)
      const batch = key.slice(0, key.lastIndexOf('/'))
      batches.set(batch, (batches.get(batch) ?? 0) + 1)
    }
    const torn = [...batches].filter(([, count]) => count !== BATCH_RECORDS).map(([batch]) => batch)
    const databases = await indexedDB.databases()
    return { ids, damaged, torn, health: store.health, isWiped: !databases.some((database) => database.name === CANARY) }
  },
  async fill(chunkBytes) {
    const store = await opening
    const acknowledged: string[] = []
    let refusal: { code?: string; details?: { neededBytes?: unknown } } = { code: 'never refused' }
    for (let i = 0; i < 100; i++) {
      const key = `chunk/${i}`
      try {
        await store.put(key, record(chunkBytes))
      } catch (error) {
        refusal = error as typeof refusal
        break
      }
      acknowledged.push(key)
    }
    const values = []
    for (const key of acknowledged) values.push(isWhole(await store.get(key), chunkBytes))
    const { code = String(refusal), details } = refusal
    return { acknowledged, code, neededBytes: details?.neededBytes, isAllReadable: values.every(Boolean) }
  },
  put: async (key) => (await opening).put(key, record(RECORD_BYTES)),
  async has(keys) {
    const store = await opening
    const values = await Promise.all(keys.map((key) => store.get(key)))
    return values.every((value) => value !== undefined)
  },
  close: async () => (await opening).close(),
}

Object.assign(globalThis, { page })
