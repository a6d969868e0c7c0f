import { beforeEach, describe, expect, it } from 'vitest'
import { packQuilts } from '../../../src/walrus/pack-quilts.ts'
import { type EngineBench, memoryJournal, openEngineBench } from './engine-bench.ts'
import { patches, seeded } from './helpers.ts'

let seed = 700
const freshQuilt = async () =>
  (
    await packQuilts(
      patches(2, () => 120, seeded(seed++)),
      { nShards: 100 },
    )
  )[0]!.bytes

describe('a stored blob', () => {
  let bench: EngineBench
  beforeEach(async () => {
    bench = await openEngineBench()
  })
  const store = async (options: { epochs: number; deletable?: boolean }) =>
    bench.engine().upload({ quilt: await freshQuilt(), journal: memoryJournal(), ...options })

  it('tells when it expires, by object and by id', async () => {
    const { blobObjectId, blobId } = await store({ epochs: 4, deletable: false })
    const engine = bench.engine()
    const byObject = await engine.expiry({ blobObjectId: blobObjectId! })
    expect(byObject).toMatchObject({
      currentEpoch: bench.walrus.epoch(),
      endEpoch: bench.walrus.epoch() + 4,
      deletable: false,
      isCertified: true,
    })
    expect(await engine.expiry({ blobId })).toEqual(byObject)
    bench.walrus.advanceEpoch()
    const later = await engine.expiry({ blobObjectId: blobObjectId! })
    expect(later.currentEpoch).toBe(byObject.currentEpoch + 1)
    expect(later.endEpoch).toBe(byObject.endEpoch)
    expect(later.expiresAtMs).toBeLessThan(byObject.expiresAtMs + 1)
  })

  it('asks the storage nodes about a permanent blob of somebody else', async () => {
    const { blobId } = await store({ epochs: 4, deletable: false })
    const stranger = { toSuiAddress: () => `0x${'cd'.repeat(32)}` } as never
    expect(await bench.engine({ signer: stranger }).expiry({ blobId })).toMatchObject({ deletable: false, isCertified: true })
    const deletable = await store({ epochs: 4 })
    await expect(bench.engine({ signer: stranger }).expiry({ blobId: deletable.blobId })).rejects.toMatchObject({
      code: 'walrus/not-found',
    })
  })

  it('can be renewed for its price, seen at once by the same engine', async () => {
    const { blobObjectId, costFrost } = await store({ epochs: 2 })
    const engine = bench.engine()
    const before = { wal: await bench.wal(), end: (await engine.expiry({ blobObjectId: blobObjectId! })).endEpoch }
    const expiry = await engine.renew({ blobObjectId: blobObjectId!, epochs: 3 })
    expect(expiry.endEpoch).toBe(before.end + 3)
    const { storageFrost, writeFrost } = await engine.prices()
    const units = costFrost / (storageFrost * 2n + writeFrost)
    expect(before.wal - (await bench.wal())).toBe(units * storageFrost * 3n)
  })

  it('refuses renewals beyond what is sold, over the ceiling, after the end', async () => {
    const { blobObjectId } = await store({ epochs: 2 })
    const engine = bench.engine()
    const renew = (epochs: number, maxCostFrost?: bigint) => engine.renew({ blobObjectId: blobObjectId!, epochs, maxCostFrost })
    await expect(renew(52)).rejects.toMatchObject({ code: 'walrus/epochs-out-of-range', details: { limitEpochs: 51 } })
    await expect(renew(0)).rejects.toMatchObject({ code: 'walrus/epochs-out-of-range' })
    await expect(renew(1, 1n)).rejects.toMatchObject({ code: 'walrus/cost-ceiling' })
    for (let i = 0; i < 2; i++) bench.walrus.advanceEpoch()
    await expect(renew(1)).rejects.toMatchObject({ code: 'walrus/expired' })
    await expect(engine.remove({ blobObjectId: blobObjectId! })).rejects.toMatchObject({ code: 'walrus/expired' })
  })

  it('can be removed if deletable, and not if permanent', async () => {
    const engine = bench.engine()
    const deletable = await store({ epochs: 2 })
    const permanent = await store({ epochs: 2, deletable: false })
    await engine.remove({ blobObjectId: deletable.blobObjectId! })
    expect(await bench.blobs()).toBe(1)
    await expect(engine.expiry({ blobObjectId: deletable.blobObjectId! })).rejects.toMatchObject({ code: 'chain/not-found' })
    await expect(engine.remove({ blobObjectId: permanent.blobObjectId! })).rejects.toMatchObject({ code: 'walrus/not-deletable' })
    await expect(bench.engine({ attempts: 1 }).readBlob({ blobId: deletable.blobId })).rejects.toMatchObject({ code: 'walrus/not-found' })
  })

  it('shows price changes to the same engine', async () => {
    const engine = bench.engine()
    expect(await engine.prices()).toEqual({ storageFrost: 11_000n, writeFrost: 20_000n, maxEpochs: 53 })
    bench.walrus.setPrices({ storageFrostPerEpoch: 99_000n, writeFrost: 1n })
    expect(await engine.prices()).toEqual({ storageFrost: 99_000n, writeFrost: 1n, maxEpochs: 53 })
    const quote = await engine.quote({ sizesBytes: [10], epochs: 1 })
    expect(quote.totalFrost).toBe(BigInt(quote.storageUnits) * 99_001n)
  })

  it('names objects that are not there', async () => {
    const engine = bench.engine()
    const blobObjectId = `0x${'ee'.repeat(32)}`
    for (const call of [engine.expiry({ blobObjectId }), engine.renew({ blobObjectId, epochs: 1 }), engine.remove({ blobObjectId })]) {
      await expect(call).rejects.toMatchObject({ code: 'chain/not-found' })
    }
  })
})
