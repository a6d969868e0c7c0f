import { beforeAll, describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/core/bytes.ts'
import { LocketError } from '../../../src/core/errors.ts'
import { createByteCache } from '../../../src/walrus/byte-cache.ts'
import { packQuilts, type PackedQuilt } from '../../../src/walrus/pack-quilts.ts'
import { readQuilt } from '../../../src/walrus/quilt-reader.ts'
import { type EngineBench, memoryJournal, open, openEngineBench, sealed } from './engine-bench.ts'
import { fullBytes, patches, seeded } from './helpers.ts'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 5_000)
const READ_LIMIT = 1024 * 1024

/** Sealed to its name and version: another patch, another person's or an older version does not open. */
const sealedAs = (context: string, content: Uint8Array) => {
  const name = utf8(`${context};`)
  const body = new Uint8Array(name.length + content.length)
  body.set(name)
  body.set(content, name.length)
  return sealed(body)
}
const openAs = (context: string) => (bytes: Uint8Array) => {
  const body = open(bytes)
  const name = utf8(`${context};`)
  if (!name.every((byte, i) => body[i] === byte)) throw new LocketError('crypto/open-failed', { operation: 'test.open' })
  return body.slice(name.length)
}

/** Opens a whole quilt, patch by patch. */
const openAll = (bytes: Uint8Array) => readQuilt(bytes, { nShards: 100 }).map((patch) => openAs(`${patch.identifier}/v2`)(patch.bytes))

type Lie = { readonly name: string; readonly tell: (truth: Uint8Array<ArrayBuffer>, random: () => number) => Response }
const ok = (bytes: BodyInit, headers: HeadersInit = {}) => new Response(bytes, { headers })

describe('reads from hosts that lie (U3)', () => {
  let bench: EngineBench
  let quilt: PackedQuilt
  let quiltId: string
  let contents: Uint8Array[]
  const pulled = { bytes: 0, most: 0 }
  const random = seeded(77)

  beforeAll(async () => {
    bench = await openEngineBench({ nodes: 11 })
    const plain = patches(6, (i) => 50 + i * 211, random)
    contents = plain.map(({ bytes }) => bytes)
    const files = plain.map(({ identifier, bytes }) => ({ identifier, bytes: sealedAs(`${identifier}/v2`, bytes) }))
    quilt = (await packQuilts(files, { nShards: 100 }))[0]!
    quiltId = (await bench.engine().upload({ quilt: quilt.bytes, epochs: 5, journal: memoryJournal() })).blobId
  })

  /** A body that goes on for ever, and counts what is taken of it. */
  const endless = () => {
    pulled.bytes = 0
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled.bytes += 65_536
        pulled.most = Math.max(pulled.most, pulled.bytes)
        controller.enqueue(new Uint8Array(65_536))
      },
    })
  }
  const lies: Lie[] = [
    { name: 'a flipped bit', tell: (truth) => ok(flipped(truth, random)) },
    { name: 'fewer bytes', tell: (truth) => ok(truth.slice(0, Math.floor(random() * truth.length))) },
    { name: 'more bytes', tell: (truth) => ok(new Uint8Array([...truth, 0])) },
    { name: 'nothing', tell: () => ok(new Uint8Array(0)) },
    { name: 'noise', tell: () => ok(fullBytes(Math.floor(random() * 3_000), random)) },
    { name: 'a page of text', tell: () => ok('<html>sign in to this network</html>') },
    { name: 'an older version', tell: () => ok(sealedAs('anything/v1', utf8('old'))) },
    { name: 'somebody else’s patch', tell: () => ok(sealedAs('theirs/v2', utf8('not yours'))) },
    { name: 'a length of 0xFFFFFFFF', tell: (truth) => ok(truth, { 'content-length': '4294967295' }) },
    { name: 'no end', tell: () => ok(endless()) },
  ]

  it(`rejects ${RUNS} false answers, reads the truth from the next source, and takes no more than the limit`, async () => {
    let told = 0
    let asked = 0
    let lie: Lie = lies[0]!
    const known = new Map<string, Uint8Array<ArrayBuffer>>()
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const url = String(input)
      const truth = known.get(url) ?? new Uint8Array(await (await bench.walrus.fetch(input, init)).arrayBuffer())
      known.set(url, truth)
      // The first answer of every read is a lie.
      if (asked++ > 0) return ok(truth)
      told++
      return lie.tell(truth, random)
    }
    for (let run = 0; run < RUNS; run++) {
      // A fresh engine remembers no liar, so it asks the first aggregator first.
      const engine = bench.engine({ network: { fetch }, readLimitBytes: READ_LIMIT })
      lie = lies[run % lies.length]!
      asked = 0
      const { identifier, index, startColumn, endColumn } = quilt.patches[run % quilt.patches.length]!
      const columns = { start: startColumn, end: endColumn }
      const read = await engine.readPatch({ quiltId, identifier, columns, authenticate: openAs(`${identifier}/v2`) })
      if (!equal(read, contents[index]!)) throw new Error(`run ${run}: ${lie.name} was accepted`)
    }
    expect(told).toBe(RUNS)
    expect(pulled.most).toBeLessThanOrEqual(READ_LIMIT + 2 * 65_536)
  })

  it('names every aggregator that lied when nobody tells the truth', async () => {
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      if (url.hostname.startsWith('node-')) throw new TypeError('fetch failed')
      await bench.walrus.fetch(input, init)
      return ok('lies')
    }
    const { identifier, startColumn: start, endColumn: end } = quilt.patches[0]!
    const read = bench
      .engine({ network: { fetch }, attempts: 2 })
      .readPatch({ quiltId, identifier, columns: { start, end }, authenticate: open })
    await expect(read).rejects.toMatchObject({
      code: 'walrus/inconsistent',
      details: { sources: bench.walrus.urls.aggregators, source: bench.walrus.urls.aggregators.join(', ') },
    })
  })

  it('does not ask again who lied, and says whose key is wrong when the quilt is proven', async () => {
    let asked = 0
    const fetch: typeof globalThis.fetch = (input, init) => {
      if (new URL(input instanceof Request ? input.url : input).hostname.startsWith('aggregator-')) asked++
      return bench.walrus.fetch(input, init)
    }
    const { identifier } = quilt.patches[0]!
    const read = bench.engine({ network: { fetch } }).readPatch({ quiltId, identifier, authenticate: openAs('another key') })
    // The storage nodes proved the bytes by the blob id: they are what was written, so it is not the network's fault.
    await expect(read).rejects.toMatchObject({ code: 'crypto/open-failed' })
    expect(asked).toBe(2)
  })

  it.each([
    ['a wrong column', (sliver: Uint8Array) => sliver.with(sliver.length - 2, 99)],
    ['a data length of 0xFFFFFFFF', (sliver: Uint8Array) => new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x0f, ...sliver.slice(2)])],
    ['a symbol size of 0', (sliver: Uint8Array) => sliver.with(sliver.length - 4, 0).with(sliver.length - 3, 0)],
    ['a patch length of 0xFFFFFFFF', (sliver: Uint8Array) => sliver.with(2, 0xff).with(3, 0xff).with(4, 0xff).with(5, 0xff)],
    ['half a column', (sliver: Uint8Array) => sliver.slice(0, sliver.length / 2)],
    ['altered content', (sliver: Uint8Array) => sliver.with(50, (sliver[50]! + 1) % 256)],
  ])('names the storage node that serves %s, and reads the quilt instead', async (_, alter) => {
    const liars = new Set<string>()
    let isAlone = false
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const truth = await bench.walrus.fetch(input, init)
      if (url.pathname.endsWith('/secondary')) {
        liars.add(url.origin)
        return ok(alter(new Uint8Array(await truth.arrayBuffer())))
      }
      if (isAlone && url.pathname.includes('/slivers/')) return new Response('no', { status: 500 })
      return truth
    }
    const { identifier, index, startColumn, endColumn } = quilt.patches[0]!
    const options = { quiltId, identifier, columns: { start: startColumn, end: endColumn }, authenticate: openAs(`${identifier}/v2`) }
    expect(await bench.engine({ network: { fetch, aggregators: [] } }).readPatch(options)).toEqual(contents[index])
    isAlone = true
    const alone = bench.engine({ network: { fetch, aggregators: [] }, attempts: 1 }).readPatch(options)
    const error = await alone.then(
      () => undefined,
      (failure: unknown) => failure as LocketError,
    )
    expect(error?.code).toBe('walrus/inconsistent')
    const named = String(error?.details['source']).split(', ')
    expect(named.filter((host) => !liars.has(host))).toEqual([])
  })

  it('does not allocate what a storage node claims in its metadata', async () => {
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const truth = await bench.walrus.fetch(input, init)
      if (!url.pathname.endsWith('/metadata')) return truth
      const forged = new Uint8Array(await truth.arrayBuffer())
      new DataView(forged.buffer).setBigUint64(34, 2n ** 45n, true)
      return ok(forged)
    }
    const read = bench.engine({ network: { fetch, aggregators: [] }, attempts: 1 }).readBlob({ blobId: quiltId })
    await expect(read).rejects.toMatchObject({ code: 'walrus/unavailable' })
  })

  it('reads whole quilts while one storage node in eleven alters its slivers', async () => {
    bench.faults.set('storage-node/3', { kind: 'tampered' })
    try {
      for (let i = 0; i < 4; i++) {
        const read = await bench.engine({ network: { aggregators: [] }, timeouts: { readMs: 15_000 } }).readBlob({ blobId: quiltId })
        expect(read).toEqual(quilt.bytes)
      }
    } finally {
      bench.faults.clear()
    }
  })

  it.each(['tampered', 'wrong-blob'] as const)('proves whole blobs by their id: an aggregator serving %s is found out', async (kind) => {
    bench.faults.set('aggregator/0', { kind })
    bench.faults.set('aggregator/1', { kind })
    expect(await bench.engine().readBlob({ blobId: quiltId })).toEqual(quilt.bytes)
    const nodesDown: typeof globalThis.fetch = (input, init) => {
      if (new URL(input instanceof Request ? input.url : input).hostname.startsWith('node-'))
        return Promise.reject(new TypeError('fetch failed'))
      return bench.walrus.fetch(input, init)
    }
    const read = bench.engine({ network: { fetch: nodesDown } }).readBlob({ blobId: quiltId })
    await expect(read).rejects.toMatchObject({ code: 'walrus/inconsistent', details: { sources: bench.walrus.urls.aggregators } })
    bench.faults.clear()
  })

  it('lets the caller open whole quilts instead, without recomputing the id', async () => {
    bench.faults.set('aggregator/0', { kind: 'wrong-blob' })
    const opened = await bench.engine().readBlob({ blobId: quiltId, authenticate: openAll })
    expect(opened).toHaveLength(6)
    bench.faults.clear()
  })

  it('opens what its cache holds again, and does without it when it was altered', async () => {
    const cache = createByteCache({ limitBytes: 1024 * 1024 })
    let asked = 0
    const fetch: typeof globalThis.fetch = (input, init) => {
      asked++
      return bench.walrus.fetch(input, init)
    }
    const engine = bench.engine({ network: { fetch }, cache })
    const { identifier, index, startColumn: start, endColumn: end } = quilt.patches[1]!
    const read = () => engine.readPatch({ quiltId, identifier, columns: { start, end }, authenticate: openAs(`${identifier}/v2`) })
    expect(await read()).toEqual(contents[index])
    expect(await read()).toEqual(contents[index])
    expect(asked).toBe(1)
    cache.set(`patch/${quiltId}/${identifier}`, utf8('altered'))
    expect(await read()).toEqual(contents[index])
    expect(asked).toBe(2)
  })

  it('ends with the caller’s own error when opening fails for another reason', async () => {
    const { identifier } = quilt.patches[0]!
    const mistake = new Error('a bug of the caller')
    const authenticate = () => {
      throw mistake
    }
    await expect(bench.engine().readPatch({ quiltId, identifier, authenticate })).rejects.toBe(mistake)
  })
})

const flipped = (bytes: Uint8Array<ArrayBuffer>, random: () => number) => {
  const at = Math.floor(random() * bytes.length)
  return bytes.with(at, bytes[at]! ^ (1 << Math.floor(random() * 8)))
}

const equal = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i])
