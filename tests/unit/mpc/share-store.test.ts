import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8, type Bytes } from '../../../src/core/bytes.ts'
import { LocketError } from '../../../src/core/errors.ts'
import { openShareStore, type ShareStore } from '../../../src/mpc/share-store.ts'
import type { BlobStore } from '../../../src/store/port.ts'
import { withFaults } from '../../../src/testkit/faults/with-faults.ts'
import { createSeededEntropy } from '../../../src/testkit/seeded-entropy.ts'
import { codeOf, errorOf } from '../../helpers/code-of.ts'
import { createDisk, type Disk } from '../../helpers/mpc/disk.ts'
import { epochOf, keyIdOf, shareOf } from '../../helpers/mpc/epochs.ts'
import { cheapUnlock } from '../../helpers/mpc/unlock.ts'

const NAME = 'wallet'
const KEY = keyIdOf(NAME)
const TWO = { index: 2, card: utf8('card of 2') }
let seed = 0
const open = (store: BlobStore, anchor?: BlobStore) =>
  openShareStore({ store, anchor, unlock: cheapUnlock(), entropy: createSeededEntropy(`shares ${seed++}`) })

/** As if the ceremony had ended: the epoch prepared, acknowledged by all and committed. */
async function switchTo(shares: ShareStore, epoch: number): Promise<void> {
  await shares.prepare(epochOf(NAME, epoch), shareOf(NAME, epoch))
  await shares.acknowledge(KEY)
  await shares.commit(KEY, [])
}

const textOf = async (share: Promise<Bytes>) => fromUtf8(await share)
const presignature = (n: number) => ({ id: keyIdOf(`presignature ${n}`), parties: [1, 2], path: 'm' })

describe('openShareStore', () => {
  it('keeps a committed share over closing, and nothing of it in the clear', async () => {
    const disk = createDisk()
    const first = await open(disk.open())
    await switchTo(first, 1)
    await first.close()
    const again = await open(disk.open())
    expect(await textOf(again.share(KEY))).toBe('SECRET SHARE of wallet at epoch 1')
    expect(again.keys()).toMatchObject([{ id: KEY, suite: 'frost-ed25519', epoch: 1, threshold: 2, self: 1 }])
    for (const value of await disk.contents()) expect(Buffer.from(value).toString('latin1')).not.toMatch(/SECRET|wallet|holder|card/)
    for (const key of await disk.keys()) expect(key).not.toContain(KEY.slice(0, 8))
  })

  it('refuses another passphrase, a store without atomic batches, and calls after closing', async () => {
    const disk = createDisk()
    const shares = await open(disk.open())
    await switchTo(shares, 1)
    await shares.close()
    await shares.close()
    expect(await codeOf((async () => shares.share(KEY))())).toBe('usage/closed')
    expect(await codeOf(openShareStore({ store: disk.open(), unlock: cheapUnlock('other') }))).toBe('unlock/failed')
    const loose = { ...disk.open(), features: { atomicBatch: false, durable: true, crossTab: false } }
    expect(await codeOf(openShareStore({ store: loose, unlock: cheapUnlock() }))).toBe('usage/invalid-argument')
  })

  it('says which key it lacks', async () => {
    const shares = await open(createDisk().open())
    expect((await errorOf(shares.share(KEY))).details).toEqual({ keyId: KEY })
    expect(await codeOf(shares.ban(KEY, TWO))).toBe('mpc/unknown-key')
  })

  it('fails closed on a damaged record or share, and touches neither', async () => {
    for (const part of ['mpc/key/', 'mpc/share/']) {
      const disk = createDisk()
      const shares = await open(disk.open())
      await switchTo(shares, 1)
      await shares.close()
      const key = (await disk.keys()).find((name) => name.startsWith(part)) as string
      const value = (await disk.raw.get(key)) as Bytes
      value[value.length - 1] = (value.at(-1) as number) ^ 1
      await disk.raw.put(key, value)
      const read = async () => (await open(disk.open())).share(KEY)
      expect(await codeOf(read()), part).toBe('store/corrupt')
      expect(await disk.raw.get(key), part).toEqual(value)
    }
  })

  it('opens a share only where it belongs: not under another epoch, party or key', async () => {
    const disk = createDisk()
    const shares = await open(disk.open())
    await switchTo(shares, 1)
    const [place] = (await disk.keys()).filter((name) => name.startsWith('mpc/share/')) as [string]
    const old = (await disk.raw.get(place)) as Bytes
    await switchTo(shares, 2)
    const [next] = (await disk.keys()).filter((name) => name.startsWith('mpc/share/')) as [string]
    await disk.raw.put(next, old)
    expect(await codeOf(shares.share(KEY))).toBe('store/corrupt')
  })

  it('moves to the next epoch and erases what was', async () => {
    const disk = createDisk()
    const shares = await open(disk.open())
    await switchTo(shares, 1)
    await shares.keepPresignature(KEY, presignature(1), utf8('SECRET presignature'))
    await switchTo(shares, 2)
    expect(await textOf(shares.share(KEY))).toContain('epoch 2')
    expect((await disk.keys()).filter((name) => /share|presignature/.test(name)).length).toBe(1)
    expect(await codeOf(shares.takePresignature(KEY, presignature(1).id))).toBe('mpc/presignature-used')
    await shares.forget(KEY)
    expect((await disk.keys()).filter((name) => name.startsWith('mpc/'))).toEqual([])
  })

  it('drops what was prepared and not acknowledged, and keeps what was', async () => {
    const disk = createDisk()
    const shares = await open(disk.open())
    await switchTo(shares, 1)
    await shares.prepare(epochOf(NAME, 2), shareOf(NAME, 2))
    const again = await open(disk.open())
    expect(again.record(KEY).next).toBeUndefined()
    await again.prepare(epochOf(NAME, 2), shareOf(NAME, 2))
    await again.acknowledge(KEY)
    const third = await open(disk.open())
    expect(third.record(KEY).next?.epoch).toBe(2)
    expect(await textOf(third.share(KEY))).toContain('epoch 1')
    await third.discard(KEY)
    expect((await disk.keys()).filter((name) => name.startsWith('mpc/share/')).length).toBe(1)
    expect(await codeOf(third.commit(KEY, []))).toBe('usage/wrong-state')
  })

  it('is at exactly one epoch after a crash at any store call, before it or after', async () => {
    const calls = await countCalls()
    expect(calls).toBeGreaterThan(6)
    for (let at = 0; at < calls; at++) {
      for (const when of ['before', 'after'] as const) {
        const disk = await diskAtEpochOne()
        const broken = withFaults(disk.open(), ({ index }) =>
          index >= at ? { when: index === at ? when : 'before', error: crash() } : undefined,
        )
        const where = `call ${at}, ${when}`
        expect(await codeOf(refresh(broken)), where).toBe('store/unavailable')

        const found = await open(disk.open())
        const { current, next } = found.record(KEY)
        expect([1, 2], where).toContain(current?.epoch)
        expect(await textOf(found.share(KEY)), where).toBe(`SECRET SHARE of wallet at epoch ${current?.epoch}`)
        const shares = (await disk.keys()).filter((name) => name.startsWith('mpc/share/'))
        expect(shares.length, where).toBe(next === undefined ? 1 : 2)
        if (next !== undefined) await found.commit(KEY, [])
        else if (current?.epoch === 1) await switchTo(found, 2)
        expect(
          found.keys().map(({ epoch }) => epoch),
          where,
        ).toEqual([2])
        expect(await textOf(found.share(KEY)), where).toContain('epoch 2')
      }
    }
  })
})

const crash = () => new LocketError('store/unavailable', { operation: 'test' })

async function refresh(store: BlobStore): Promise<void> {
  await switchTo(await open(store), 2)
}

async function diskAtEpochOne(): Promise<Disk> {
  const disk = createDisk()
  const shares = await open(disk.open())
  await switchTo(shares, 1)
  await shares.keepPresignature(KEY, presignature(1), utf8('SECRET presignature'))
  return disk
}

async function countCalls(): Promise<number> {
  const disk = await diskAtEpochOne()
  let calls = 0
  await refresh(
    withFaults(disk.open(), () => {
      calls++
      return undefined
    }),
  )
  return calls
}

describe('a rolled-back store', () => {
  const trials = 40

  it('is known by the anchor, and refuses to give its share', async () => {
    for (let trial = 0; trial < trials; trial++) {
      const [disk, anchor] = [createDisk(), createDisk()]
      const shares = await open(disk.open(), anchor.open())
      await switchTo(shares, 1)
      const old: Disk = await disk.snapshot()
      // What happened since: a refresh, a ban, a ceremony, a removal.
      if (trial % 4 === 0) await switchTo(shares, 2)
      if (trial % 4 === 1) await shares.ban(KEY, TWO)
      if (trial % 4 === 2) await shares.advance(KEY)
      if (trial % 4 === 3) await shares.forget(KEY)
      const restored = await open(old.open(), anchor.open())
      expect(await codeOf(restored.share(KEY)), `trial ${trial}`).toBe('mpc/rolled-back')
      // The guided way out: a newer epoch than any that was seen.
      await switchTo(restored, 3)
      expect(await textOf(restored.share(KEY))).toContain('epoch 3')
    }
  })
})

describe('a presignature', () => {
  const take = (shares: ShareStore, n = 1) => codeOf(shares.takePresignature(KEY, presignature(n).id))

  async function withOne(anchor?: BlobStore): Promise<{ disk: Disk; shares: ShareStore }> {
    const disk = createDisk()
    const shares = await open(disk.open(), anchor)
    await switchTo(shares, 1)
    await shares.keepPresignature(KEY, presignature(1), utf8('SECRET presignature'))
    return { disk, shares }
  }

  it('is given once', async () => {
    const { shares, disk } = await withOne()
    for (const value of await disk.contents()) expect(Buffer.from(value).toString('latin1')).not.toContain('SECRET')
    expect(await textOf(shares.takePresignature(KEY, presignature(1).id))).toBe('SECRET presignature')
    expect(await take(shares)).toBe('mpc/presignature-used')
    expect(await take(shares, 2)).toBe('mpc/presignature-used')
  })

  it('is given to one of many who ask at once', async () => {
    const { shares } = await withOne()
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => take(shares)))
    expect(outcomes.filter((code) => code === 'no error').length).toBe(1)
  })

  it('does not outlive its process without an anchor, and does with one', async () => {
    const { disk } = await withOne()
    expect(await take(await open(disk.open()))).toBe('mpc/presignature-used')
    expect((await disk.keys()).filter((name) => name.includes('presignature'))).toEqual([])
    const anchor = createDisk()
    const anchored = await withOne(anchor.open())
    expect(await take(await open(anchored.disk.open(), anchor.open()))).toBe('no error')
  })

  it('is never given twice: by a clone, a restored copy, a retry or after a crash at any call', async () => {
    const trials = Number(process.env['PRESIGN_TRIALS'] ?? 200)
    for (let trial = 0; trial < trials; trial++) {
      const anchor = createDisk()
      const { disk } = await withOne(anchor.open())
      const copy = await disk.snapshot()
      const fails = trial % 10
      const when = trial % 2 === 0 ? 'before' : 'after'
      const broken = withFaults(disk.open(), ({ index }) => (index === fails ? { when, error: crash() } : undefined))
      let given = 0
      for (const attempt of [
        () => open(broken, anchor.open()),
        () => open(copy.open(), anchor.open()),
        () => open(disk.open(), anchor.open()),
      ]) {
        for (let again = 0; again < 2; again++) {
          if ((await codeOf(attempt().then((shares) => shares.takePresignature(KEY, presignature(1).id)))) === 'no error') given++
        }
      }
      expect(given, `trial ${trial}`).toBeLessThanOrEqual(1)
    }
  })
})

describe('a ban', () => {
  it('is there after a reload, in a copy restored later, and takes what was made with that party along', async () => {
    const [disk, anchor] = [createDisk(), createDisk()]
    const shares = await open(disk.open(), anchor.open())
    await switchTo(shares, 1)
    await shares.keepPresignature(KEY, presignature(1), utf8('SECRET presignature'))
    await shares.ban(KEY, TWO)
    await shares.ban(KEY, TWO)
    const again = await open(disk.open(), anchor.open())
    expect(again.record(KEY).bans).toEqual([{ party: 2, epoch: 1, card: utf8('card of 2') }])
    expect(await codeOf(again.takePresignature(KEY, presignature(1).id))).toBe('mpc/presignature-used')
    await switchTo(again, 2)
    expect(again.record(KEY).bans.length).toBe(1)
  })
})
