import { expect, it } from 'vitest'
import { packQuilts } from '../../src/walrus/pack-quilts.ts'
import { memoryJournal, open, openEngineBench, sealed } from '../unit/walrus/engine-bench.ts'
import { patches, seeded } from '../unit/walrus/helpers.ts'

it('stores a quilt by relay in a browser and reads it back, proven and by patch', async () => {
  const bench = await openEngineBench()
  const files = patches(8, (i) => 100 + i * 333, seeded(1)).map(({ identifier, bytes }) => ({ identifier, bytes: sealed(bytes) }))
  const [quilt] = await packQuilts(files, { nShards: 100 })
  const engine = bench.engine()
  const { blobId, signatures } = await engine.upload({ quilt: quilt!.bytes, epochs: 1, journal: memoryJournal() })
  expect(signatures).toBe(2)
  for (const { identifier, index, startColumn: start, endColumn: end } of quilt!.patches) {
    const read = await engine.readPatch({ quiltId: blobId, identifier, columns: { start, end }, authenticate: open })
    expect(read).toEqual(open(files[index]!.bytes))
  }
  expect(await bench.engine({ network: { aggregators: [] } }).readBlob({ blobId })).toEqual(quilt!.bytes)
})
