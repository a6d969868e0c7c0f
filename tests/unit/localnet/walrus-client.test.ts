import { WalrusFile } from '@mysten/walrus'
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
})
