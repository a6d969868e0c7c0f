import { encodeQuilt } from '@mysten/walrus'
import { beforeEach, describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/core/bytes.ts'
import type { HostFault } from '../../../src/localnet/faults.ts'
import { frozenClock, openWalrusBench, type WalrusBench } from '../../helpers/localnet/walrus-bench.ts'

let bench: WalrusBench
const clock = frozenClock()
beforeEach(async () => {
  bench = await openWalrusBench({ clock })
  clock.sleptMs.length = 0
})

const content = utf8('content '.repeat(300))
const write = (via: 'relay' | 'direct' = 'relay', deletable = true) =>
  bench.client({ via }).writeBlob({ blob: content, deletable, epochs: 2, signer: bench.signer })
const get = (path: string, index = 0) => bench.walrus.fetch(`${bench.walrus.urls.aggregators[index]}${path}`)
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer())
const message = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: Error) => error.constructor.name,
  )

const breakNodes = (count: number, fault: { kind: 'down' } | { kind: 'tampered' } | { kind: 'not-found' }) => {
  for (let index = 0; index < count; index++) bench.faults.set(`storage-node/${index}`, fault)
}

describe('any service', () => {
  const services: ['relay' | 'publisher' | 'aggregator/1' | 'storage-node/12', () => string][] = [
    ['relay', () => `${bench.walrus.urls.relay}/v1/tip-config`],
    ['publisher', () => `${bench.walrus.urls.publisher}/v1/blobs`],
    ['aggregator/1', () => `${bench.walrus.urls.aggregators[1]}/v1/blobs/x`],
    ['storage-node/12', () => `${bench.walrus.urls.nodes[12]}/v1/blobs/x/status`],
  ]

  it.each(services)('can be down, fail, be slow and hang: %s', async (target, url) => {
    const set = (fault: HostFault) => bench.faults.set(target, fault)
    const { status: healthy } = await bench.walrus.fetch(url())

    set({ kind: 'down' })
    await expect(bench.walrus.fetch(url())).rejects.toBeInstanceOf(TypeError)
    set({ kind: 'status', status: 503, retryAfterSeconds: 7 })
    const failed = await bench.walrus.fetch(url())
    expect([failed.status, failed.headers.get('retry-after')]).toEqual([503, '7'])
    set({ kind: 'slow', delayMs: 4_000 })
    expect((await bench.walrus.fetch(url())).status).toBe(healthy)
    expect(clock.sleptMs).toEqual([4_000])

    set({ kind: 'hang' })
    const controller = new AbortController()
    const hanging = bench.walrus.fetch(url(), { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(hanging).rejects.toThrow('enough')

    bench.faults.clear()
    expect((await bench.walrus.fetch(url())).status).toBe(healthy)
  })

  it('recovers after the number of failures asked for', async () => {
    const { blobId } = await write()
    bench.faults.set('aggregator/0', { kind: 'not-found' }, { times: 2 })
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await get(`/v1/blobs/${blobId}`)).status)
    expect(statuses).toEqual([404, 404, 200])
  })
})

describe('an aggregator', () => {
  it('can alter what it serves', async () => {
    const { blobId } = await write()
    bench.faults.set('aggregator/0', { kind: 'tampered' })
    const served = await bytesOf(await get(`/v1/blobs/${blobId}`))
    expect(served).toHaveLength(content.length)
    expect(served.filter((byte, i) => byte !== content[i])).toHaveLength(1)
    expect(await bytesOf(await get(`/v1/blobs/${blobId}`, 1))).toEqual(content)
  })

  it('can serve another blob', async () => {
    const { blobId } = await write()
    bench.faults.set('aggregator/0', { kind: 'wrong-blob' })
    expect(await bytesOf(await get(`/v1/blobs/${blobId}`))).toEqual(content.toReversed())
    await bench.walrus.fetch(`${bench.walrus.urls.publisher}/v1/blobs`, { method: 'PUT', body: utf8('another') })
    expect(await bytesOf(await get(`/v1/blobs/${blobId}`))).toEqual(utf8('another'))
  })

  it('can alter or swap the files of a quilt', async () => {
    const blobs = ['a', 'b'].map((identifier) => ({ identifier, contents: utf8(identifier.repeat(1_000)) }))
    const { quilt } = encodeQuilt({ blobs, numShards: 100 })
    const { blobId } = await bench.client().writeBlob({ blob: quilt, deletable: true, epochs: 1, signer: bench.signer })
    const path = `/v1/blobs/by-quilt-id/${blobId}/a`
    expect(await bytesOf(await get(path))).toEqual(blobs[0]?.contents)
    bench.faults.set('aggregator/0', { kind: 'tampered' })
    expect((await bytesOf(await get(path))).filter((byte) => byte !== 97)).toHaveLength(1)
    bench.faults.set('aggregator/0', { kind: 'wrong-blob' })
    expect(await bytesOf(await get(path))).toEqual(blobs[1]?.contents)
  })
})

describe('storage nodes', () => {
  it('may fail up to a third of them, while writing and while reading', async () => {
    breakNodes(4, { kind: 'down' })
    const { blobId } = await write('direct')
    expect(await bench.client().readBlob({ blobId })).toEqual(content)
    bench.faults.clear()
    // The nodes that were down have recovered what they missed.
    expect(await bench.client().readBlob({ blobId })).toEqual(content)
  })

  it('refuse together when more than a third fail', async () => {
    breakNodes(5, { kind: 'down' })
    expect(await message(write('direct'))).toBe('NotEnoughBlobConfirmationsError')
    bench.faults.clear()
    breakNodes(5, { kind: 'not-found' })
    expect(await message(write('direct'))).toBe('NotEnoughBlobConfirmationsError')
  })

  it('can alter slivers, which the client notices', async () => {
    const { blobId } = await write()
    for (let index = 0; index < 13; index++) bench.faults.set(`storage-node/${index}`, { kind: 'tampered' })
    expect(await message(bench.client().readBlob({ blobId }))).toBe('InconsistentBlobError')
  })

  it('can sign badly, which the client notices', async () => {
    breakNodes(13, { kind: 'tampered' })
    expect(await message(write('direct'))).toBe('NotEnoughBlobConfirmationsError')
  })

  it('say that blobs do not exist', async () => {
    const { blobId } = await write()
    breakNodes(13, { kind: 'not-found' })
    expect(await message(bench.client().readBlob({ blobId }))).toBe('BlobNotCertifiedError')
  })
})

describe('the relay', () => {
  it('can hand out certificates that the chain refuses', async () => {
    bench.faults.set('relay', { kind: 'bad-certificate' }, { times: 1 })
    await bench.walrus.fetch(`${bench.walrus.urls.relay}/v1/tip-config`)
    await expect(write()).rejects.toThrow(/bls_aggregate/)
    expect(await message(write())).toBe('ok')
  })

  it('cannot upload when too many nodes are down', async () => {
    for (let index = 0; index < 5; index++) bench.faults.set(`storage-node/${index}`, { kind: 'down' })
    expect(await message(write())).toBe('InternalServerError')
  })
})

describe('the publisher', () => {
  it('can store something else', async () => {
    bench.faults.set('publisher', { kind: 'wrong-blob' })
    const response = await bench.walrus.fetch(`${bench.walrus.urls.publisher}/v1/blobs`, { method: 'PUT', body: content })
    const { newlyCreated } = (await response.json()) as { newlyCreated: { blobObject: { blobId: string; size: number } } }
    expect(newlyCreated.blobObject.size).toBe(content.length + 1)
    expect(await bytesOf(await get(`/v1/blobs/${newlyCreated.blobObject.blobId}`))).not.toEqual(content)

    const form = new FormData()
    form.append('a', new Blob([content]))
    const quilt = await bench.walrus.fetch(`${bench.walrus.urls.publisher}/v1/quilts`, { method: 'PUT', body: form })
    const { storedQuiltBlobs } = (await quilt.json()) as { storedQuiltBlobs: { quiltPatchId: string }[] }
    const patch = await get(`/v1/blobs/by-quilt-patch-id/${storedQuiltBlobs[0]?.quiltPatchId}`)
    expect(await bytesOf(patch)).toHaveLength(content.length + 1)
  })
})

describe('the epoch', () => {
  it('can end between registering and uploading', async () => {
    const epoch = bench.walrus.epoch()
    bench.faults.set('epoch', { kind: 'after-register' }, { times: 1 })
    const { blobObject } = await write()
    expect(bench.walrus.epoch()).toBe(epoch + 1)
    expect(blobObject.registered_epoch).toBe(epoch)
    bench.faults.set('epoch', { kind: 'after-register' }, { times: 1 })
    expect(await message(write('direct'))).toBe('NotEnoughBlobConfirmationsError')
  })

  it.each(['relay', 'direct'] as const)('can end before the certificate reaches the chain: %s', async (via) => {
    const epoch = bench.walrus.epoch()
    bench.faults.set('epoch', { kind: 'after-upload' }, { times: 1 })
    await expect(write(via)).rejects.toThrow(/messages/)
    expect(bench.walrus.epoch()).toBe(epoch + 1)
    expect(await message(write(via))).toBe('ok')
  })

  it('can end so often that the storage runs out', async () => {
    bench.faults.set('epoch', { kind: 'after-register', epochs: 2 }, { times: 1 })
    expect(await message(write())).toBe('InternalServerError')
  })
})
