import { beforeAll, afterEach, describe, expect, it } from 'vitest'
import type { HostFault } from '../../../src/localnet/faults.ts'
import { packQuilts, type PackedQuilt } from '../../../src/walrus/pack-quilts.ts'
import { type EngineBench, memoryJournal, open, openEngineBench, sealed } from './engine-bench.ts'
import { patches, seeded } from './helpers.ts'

/** Eleven nodes: three may be faulty. Each holds 9 or 10 of 100 shards. */
const NODES = 11
const FAULTY = 3

const DOWN: HostFault = { kind: 'down' }
const HANG: HostFault = { kind: 'hang' }
const BUSY: HostFault = { kind: 'status', status: 503 }

let seed = 12_000
const freshQuilt = async () => {
  const files = patches(4, (i) => 100 + i * 400, seeded(seed++)).map(({ identifier, bytes }) => ({ identifier, bytes: sealed(bytes) }))
  const [quilt] = await packQuilts(files, { nShards: 100 })
  return { quilt: quilt!, files }
}

describe('with k of n storage nodes failing (U2)', () => {
  let bench: EngineBench
  let stored: { quilt: PackedQuilt; files: { identifier: string; bytes: Uint8Array }[]; blobId: string }
  beforeAll(async () => {
    bench = await openEngineBench({ nodes: NODES })
    const { quilt, files } = await freshQuilt()
    const { blobId } = await bench.engine().upload({ quilt: quilt.bytes, epochs: 5, journal: memoryJournal() })
    stored = { quilt, files, blobId }
  })
  afterEach(() => bench.faults.clear())

  const fail = (count: number, fault: HostFault) => {
    // Not always the same ones: the first node is no different from the last.
    for (let i = 0; i < count; i++) bench.faults.set(`storage-node/${(i * 4 + count) % NODES}`, fault)
  }

  const writes = [
    ...Array.from({ length: NODES + 1 }, (_, k) => ({ k, fault: DOWN })),
    ...[1, 3, 4, NODES].map((k) => ({ k, fault: HANG })),
    ...[3, 4].map((k) => ({ k, fault: BUSY })),
  ]
  it.each(writes)('writes directly while $k nodes are $fault.kind: up to three may be', async ({ k, fault }) => {
    const { quilt } = await freshQuilt()
    const journal = memoryJournal()
    fail(k, fault)
    const engine = bench.engine({ via: 'direct', timeouts: { requestMs: 300 } })
    const upload = engine.upload({ quilt: quilt.bytes, epochs: 1, journal })
    if (k <= FAULTY) {
      const { blobId } = await upload
      bench.faults.clear()
      expect(await bench.engine({ network: { aggregators: [] } }).readBlob({ blobId })).toEqual(quilt.bytes)
    } else {
      await expect(upload).rejects.toMatchObject({ code: 'walrus/unavailable', retry: 'same' })
      expect(await journal.load()).toMatchObject({ step: 'registered', signatures: 1 })
    }
  })

  it('resumes a write that lacked nodes, without registering again', async () => {
    const { quilt } = await freshQuilt()
    const journal = memoryJournal()
    const blobs = await bench.blobs()
    fail(5, DOWN)
    await expect(bench.engine({ via: 'direct' }).upload({ quilt: quilt.bytes, epochs: 1, journal })).rejects.toMatchObject({
      code: 'walrus/unavailable',
    })
    bench.faults.clear()
    expect(await bench.engine({ via: 'direct' }).upload({ quilt: quilt.bytes, epochs: 1, journal })).toMatchObject({ signatures: 2 })
    expect((await bench.blobs()) - blobs).toBe(1)
  })

  // A third of the shards and one more sliver are enough to read: four nodes.
  const reads = [
    ...Array.from({ length: NODES + 1 }, (_, k) => ({ k, fault: DOWN })),
    ...[3, 7, 8, NODES].map((k) => ({ k, fault: HANG })),
    ...[7, 8].map((k) => ({ k, fault: BUSY })),
  ]
  it.each(reads)('reads from the nodes while $k are $fault.kind: up to seven may be', async ({ k, fault }) => {
    fail(k, fault)
    const engine = bench.engine({ network: { aggregators: [] }, attempts: 1, timeouts: { requestMs: 200, readMs: 2_500 } })
    const read = engine.readBlob({ blobId: stored.blobId })
    if (k <= 7) expect(await read).toEqual(stored.quilt.bytes)
    else await expect(read).rejects.toMatchObject({ code: 'walrus/unavailable', retry: 'same' })
  })

  it.each([DOWN, HANG, BUSY, { kind: 'not-found' } as const])(
    'reads a patch by its columns, or from the whole quilt, while aggregators are $kind',
    async (fault) => {
      for (const aggregator of [0, 1]) bench.faults.set(`aggregator/${aggregator}`, fault)
      for (const k of [0, 2]) {
        fail(k, DOWN)
        const engine = bench.engine({ timeouts: { requestMs: 200, readMs: 500 } })
        for (const { identifier, index, startColumn, endColumn } of stored.quilt.patches) {
          const columns = { start: startColumn, end: endColumn }
          const read = await engine.readPatch({ quiltId: stored.blobId, identifier, columns, authenticate: open })
          expect(read).toEqual(open(stored.files[index]!.bytes))
        }
      }
    },
  )

  it('reads a patch by name alone', async () => {
    const [patch] = stored.quilt.patches
    const read = () => bench.engine().readPatch({ quiltId: stored.blobId, identifier: patch!.identifier, authenticate: open })
    expect(await read()).toEqual(open(stored.files[patch!.index]!.bytes))
    for (const aggregator of [0, 1]) bench.faults.set(`aggregator/${aggregator}`, DOWN)
    expect(await read()).toEqual(open(stored.files[patch!.index]!.bytes))
  })

  it('waits out a 404 right after the upload', async () => {
    bench.faults.set('aggregator/0', { kind: 'not-found' }, { times: 2 })
    const engine = bench.engine({ network: { aggregators: [bench.walrus.urls.aggregators[0]!] } })
    const opened = await engine.readBlob({ blobId: stored.blobId, authenticate: (bytes: Uint8Array) => bytes.length })
    expect(opened).toBe(stored.quilt.bytes.length)
  })

  it('says that nobody has a blob that was never stored', async () => {
    const blobId = 'jv8bhuafsgwLTSK42_ZWyM_80Tv9ohbgxP2orlHedFI'
    await expect(bench.engine().readBlob({ blobId })).rejects.toMatchObject({ code: 'walrus/not-found' })
    const [patch] = stored.quilt.patches
    const missing = bench.engine().readPatch({ quiltId: stored.blobId, identifier: `${patch!.identifier}x`, authenticate: open })
    await expect(missing).rejects.toMatchObject({ code: 'walrus/not-found' })
    await expect(bench.engine().readBlob({ blobId: 'not an id' })).rejects.toMatchObject({ code: 'codec/invalid' })
  })
})
