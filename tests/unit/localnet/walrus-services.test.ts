import { Transaction } from '@mysten/sui/transactions'
import { encodeQuilt } from '@mysten/walrus'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toBase64Url, utf8 } from '../../../src/core/bytes.ts'
import { blobIdOfMetadata } from '../../../src/localnet/walrus/blob-id.ts'
import { type Encoder, loadEncoder } from '../../../src/localnet/walrus/encoder.ts'
import { geometryOf, shardOfPair } from '../../../src/localnet/walrus/geometry.ts'
import { blobIdToBytes, blobIdToInt } from '../../../src/localnet/walrus/blob-id.ts'
import { openWalrusBench, type WalrusBench } from '../../helpers/localnet/walrus-bench.ts'
import { certifyBlob, moves, outcome, send } from '../../helpers/localnet/walrus-moves.ts'

let bench: WalrusBench
let encoder: Encoder
beforeAll(async () => {
  encoder = await loadEncoder(geometryOf(100))
})
beforeEach(async () => {
  bench = await openWalrusBench()
})

const content = utf8('what the quick brown fox jumps over')
const put = (path: string, body: BodyInit) => bench.walrus.fetch(`${bench.walrus.urls.publisher}${path}`, { method: 'PUT', body })
const get = (path: string, init?: RequestInit) => bench.walrus.fetch(`${bench.walrus.urls.aggregators[0]}${path}`, init)
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer())
const reasonOf = async (response: Response) => {
  const { error } = (await response.json()) as { error: { code: number; details: { reason: string }[] } }
  return `${response.status} ${error.details[0]?.reason}`
}
type Stored = {
  newlyCreated: { blobObject: { id: string; blobId: string; deletable: boolean; storage: { endEpoch: number } }; cost: number }
}

/** Registers `bytes` on chain without storing them; returns the object id. */
async function register(bytes: Uint8Array, deletable = true): Promise<string> {
  const described = blobIdOfMetadata(encoder.encode(bytes).metadata)
  const client = bench.client()
  const { rootHash } = await client.computeBlobMetadata({ bytes })
  const tx = client.registerBlobTransaction({
    size: bytes.length,
    epochs: 2,
    blobId: encoder.blobIdOf(bytes),
    rootHash,
    deletable,
    owner: bench.address,
  })
  expect(described?.blobId).toBe(blobIdToInt(encoder.blobIdOf(bytes)))
  return (await send(bench, tx)).created.find(({ type }) => type.endsWith('::blob::Blob'))?.id as string
}

const node = (index: number, path: string, init?: RequestInit) =>
  bench.walrus.fetch(`${bench.walrus.urls.nodes[index]}/v1/blobs/${path}`, init)
const shardOwner = (pair: number): number =>
  Math.floor((shardOfPair(geometryOf(100), blobIdToBytes(encoder.blobIdOf(content)) as Uint8Array, pair) * 13) / 100)
const upload = (query: Record<string, string>, body: Uint8Array<ArrayBuffer> = content) =>
  bench.walrus.fetch(`${bench.walrus.urls.relay}/v1/blob-upload-relay?${new URLSearchParams(query)}`, { method: 'POST', body })

describe('the publisher and the aggregators', () => {
  it('store a blob and give it back', async () => {
    const stored = (await (await put('/v1/blobs?epochs=3', content)).json()) as Stored
    const { blobObject, cost } = stored.newlyCreated
    expect(blobObject).toMatchObject({ deletable: true, blobId: encoder.blobIdOf(content) })
    expect(blobObject.storage.endEpoch).toBe(bench.walrus.epoch() + 3)
    expect(cost).toBe(Number((await bench.client().storageCost(content.length, 3)).totalCost))
    expect(bench.ledger.get(blobObject.id)?.owner).toEqual({ kind: 'address', address: bench.walrus.publisherAddress })

    const response = await get(`/v1/blobs/${blobObject.blobId}`)
    expect(await bytesOf(response)).toEqual(content)
    expect(response.headers.get('etag')).toBe(blobObject.blobId)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await bytesOf(await get(`/v1/blobs/by-object-id/${blobObject.id}`))).toEqual(content)
    expect(await bench.client().readBlob({ blobId: blobObject.blobId })).toEqual(content)
  })

  it('give the object to whom it is sent, or share it', async () => {
    const sent = (await (await put(`/v1/blobs?send_object_to=${bench.address}`, content)).json()) as Stored
    expect(bench.ledger.get(sent.newlyCreated.blobObject.id)?.owner).toEqual({ kind: 'address', address: bench.address })
    const shared = (await (await put('/v1/blobs?share=true&force=true', content)).json()) as { newlyCreated: { sharedBlobObject: string } }
    const id = shared.newlyCreated.sharedBlobObject
    expect(bench.ledger.get(id)?.owner.kind).toBe('shared')
    expect(await bytesOf(await get(`/v1/blobs/by-object-id/${id}`))).toEqual(content)
  })

  it('do not store twice what is stored for good', async () => {
    const first = (await (await put('/v1/blobs?epochs=3&permanent=true', content)).json()) as Stored
    expect(first.newlyCreated.blobObject.deletable).toBe(false)
    const { blobId } = first.newlyCreated.blobObject
    const again = await (await put('/v1/blobs?epochs=2', content)).json()
    expect(again).toMatchObject({ alreadyCertified: { blobId, endEpoch: bench.walrus.epoch() + 3 } })
    for (const query of ['epochs=4', 'epochs=2&force=true']) {
      expect(await (await put(`/v1/blobs?${query}`, content)).json()).toHaveProperty('newlyCreated')
    }
  })

  it('serve byte ranges', async () => {
    await put('/v1/blobs', content)
    const path = `/v1/blobs/${encoder.blobIdOf(content)}`
    const part = await get(path, { headers: { range: 'bytes=5-9' } })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 5-9/${content.length}`])
    expect(await bytesOf(part)).toEqual(content.slice(5, 10))
    for (const range of ['bytes=5-', 'bytes=9-5', `bytes=0-${content.length}`, 'lines=1-2']) {
      expect(await reasonOf(await get(path, { headers: { range } }))).toBe('416 INVALID_BYTE_RANGE')
    }
    expect(await bytesOf(await get(`${path}/byte-range?start=5&length=5`))).toEqual(content.slice(5, 10))
    expect((await get(path, { method: 'HEAD' })).headers.get('content-length')).toBe(String(content.length))
  })

  it('store quilts and serve their files', async () => {
    const form = new FormData()
    const files = { 'b/2': utf8('second '.repeat(900)), a1: utf8('first') }
    for (const [name, bytes] of Object.entries(files)) form.append(name, new Blob([bytes]))
    form.append('_metadata', JSON.stringify([{ identifier: 'a1', tags: { n: 1, 'content-type': 'text/plain' } }]))
    const stored = (await (await put('/v1/quilts?epochs=2', form)).json()) as {
      blobStoreResult: Stored
      storedQuiltBlobs: { identifier: string; quiltPatchId: string }[]
    }
    const quiltId = stored.blobStoreResult.newlyCreated.blobObject.blobId
    expect(stored.storedQuiltBlobs.map(({ identifier }) => identifier)).toEqual(['a1', 'b/2'])

    for (const { identifier, quiltPatchId } of stored.storedQuiltBlobs) {
      const wanted = files[identifier as keyof typeof files]
      expect(await bytesOf(await get(`/v1/blobs/by-quilt-patch-id/${quiltPatchId}`))).toEqual(wanted)
      const byName = await get(`/v1/blobs/by-quilt-id/${quiltId}/${encodeURIComponent(identifier)}`)
      expect(await bytesOf(byName)).toEqual(wanted)
    }
    expect((await get(`/v1/blobs/by-quilt-id/${quiltId}/b/2`)).status).toBe(404)
    const first = await get(`/v1/blobs/by-quilt-id/${quiltId}/a1`)
    expect([first.headers.get('content-type'), first.headers.get('n'), first.headers.get('x-quilt-patch-identifier')]).toEqual([
      'text/plain',
      null,
      'a1',
    ])
    expect(await (await get(`/v1/quilts/${quiltId}/patches`)).json()).toEqual([
      { identifier: 'a1', patch_id: stored.storedQuiltBlobs[0]?.quiltPatchId, tags: { n: '1', 'content-type': 'text/plain' } },
      { identifier: 'b/2', patch_id: stored.storedQuiltBlobs[1]?.quiltPatchId, tags: {} },
    ])

    const blob = await bench.client().getBlob({ blobId: quiltId })
    await blob.asFile().bytes()
    const [file] = await blob.files({ identifiers: ['b/2'] })
    expect(await file?.bytes()).toEqual(files['b/2'])
  })

  it('refuse malformed requests', async () => {
    expect(await reasonOf(await put('/v1/blobs?epoch=2', content))).toBe('400 MALFORMED_REQUEST')
    expect(await reasonOf(await put('/v1/blobs?epochs=many', content))).toBe('400 MALFORMED_REQUEST')
    expect(await reasonOf(await put('/v1/blobs?permanent=true&deletable=true', content))).toBe('400 INVALID_BLOB_PERSISTENCE')
    expect((await put('/v1/blobs?epochs=54', content)).status).toBe(500)
    expect((await put('/v1/blobs', new Uint8Array(10 * 1024 * 1024 + 1))).status).toBe(413)
    expect((await bench.walrus.fetch(`${bench.walrus.urls.publisher}/v1/blobs`)).status).toBe(405)

    const forms = {
      empty: [],
      underscore: [['_a', 'x']],
      control: [['a\u0007', 'x']],
      duplicate: [
        ['a', 'x'],
        ['_metadata', '[{"identifier":"a"},{"identifier":"a"}]'],
      ],
      'not json': [
        ['a', 'x'],
        ['_metadata', '{'],
      ],
    }
    for (const pairs of Object.values(forms)) {
      const form = new FormData()
      for (const [name, value] of pairs) form.append(name as string, new Blob([value as string]))
      expect(await reasonOf(await put('/v1/quilts', form))).toBe('400 MALFORMED_REQUEST')
    }
    const many = new FormData()
    for (let i = 0; i < 67; i++) many.append(`f${i}`, new Blob(['x']))
    expect(await reasonOf(await put('/v1/quilts', many))).toBe('400 MALFORMED_REQUEST')
  })

  it('know nothing of blobs that do not exist', async () => {
    const missing = encoder.blobIdOf(content)
    expect(await reasonOf(await get(`/v1/blobs/${missing}`))).toBe('404 BLOB_NOT_FOUND')
    expect(await reasonOf(await get('/v1/blobs/short'))).toBe('400 INVALID_ID_FORMAT')
    expect(await reasonOf(await get(`/v1/blobs/by-object-id/0x${'5'.repeat(64)}`))).toBe('404 BLOB_NOT_FOUND')
    expect(await reasonOf(await get(`/v1/quilts/${missing}/patches`))).toBe('404 BLOB_NOT_FOUND')
    expect(await reasonOf(await get(`/v1/blobs/by-quilt-id/${missing}/a`))).toBe('404 BLOB_NOT_FOUND')
    expect(await reasonOf(await get('/v1/blobs/by-quilt-patch-id/zzzz'))).toBe('400 INVALID_ID_FORMAT')
    await put('/v1/blobs', content)
    expect(await reasonOf(await get(`/v1/quilts/${missing}/patches`))).toBe('404 QUILT_PATCH_NOT_FOUND')
    expect((await get('/v2/blobs')).status).toBe(404)
  })

  it('serve nothing that has expired', async () => {
    await put('/v1/blobs?epochs=2', content)
    const path = `/v1/blobs/${encoder.blobIdOf(content)}`
    bench.walrus.advanceEpoch()
    expect((await get(path)).status).toBe(200)
    bench.ledger.advanceEpoch()
    expect(await reasonOf(await get(path))).toBe('404 BLOB_NOT_FOUND')
    // Registering it again does not bring the data back.
    await certifyBlob(bench, await register(content))
    expect(await reasonOf(await get(path))).toBe('404 BLOB_NOT_FOUND')
  })

  it('serve what was burned until it expires, and nothing that was deleted', async () => {
    const path = `/v1/blobs/${encoder.blobIdOf(content)}`
    const store = async () => {
      const stored = (await (await put(`/v1/blobs?epochs=2&send_object_to=${bench.address}`, content)).json()) as Stored
      return stored.newlyCreated.blobObject.id
    }
    const removed = new Transaction()
    removed.transferObjects([moves(bench).delete(removed, await store())], bench.address)
    expect(await outcome(bench, removed)).toBe('ok')
    expect((await get(path)).status).toBe(404)

    const burned = new Transaction()
    moves(bench).burn(burned, await store())
    expect(await outcome(bench, burned)).toBe('ok')
    expect((await get(path)).status).toBe(200)
    bench.walrus.advanceEpoch()
    bench.walrus.advanceEpoch()
    expect((await get(path)).status).toBe(404)
  })

  it('survive being stored away and brought back', async () => {
    const stored = (await (await put('/v1/blobs?epochs=2', content)).json()) as Stored
    const blobs = structuredClone(bench.walrus.storedBlobs())
    const ledger = bench.ledger.snapshot()
    const other = await openWalrusBench()
    other.ledger.restore(ledger)
    other.walrus.restoreBlobs(blobs, other.ledger.view().objects())
    const { blobId } = stored.newlyCreated.blobObject
    const response = await other.walrus.fetch(`${other.walrus.urls.aggregators[1]}/v1/blobs/${blobId}`)
    expect(await bytesOf(response)).toEqual(content)
  })
})

describe('a storage node', () => {
  it('takes metadata of registered blobs only, and only their own', async () => {
    const { blobId, metadata } = encoder.encode(content)
    const store = (body: Uint8Array<ArrayBuffer>) => node(0, `${blobId}/metadata`, { method: 'PUT', body })
    expect(await reasonOf(await store(metadata))).toBe('400 NOT_REGISTERED')
    await register(content)
    expect(await reasonOf(await store(encoder.encode(utf8('other')).metadata))).toBe('400 INVALID_METADATA')
    expect(await reasonOf(await store(new Uint8Array(9)))).toBe('400 INVALID_METADATA')
    expect((await store(metadata)).status).toBe(201)
    const status = async (index: number) => (await (await node(index, `${blobId}/metadata/status`)).json()).success.data
    expect([await status(0), await status(1)]).toEqual(['Stored', 'Nonexistent'])
    // Registered is not certified.
    expect(await reasonOf(await node(0, `${blobId}/metadata`))).toBe('404 METADATA_NOT_FOUND')
  })

  it('takes slivers of its shards only, and of the right shape only', async () => {
    const { blobId, metadata, primary, secondary } = encoder.encode(content)
    await register(content)
    const pair = 3
    const owner = shardOwner(pair)
    const store = (index: number, kind: string, body: Uint8Array<ArrayBuffer>, at: number | string = pair) =>
      node(index, `${blobId}/slivers/${at}/${kind}`, { method: 'PUT', body })
    const own = primary[pair] as Uint8Array<ArrayBuffer>
    expect(await reasonOf(await store(owner, 'primary', own))).toBe('400 MISSING_METADATA')
    await node(owner, `${blobId}/metadata`, { method: 'PUT', body: metadata })
    expect(await reasonOf(await store((owner + 1) % 13, 'primary', own))).toBe('400 SHARD_NOT_ASSIGNED')
    expect(await reasonOf(await store(owner, 'primary', own, 100))).toBe('400 INDEX_OUT_OF_RANGE')
    expect(await reasonOf(await store(owner, 'tertiary', own))).toBe('400 INDEX_OUT_OF_RANGE')
    for (const wrong of [primary[4], secondary[pair], own.slice(1), new Uint8Array(3)]) {
      expect(await reasonOf(await store(owner, 'primary', wrong as Uint8Array<ArrayBuffer>))).toBe('400 INVALID_SLIVER')
    }
    expect((await store(owner, 'primary', own)).status).toBe(201)
    expect((await store(owner, 'secondary', secondary[pair] as Uint8Array<ArrayBuffer>)).status).toBe(201)
    expect((await (await node(owner, `${blobId}/slivers/${pair}/primary/status`)).json()).success.data).toBe('Stored')
    expect(await reasonOf(await node(owner, `${blobId}/slivers/${pair}/primary`))).toBe('404 SLIVER_NOT_FOUND')
  })

  it('confirms only what it holds, of the registration it is asked about', async () => {
    const { blobId, metadata } = encoder.encode(content)
    const objectId = await register(content)
    expect(await reasonOf(await node(0, `${blobId}/confirmation/permanent`))).toBe('400 NOT_REGISTERED')
    expect(await reasonOf(await node(0, `${blobId}/confirmation/deletable/0x${'5'.repeat(64)}`))).toBe('400 NOT_REGISTERED')
    expect(await reasonOf(await node(0, `${blobId}/confirmation/deletable/${objectId}`))).toBe('400 MISSING_SLIVERS')
    await node(0, `${blobId}/metadata`, { method: 'PUT', body: metadata })
    expect(await reasonOf(await node(0, `${blobId}/confirmation/deletable/${objectId}`))).toBe('400 MISSING_SLIVERS')
    expect((await node(0, `${blobId}/confirmation/other`)).status).toBe(404)
  })

  it('says what the chain says about a blob', async () => {
    const { blobId } = encoder.encode(content)
    const status = async () => (await (await node(0, `${blobId}/status`)).json()).success.data
    expect(await status()).toBe('nonexistent')
    const objectId = await register(content)
    expect(await status()).toEqual({
      deletable: { deletableCounts: { count_deletable_total: 1, count_deletable_certified: 0 }, initialCertifiedEpoch: null },
    })
    await certifyBlob(bench, objectId)
    await register(content, false)
    expect(await status()).toMatchObject({
      permanent: {
        deletableCounts: { count_deletable_total: 1, count_deletable_certified: 1 },
        initialCertifiedEpoch: bench.walrus.epoch(),
        isCertified: false,
        endEpoch: bench.walrus.epoch() + 2,
      },
    })
  })

  it('knows no other routes and no malformed ids', async () => {
    expect((await node(0, 'short/metadata')).status).toBe(400)
    expect((await node(0, `${encoder.blobIdOf(content)}/nothing`)).status).toBe(404)
    expect((await bench.walrus.fetch(`${bench.walrus.urls.nodes[0]}/v2/x`)).status).toBe(404)
  })
})

describe('the relay', () => {
  const tip = { kind: 'const', address: `0x${'71'.repeat(32)}`, tipMist: 500 } as const

  it('says what it asks', async () => {
    const config = async () => (await bench.walrus.fetch(`${bench.walrus.urls.relay}/v1/tip-config`)).json()
    expect(await config()).toBe('no_tip')
    bench = await openWalrusBench({ tip })
    expect(await config()).toEqual({ send_tip: { address: tip.address, kind: { const: 500 } } })
    bench = await openWalrusBench({ tip: { kind: 'linear', address: tip.address, baseMist: 5, mistPerEncodedKib: 2 } })
    expect(await config()).toEqual({ send_tip: { address: tip.address, kind: { linear: { base: 5, encoded_size_mul_per_kib: 2 } } } })
    expect(await bench.client({ maxTipMist: 10_000 }).calculateUploadRelayTip({ size: 10 })).toBe(5n + 2n * 648n)
  })

  it('refuses what is not a registered blob of that id', async () => {
    const blobId = encoder.blobIdOf(content)
    expect((await upload({ blob_id: blobId })).status).toBe(500)
    const objectId = await register(content)
    expect((await upload({ blob_id: blobId })).status).toBe(500)
    expect((await upload({ blob_id: blobId, deletable_blob_object: objectId, extra: '1' })).status).toBe(400)
    expect((await upload({ blob_id: 'x' })).status).toBe(400)
    expect((await upload({ blob_id: blobId, encoding_type: 'RedStuff' })).status).toBe(400)
    expect((await upload({ blob_id: blobId, deletable_blob_object: objectId }, utf8('other'))).status).toBe(400)
    expect((await upload({ blob_id: blobId, deletable_blob_object: objectId })).status).toBe(200)
    expect((await bench.walrus.fetch(`${bench.walrus.urls.relay}/v1/other`)).status).toBe(404)
  })

  it('takes nothing for which the tip was not paid', async () => {
    bench = await openWalrusBench({ tip })
    const client = bench.client({ maxTipMist: 1_000 })
    const nonce = new Uint8Array(32).fill(9)
    const metadata = await client.computeBlobMetadata({ bytes: content, nonce })
    const blobId = metadata.blobId
    /** A registration with the auth payload and tip given; returns what the relay is told of it. */
    const pay = async (build: (tx: Transaction) => void) => {
      const tx = new Transaction()
      build(tx)
      const { rootHash } = metadata
      client.registerBlobTransaction({
        transaction: tx,
        size: content.length,
        epochs: 1,
        blobId,
        rootHash,
        deletable: false,
        owner: bench.address,
      })
      expect(await outcome(bench, tx)).toBe('ok')
      const tx_id = bench.ledger.view().transactions().at(-1)?.digest as string
      return { blob_id: blobId, nonce: toBase64Url(nonce), tx_id }
    }
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content))
    const auth = (size = content.length, blobDigest = digest) => client.addAuthPayload({ size, blobDigest, nonce })
    const tipOf = (tx: Transaction, amount: number) => tx.transferObjects([tx.splitCoins(tx.gas, [amount])], tip.address)

    const paid = await pay((tx) => {
      tx.add(auth())
      tipOf(tx, 500)
    })
    expect((await upload({ blob_id: blobId })).status).toBe(400)
    expect((await upload({ ...paid, nonce: 'AAAA' })).status).toBe(400)
    expect((await upload({ ...paid, nonce: toBase64Url(new Uint8Array(32)) })).status).toBe(401)
    expect((await upload({ ...paid, tx_id: '1'.repeat(32) })).status).toBe(500)
    expect((await upload(paid)).status).toBe(200)

    const cases: [number, (tx: Transaction) => void][] = [
      [402, (tx) => tx.add(auth())],
      [
        402,
        (tx) => {
          tx.add(auth())
          tipOf(tx, 499)
        },
      ],
      [
        401,
        (tx) => {
          tx.add(auth(content.length + 1))
          tipOf(tx, 500)
        },
      ],
      [
        401,
        (tx) => {
          tx.add(auth(content.length, new Uint8Array(32)))
          tipOf(tx, 500)
        },
      ],
      [401, (tx) => tipOf(tx, 500)],
    ]
    for (const [status, build] of cases) expect((await upload(await pay(build))).status).toBe(status)
    bench.ledger.advance(60 * 60 * 1000 + 1)
    expect((await upload(paid)).status).toBe(400)
  })
})

describe('installWalrus', () => {
  it.each([
    ['shards', { nShards: 250 as 100 }],
    ['nodes', { nodes: 10 }],
    ['aggregators', { aggregators: 0 }],
    ['a tip it cannot check', { tip: { kind: 'const', address: '0x1', tipMist: 1 }, findTransaction: undefined } as const],
  ])('refuses %s', async (_, options) => {
    await expect(openWalrusBench(options)).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })

  it('answers to its own hosts only', async () => {
    expect(bench.walrus.handle(new Request('https://example.test/v1/blobs/x'))).toBeUndefined()
    await expect(bench.walrus.fetch('https://example.test/')).rejects.toBeInstanceOf(TypeError)
  })

  it('lets one quilt hold 66 files and no more at 100 shards', () => {
    const blobs = Array.from({ length: 66 }, (_, i) => ({ identifier: `f${i}`, contents: new Uint8Array(1) }))
    expect(encodeQuilt({ blobs, numShards: 100 }).index.patches).toHaveLength(66)
  })
})
