import { beforeAll, describe, expect, it } from 'vitest'
import { packQuilts } from '../../../src/walrus/pack-quilts.ts'
import { type EngineBench, memoryJournal, open, openEngineBench, sealed } from './engine-bench.ts'
import { patches, seeded } from './helpers.ts'

const TIP = { kind: 'linear', address: `0x${'71'.repeat(32)}`, baseMist: 105, mistPerEncodedKib: 1 } as const

/** A quilt of sealed patches that no other test uploads. */
const quiltOf = async (seed: number, count = 5) => {
  const files = patches(count, (i) => 200 + i * 90, seeded(seed)).map(({ identifier, bytes }) => ({ identifier, bytes: sealed(bytes) }))
  const [quilt] = await packQuilts(files, { nShards: 100 })
  return { files, quilt: quilt! }
}

describe('upload', () => {
  let bench: EngineBench
  beforeAll(async () => {
    bench = await openEngineBench({ tip: TIP })
  })

  it.each(['relay', 'direct'] as const)('stores a quilt by %s with two signatures, at the quoted price, and reads it back', async (via) => {
    const { files, quilt } = await quiltOf(via.length)
    const engine = bench.engine({ via })
    const quote = await engine.quote({ sizesBytes: files.map((file) => file.bytes.length), epochs: 3 })
    const before = { wal: await bench.wal(), sui: await bench.sui$() }
    const steps: string[] = []
    const receipt = await engine.upload({
      quilt: quilt.bytes,
      epochs: 3,
      journal: memoryJournal(),
      onProgress: ({ step }) => steps.push(step),
    })

    expect(receipt.signatures).toBe(2)
    expect(receipt.costFrost).toBe(quote.totalFrost)
    expect(before.wal - (await bench.wal())).toBe(quote.totalFrost)
    expect(before.sui - (await bench.sui$())).toBe(receipt.gasMist + quote.tipMist)
    expect(via === 'relay' ? quote.tipMist > 0n : quote.tipMist === 0n).toBe(true)
    expect(receipt.endEpoch).toBe(bench.walrus.epoch() + 3)
    expect(steps).toEqual(['encoded', 'registered', 'uploaded', 'certified'])

    const [first] = quilt.patches
    const read = await bench.engine().readPatch({
      quiltId: receipt.blobId,
      identifier: first!.identifier,
      columns: { start: first!.startColumn, end: first!.endColumn },
      authenticate: open,
    })
    expect(read).toEqual(open(files[first!.index]!.bytes))
    expect(await bench.engine().readBlob({ blobId: receipt.blobId })).toEqual(quilt.bytes)
  })

  it('stores by publisher without a signature or WAL of the wallet', async () => {
    const { quilt } = await quiltOf(30)
    const before = { wal: await bench.wal(), sui: await bench.sui$() }
    const receipt = await bench.engine({ via: 'publisher' }).upload({ quilt: quilt.bytes, epochs: 2, journal: memoryJournal() })
    expect(receipt).toMatchObject({ signatures: 0, costFrost: 0n, gasMist: 0n, endEpoch: bench.walrus.epoch() + 2 })
    expect(await bench.wal()).toBe(before.wal)
    expect(await bench.sui$()).toBe(before.sui)
    expect(await bench.engine().readBlob({ blobId: receipt.blobId })).toEqual(quilt.bytes)
    const expiry = await bench.engine().expiry({ blobObjectId: receipt.blobObjectId! })
    expect(expiry).toMatchObject({ deletable: true, isCertified: true })
  })

  it('packs patches itself when they fit one quilt', async () => {
    const { files, quilt } = await quiltOf(31)
    const receipt = await bench.engine().upload({ quilt: files, epochs: 1, journal: memoryJournal() })
    expect(await bench.engine().readBlob({ blobId: receipt.blobId })).toEqual(quilt.bytes)
    const many = patches(67, () => 5, seeded(1))
    await expect(bench.engine().upload({ quilt: many, epochs: 1, journal: memoryJournal() })).rejects.toMatchObject({
      code: 'walrus/too-large',
    })
  })

  it('adds the caller calls to the certify transaction: both happen or neither', async () => {
    const { quilt } = await quiltOf(32)
    const engine = bench.engine()
    const receipt = await engine.upload({
      quilt: quilt.bytes,
      epochs: 1,
      journal: memoryJournal(),
      extendCertify: (transaction) =>
        void transaction.transferObjects([transaction.splitCoins(transaction.gas, [77])], `0x${'ab'.repeat(32)}`),
    })
    expect(receipt.signatures).toBe(2)
    expect((await bench.sui.getBalance({ owner: `0x${'ab'.repeat(32)}` })).balance.balance).toBe('77')

    const other = await quiltOf(33)
    const journal = memoryJournal()
    const refused = engine.upload({
      quilt: other.quilt.bytes,
      epochs: 1,
      journal,
      extendCertify: (transaction) =>
        void transaction.moveCall({
          target: '0x2::coin::destroy_zero',
          typeArguments: ['0x2::sui::SUI'],
          arguments: [transaction.splitCoins(transaction.gas, [1])],
        }),
    })
    await expect(refused).rejects.toMatchObject({ code: 'chain/rejected', details: { module: 'balance' } })
    const state = await journal.load()
    expect(state).toMatchObject({ step: 'uploaded', signatures: 1 })
    expect((await engine.expiry({ blobObjectId: state!.blobObjectId! })).isCertified).toBe(false)
    // Without the failing call the same upload goes on, and pays nothing more.
    const wal = await bench.wal()
    expect(await engine.upload({ quilt: other.quilt.bytes, epochs: 1, journal })).toMatchObject({ signatures: 2 })
    expect(await bench.wal()).toBe(wal)
  })

  it('runs uploads of one signer one after the other', async () => {
    const engine = bench.engine()
    const quilts = await Promise.all([40, 41, 42].map((seed) => quiltOf(seed, 2)))
    const receipts = await Promise.all(
      quilts.map(({ quilt }) => engine.upload({ quilt: quilt.bytes, epochs: 1, journal: memoryJournal() })),
    )
    expect(new Set(receipts.map((receipt) => receipt.blobId)).size).toBe(3)
    for (const receipt of receipts) expect(receipt.signatures).toBe(2)
  })

  it('asks for nothing when the journal says certified', async () => {
    const { quilt } = await quiltOf(43)
    const journal = memoryJournal()
    const receipt = await bench.engine().upload({ quilt: quilt.bytes, epochs: 1, journal })
    const sui = await bench.sui$()
    expect(await bench.engine().upload({ quilt: quilt.bytes, epochs: 1, journal })).toEqual(receipt)
    expect(await bench.sui$()).toBe(sui)
  })
})
