import { WalrusFile } from '@mysten/walrus'
import { expect, it } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { openWalrusBench } from '../helpers/localnet/walrus-bench.ts'

it('runs the real Walrus client in a browser tab', async () => {
  const bench = await openWalrusBench()
  const contents = utf8('a memory '.repeat(500))
  const files = [WalrusFile.from({ contents, identifier: 'm1' })]
  const [written] = await bench.client().writeFiles({ files, epochs: 2, deletable: true, signer: bench.signer })
  const aggregator = bench.walrus.urls.aggregators[0]
  const response = await bench.walrus.fetch(`${aggregator}/v1/blobs/by-quilt-patch-id/${written?.id}`)
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(contents)

  const direct = await bench.client({ via: 'direct' }).writeBlob({ blob: contents, deletable: false, epochs: 1, signer: bench.signer })
  expect(await bench.client().readBlob({ blobId: direct.blobId })).toEqual(contents)

  const form = new FormData()
  form.append('f', new Blob([contents]))
  const published = await bench.walrus.fetch(`${bench.walrus.urls.publisher}/v1/quilts`, { method: 'PUT', body: form })
  const { storedQuiltBlobs } = (await published.json()) as { storedQuiltBlobs: { quiltPatchId: string }[] }
  const patch = await bench.walrus.fetch(`${aggregator}/v1/blobs/by-quilt-patch-id/${storedQuiltBlobs[0]?.quiltPatchId}`)
  expect(new Uint8Array(await patch.arrayBuffer())).toEqual(contents)
})
