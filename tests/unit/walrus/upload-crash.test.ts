import { beforeAll, describe, expect, it } from 'vitest'
import { packQuilts } from '../../../src/walrus/pack-quilts.ts'
import type { WalrusNetwork } from '../../../src/walrus/types.ts'
import { crashingWorld, type CrashPoint } from './crash.ts'
import { type EngineBench, memoryJournal, openEngineBench } from './engine-bench.ts'
import { patches, seeded } from './helpers.ts'

let seed = 5_000
const freshQuilt = async (patchCount = 3) => {
  const [quilt] = await packQuilts(
    patches(patchCount, () => 150, seeded(seed++)),
    { nShards: 100 },
  )
  return quilt!.bytes
}

/**
 * Trials at each point: with the 22 points of a relay 176. What is after one
 * event is before the next, so a boundary sees 16 of them. In the later half
 * the run that resumes dies too, at another point each time.
 */
const TRIALS = 8

/** What one whole run does to the outside world, in order. */
const EVENTS = {
  relay: ['save', 'sign', 'save', 'execute', 'save', 'send', 'save', 'sign', 'save', 'execute', 'save'],
  direct: ['save', 'sign', 'save', 'execute', 'save', 'save', 'sign', 'save', 'execute', 'save'],
  publisher: ['save', 'send', 'save', 'save'],
} as const

const pointsOf = (via: keyof typeof EVENTS): CrashPoint[] =>
  EVENTS[via].flatMap((_, event) => [{ event, phase: 'before' } as const, { event, phase: 'after' } as const])

describe('an upload cut off anywhere (U1)', () => {
  let bench: EngineBench
  let priceFrost: bigint
  beforeAll(async () => {
    bench = await openEngineBench({ tip: { kind: 'const', address: `0x${'71'.repeat(32)}`, tipMist: 500 } })
    const quilt = await freshQuilt()
    const before = await bench.wal()
    await bench.engine().upload({ quilt, epochs: 2, journal: memoryJournal() })
    priceFrost = before - (await bench.wal())
  })

  async function cutOffAndResume(
    via: WalrusNetwork['upload']['via'],
    point: CrashPoint,
    mode: 'kill' | 'throw',
    { keepJournal = true, patchCount, again }: { keepJournal?: boolean; patchCount?: number; again?: CrashPoint | undefined } = {},
  ) {
    const quilt = await freshQuilt(patchCount)
    const journal = memoryJournal()
    const before = { wal: await bench.wal(), blobs: await bench.blobs() }
    const world = crashingWorld(bench, journal, point, mode)
    const doomed = bench.engine({ via, ...world.overrides }).upload({ quilt, epochs: 2, journal: world.journal })
    const end = await Promise.race([
      doomed.then(
        () => 'finished' as const,
        () => 'threw' as const,
      ),
      world.died,
    ])

    const later = keepJournal ? journal : memoryJournal()
    if (again !== undefined) {
      const second = crashingWorld(bench, later, again, 'kill')
      const resumed = bench.engine({ via, ...second.overrides }).upload({ quilt, epochs: 2, journal: second.journal })
      await Promise.race([resumed, second.died])
    }
    const receipt = await bench.engine({ via }).upload({ quilt, epochs: 2, journal: later })
    expect((await bench.blobs()) - before.blobs).toBe(1)
    expect(before.wal - (await bench.wal())).toBe(via === 'publisher' ? 0n : priceFrost)
    expect(await bench.engine().readBlob({ blobId: receipt.blobId })).toEqual(quilt)
    expect((await bench.engine().expiry({ blobObjectId: receipt.blobObjectId! })).isCertified).toBe(true)
    return { end, receipt, event: world.events[point.event] }
  }

  it.each(['relay', 'direct', 'publisher'] as const)('by %s: does these things in this order', async (via) => {
    const world = crashingWorld(bench, memoryJournal(), undefined, 'kill')
    await bench.engine({ via, ...world.overrides }).upload({ quilt: await freshQuilt(), epochs: 2, journal: world.journal })
    expect(world.events).toEqual(EVENTS[via])
  })

  it.each(pointsOf('relay'))(`by relay, killed $phase event $event, ${TRIALS} times: registers once, pays once`, async (point) => {
    for (let trial = 0; trial < TRIALS; trial++) {
      const again: CrashPoint = { event: (point.event + trial) % 7, phase: trial % 2 === 0 ? 'before' : 'after' }
      const options = { patchCount: 1 + trial * 3, again: trial < TRIALS / 2 ? undefined : again }
      const { end, receipt, event } = await cutOffAndResume('relay', point, 'kill', options)
      expect(end).toBe('died')
      expect(event).toBe(EVENTS.relay[point.event])
      // As the journal counts: a signature that was lost with the run is asked for again.
      expect(receipt.signatures).toBe(2)
    }
  })

  it.each(pointsOf('relay'))('by relay, thrown at $phase event $event: registers once, pays once', async (point) => {
    const { end, receipt, event } = await cutOffAndResume('relay', point, 'throw')
    // An answer lost after the full node executed, or after the relay stored, is recovered within the run.
    const isRecovered = (event === 'execute' && point.phase === 'after') || event === 'send'
    expect(end).toBe(isRecovered ? 'finished' : 'threw')
    expect(receipt.signatures).toBe(2)
  })

  it.each(pointsOf('publisher'))('by publisher, killed $phase event $event: stores once', async (point) => {
    const { end, receipt } = await cutOffAndResume('publisher', point, 'kill')
    expect(end).toBe('died')
    expect(receipt.signatures).toBe(0)
  })

  it.each([
    { event: 3, phase: 'after' },
    { event: 4, phase: 'before' },
    { event: 5, phase: 'before' },
    { event: 8, phase: 'after' },
    { event: 9, phase: 'before' },
  ] as const)('directly, killed $phase event $event: registers once, pays once', async (point) => {
    expect((await cutOffAndResume('direct', point, 'kill')).receipt.signatures).toBe(2)
  })

  it.each([
    { event: 3, phase: 'after' },
    { event: 5, phase: 'after' },
    { event: 9, phase: 'after' },
  ] as const)('killed $phase event $event and the journal lost too: finds what it paid for', async (point) => {
    await cutOffAndResume('relay', point, 'kill', { keepJournal: false })
  })

  it('refuses a journal of another quilt', async () => {
    const journal = memoryJournal()
    await bench.engine().upload({ quilt: await freshQuilt(), epochs: 2, journal })
    await expect(bench.engine().upload({ quilt: await freshQuilt(), epochs: 2, journal })).rejects.toMatchObject({
      code: 'usage/wrong-state',
    })
  })

  it('saves nothing in the journal that is not plain JSON', async () => {
    const journal = memoryJournal()
    await bench.engine().upload({ quilt: await freshQuilt(), epochs: 2, journal })
    for (const state of journal.saved()) expect(JSON.parse(JSON.stringify(state))).toEqual(state)
  })
})
