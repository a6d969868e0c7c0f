import { beforeAll, afterEach, describe, expect, it } from 'vitest'
import type { HostFault } from '../../../src/localnet/faults.ts'
import { packQuilts, type PackedQuilt } from '../../../src/walrus/pack-quilts.ts'
import { type EngineBench, memoryJournal, open, openEngineBench, sealed } from './engine-bench.ts'
import { patches, seeded } from './helpers.ts'

/** Eleven nodes, the fewest a localnet has: three may be faulty. Each holds 9 or 10 of 100 shards. */
const NODES = 11
const FAULTY = 3
/** A third of the shards and one more are enough to read: four nodes. */
const SILENT = 7

type Failure = HostFault | { readonly kind: 'stall' }
const DOWN: Failure = { kind: 'down' }
const HANG: Failure = { kind: 'hang' }
const BUSY: Failure = { kind: 'status', status: 503 }
/** Begins to answer and never ends: what a slow-loris does. */
const STALL: Failure = { kind: 'stall' }

/** Every number of nodes failing in every way. */
const GRID = [DOWN, HANG, BUSY, STALL].flatMap((fault) => Array.from({ length: NODES + 1 }, (_, k) => ({ k, fault })))

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
  const stalling = new Set<number>()
  const mend = () => {
    bench.faults.clear()
    stalling.clear()
  }
  afterEach(mend)

  const fail = (count: number, fault: Failure) => {
    for (let i = 0; i < count; i++) {
      // Not always the same ones: the first node is no different from the last.
      const node = (i * 4 + count) % NODES
      if (fault.kind === 'stall') stalling.add(node)
      else bench.faults.set(`storage-node/${node}`, fault)
    }
  }

  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    const node = /^node-(\d+)\./.exec(new URL(request.url).hostname)?.[1]
    if (node === undefined || !stalling.has(Number(node))) return bench.walrus.fetch(request)
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Uint8Array.of(1))
        request.signal.addEventListener('abort', () => controller.error(request.signal.reason))
      },
    })
    return new Response(body)
  }

  it.each(GRID)('writes directly while $k nodes fail by $fault.kind: up to three may', async ({ k, fault }) => {
    const { quilt } = await freshQuilt()
    const journal = memoryJournal()
    fail(k, fault)
    const engine = bench.engine({ via: 'direct', network: { fetch }, timeouts: { requestMs: 300 } })
    const upload = engine.upload({ quilt: quilt.bytes, epochs: 1, journal })
    if (k <= FAULTY) {
      const { blobId } = await upload
      mend()
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

  it.each(GRID)('reads from the nodes while $k fail by $fault.kind: up to seven may', async ({ k, fault }) => {
    fail(k, fault)
    const engine = bench.engine({ network: { aggregators: [], fetch }, attempts: 1, timeouts: { requestMs: 200, readMs: 2_500 } })
    const read = engine.readBlob({ blobId: stored.blobId })
    if (k <= SILENT) expect(await read).toEqual(stored.quilt.bytes)
    else await expect(read).rejects.toMatchObject({ code: 'walrus/unavailable', retry: 'same' })
  })

  it.each([{ kind: 'down' }, { kind: 'hang' }, { kind: 'status', status: 503 }, { kind: 'not-found' }] as const)(
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
