import { WalrusFile, type WriteBlobStep } from '@mysten/walrus'
import { beforeAll, describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/core/bytes.ts'
import { openWalrusBench, type WalrusBench } from '../../helpers/localnet/walrus-bench.ts'

const TIP_ADDRESS = `0x${'71'.repeat(32)}`

const files = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    WalrusFile.from({
      contents: utf8(`memory ${i} `.repeat(20 + i * 30)),
      identifier: `m${String(i).padStart(2, '0')}`,
      tags: { parity: i % 2 ? 'odd' : 'even' },
    }),
  )

describe('the real Walrus client on the localnet', () => {
  let bench: WalrusBench
  beforeAll(async () => {
    bench = await openWalrusBench({ tip: { kind: 'linear', address: TIP_ADDRESS, baseMist: 105, mistPerEncodedKib: 1 } })
  })

  it('writes files through the relay for a tip, and reads them back', async () => {
    const { signer } = bench
    const client = bench.client({ maxTipMist: 10_000_000 })
    const written = await client.writeFiles({ files: files(12), epochs: 3, deletable: true, signer, attributes: { app: 'locket' } })
    expect(written).toHaveLength(12)
    const blobId = written[0]?.blobId as string
    expect(written[0]?.blobObject.deletable).toBe(true)

    const blob = await bench.client().getBlob({ blobId })
    // The whole blob first: the client's own quilt reader loses tails otherwise.
    await blob.asFile().bytes()
    const [third] = await blob.files({ identifiers: ['m03'] })
    expect(await third?.text()).toBe('memory 3 '.repeat(110))
    expect(await third?.getTags()).toEqual({ parity: 'odd' })
    const fetched = await bench.client().getFiles({ ids: [written[1]?.id as string] })
    expect((await fetched[0]?.text())?.startsWith('memory 1 memory 1 ')).toBe(true)

    const attributes = await bench.client().readBlobAttributes({ blobObjectId: written[0]?.blobObject.id as string })
    expect(attributes).toEqual({ app: 'locket', _walrusBlobType: 'quilt' })
  })

  it('writes a blob to the storage nodes and reads it back', async () => {
    const client = bench.client({ via: 'direct' })
    const blob = Uint8Array.from({ length: 5_000 }, (_, i) => (i * 31) % 251)
    const written = await client.writeBlob({ blob, deletable: false, epochs: 2, signer: bench.signer })
    expect(await bench.client().readBlob({ blobId: written.blobId })).toEqual(blob)
    const status = await bench.client().getVerifiedBlobStatus({ blobId: written.blobId })
    expect(status).toMatchObject({ type: 'permanent', isCertified: true, endEpoch: bench.walrus.epoch() + 2 })
  })

  it('pays the tip, and no more than the client allows', async () => {
    const tip = await bench.client({ maxTipMist: 10_000_000 }).calculateUploadRelayTip({ size: 100 })
    expect(tip).toBe(105n + 648n)
    const { balance } = await bench.sui.getBalance({ owner: TIP_ADDRESS })
    expect(BigInt(balance.balance)).toBeGreaterThanOrEqual(tip)
    const stingy = bench.client({ maxTipMist: 10 })
    await expect(stingy.writeFiles({ files: files(1), epochs: 1, deletable: true, signer: bench.signer })).rejects.toThrow(/maximum/)
  })

  it('writes in steps that a wallet can sign one by one', async () => {
    const client = bench.client({ maxTipMist: 10_000_000 })
    const flow = client.writeFilesFlow({ files: [WalrusFile.from({ contents: utf8('hi'), identifier: 'a.txt' })] })
    await flow.encode()
    const register = flow.register({ epochs: 1, owner: bench.address, deletable: true })
    const registered = await bench.signer.signAndExecuteTransaction({ transaction: register, client: bench.sui })
    await flow.upload({ digest: registered.Transaction?.digest as string })
    await bench.signer.signAndExecuteTransaction({ transaction: flow.certify(), client: bench.sui })
    const [file] = await flow.listFiles()
    const read = await bench.client().getFiles({ ids: [file?.id as string] })
    expect(await read[0]?.text()).toBe('hi')
  })

  it('goes on after a failed upload without paying twice', async () => {
    const steps: WriteBlobStep[] = []
    const options = { files: files(2), epochs: 1, deletable: true, signer: bench.signer }
    const offline = bench.client({
      maxTipMist: 10_000_000,
      fetch: async (input, init) => {
        if (new Request(input, init).url.includes('blob-upload-relay')) throw new TypeError('offline')
        return bench.walrus.fetch(input, init)
      },
    })
    await expect(offline.writeFiles({ ...options, onStep: (step) => void steps.push(step) })).rejects.toThrow('offline')
    const resume = structuredClone(steps.at(-1)) as WriteBlobStep
    expect(resume.step).toBe('registered')
    const balance = await walBalance()
    const [written] = await bench.client({ maxTipMist: 10_000_000 }).writeFiles({ ...options, resume })
    expect(await walBalance()).toBe(balance)
    // From an aggregator: the client's own quilt reader loses the tail of this very file.
    const response = await bench.walrus.fetch(`${bench.walrus.urls.aggregators[0]}/v1/blobs/by-quilt-patch-id/${written?.id}`)
    expect(await response.text()).toBe('memory 0 '.repeat(20))
  })

  it('extends, names and deletes blobs', async () => {
    const { signer } = bench
    const client = () => bench.client({ maxTipMist: 10_000_000 })
    const blob = utf8('to be deleted')
    const { blobId, blobObject } = await client().writeBlob({ blob, deletable: true, epochs: 2, signer, attributes: { a: '1', b: '2' } })
    const blobObjectId = blobObject.id
    await client().executeExtendBlobTransaction({ blobObjectId, epochs: 5, signer })
    expect((await client().getBlobObject(blobObjectId)).storage.end_epoch).toBe(bench.walrus.epoch() + 7)
    await client().executeWriteBlobAttributesTransaction({ blobObjectId, attributes: { a: null, b: '3' }, signer })
    expect(await client().readBlobAttributes({ blobObjectId })).toEqual({ b: '3' })
    await client().executeDeleteBlobTransaction({ blobObjectId, signer })
    await expect(client().readBlob({ blobId })).rejects.toThrow(/not certified/)
  })

  it('is told the prices in force', async () => {
    const cost = () => bench.client().storageCost(1_000, 3)
    expect(await cost()).toEqual({ storageCost: 33_000n, writeCost: 20_000n, totalCost: 53_000n })
    bench.walrus.setPrices({ storageFrostPerEpoch: 1n, writeFrost: 2n })
    expect(await cost()).toEqual({ storageCost: 3n, writeCost: 2n, totalCost: 5n })
    bench.walrus.setPrices({ storageFrostPerEpoch: 11_000n, writeFrost: 20_000n })
  })

  it('is refused when it has too little WAL', async () => {
    const poor = await openWalrusBench()
    const coins = [...poor.ledger.view().objects()].filter(({ type }) => type.endsWith('::wal::WAL>'))
    for (const { id, type, contents } of coins) {
      poor.ledger.place({ id, type, contents, owner: { kind: 'address', address: TIP_ADDRESS } })
    }
    const write = poor.client().writeBlob({ blob: utf8('x'), deletable: true, epochs: 1, signer: poor.signer })
    await expect(write).rejects.toThrow(/balance/i)
  })

  const walBalance = async () => (await bench.sui.getBalance({ owner: bench.address, coinType: bench.walrus.walType })).balance.balance
})
