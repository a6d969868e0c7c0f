import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/core/bytes.ts'
import { LocketError } from '../../../src/core/errors.ts'
import { createCrc32c } from '../../../src/store/crc32c.ts'
import { encodeRecord } from '../../../src/store/journal-record.ts'
import { contents, createChooser, journalDisks, openOn, put } from '../../helpers/store.ts'

const fault = () => new LocketError('store/unavailable', { operation: 'test.file' })

describe('createCrc32c', () => {
  it('agrees with RFC 3720 appendix B.4', () => {
    const crc = createCrc32c()
    const ascending = Uint8Array.from({ length: 32 }, (_, i) => i)
    expect(crc(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
    expect(crc(ascending)).toBe(0x46dd794e)
    expect(crc(ascending.toReversed())).toBe(0x113fdb5c)
    expect(crc(utf8('123456789'))).toBe(0xe3069283)
  })

  it('continues from an earlier result', () => {
    const crc = createCrc32c()
    const bytes = utf8('the quick brown fox jumps over the lazy dog')
    for (let cut = 0; cut <= bytes.length; cut++) expect(crc(bytes.subarray(cut), crc(bytes.subarray(0, cut)))).toBe(crc(bytes))
  })
})

describe('openJournalStore', () => {
  it('cuts off a tail torn at any byte and keeps everything before it', async () => {
    const whole = journalDisks()
    const store = await openOn(whole)
    await store.put('a', utf8('one'))
    const safe = whole[0].bytes().length
    await store.batch([put('b', 'two'), put('c', 'three')])
    const image = whole[0].bytes()
    for (let cut = safe; cut < image.length; cut++) {
      const disks = journalDisks()
      disks[0].replace(image.slice(0, cut))
      const again = await openOn(disks)
      expect(again.tornBytes).toBe(cut - safe)
      expect(again.damagedRecords).toBe(0)
      expect(await contents(again)).toEqual({ a: 'one' })
      await again.put('d', utf8('four'))
      expect(await contents(await openOn(disks))).toEqual({ a: 'one', d: 'four' })
    }
  })

  it('skips a record damaged in any byte, says so, and keeps the others', async () => {
    const whole = journalDisks()
    const store = await openOn(whole)
    await store.put('a', utf8('one'))
    const start = whole[0].bytes().length
    await store.put('b', utf8('two'))
    const end = whole[0].bytes().length
    await store.put('c', utf8('three'))
    const image = whole[0].bytes()
    for (let at = start; at < end; at++) {
      const damaged = image.slice()
      damaged[at] = (damaged[at] as number) ^ 0xff
      const disks = journalDisks()
      disks[0].replace(damaged)
      const again = await openOn(disks)
      expect(again.damagedRecords, `byte ${at}`).toBe(1)
      expect(await contents(again)).toEqual({ a: 'one', c: 'three' })
    }
  })

  it('notices a record cut out cleanly', async () => {
    const disks = journalDisks()
    const store = await openOn(disks)
    await store.put('a', utf8('one'))
    const start = disks[0].bytes().length
    await store.put('b', utf8('two'))
    const end = disks[0].bytes().length
    await store.put('c', utf8('three'))
    const image = disks[0].bytes()
    disks[0].replace(new Uint8Array([...image.slice(0, start), ...image.slice(end)]))
    expect((await openOn(disks)).damagedRecords).toBe(1)
  })

  it('does not take a record inside a value for one of its own', async () => {
    const disks = journalDisks()
    const store = await openOn(disks)
    const planted = encodeRecord({ kind: 'batch', generation: 7, sequence: 99n, ops: [put('evil', 'x')] }, createCrc32c())
    await store.put('a', planted)
    const length = disks[0].bytes().length
    await store.put('b', utf8('two'))
    const image = disks[0].bytes()
    image[length - planted.length - 5] = (image[length - planted.length - 5] as number) ^ 1
    disks[0].replace(image)
    expect(await contents(await openOn(disks))).toEqual({ b: 'two' })
  })

  it('reports a value that rotted while it was open', async () => {
    const disks = journalDisks()
    const store = await openOn(disks)
    await store.put('a', utf8('one'))
    const image = disks[0].bytes()
    image[image.length - 1] = (image[image.length - 1] as number) ^ 1
    disks[0].replace(image)
    await expect(store.get('a')).rejects.toMatchObject({ code: 'store/corrupt', details: { key: 'a' } })
  })

  it('shares a record and a flush between writes that wait together', async () => {
    const disks = journalDisks()
    let flushes = 0
    const store = await openOn(disks, ({ method }) => void (method === 'flush' && flushes++))
    await Promise.all(Array.from({ length: 100 }, (_, i) => store.put(`k${i}`, utf8('v'))))
    expect(flushes).toBeLessThanOrEqual(2)
    expect(Object.keys(await contents(store)).length).toBe(100)
  })

  it('rejects a write whose flush failed, and goes on after it', async () => {
    const disks = journalDisks()
    let failing = false
    const store = await openOn(disks, ({ method }) => (failing && method === 'flush' ? fault() : undefined))
    await store.put('a', utf8('one'))
    failing = true
    await expect(store.put('a', utf8('lost'))).rejects.toMatchObject({ code: 'store/unavailable' })
    expect(await contents(store)).toEqual({ a: 'one' })
    failing = false
    await store.put('b', utf8('two'))
    expect(await contents(store)).toEqual({ a: 'one', b: 'two' })
    expect(await contents(await openOn(disks))).toEqual({ a: 'one', b: 'two' })
  })

  it('compacts to what is live, and forgets damage by it', async () => {
    const disks = journalDisks()
    const store = await openOn(disks)
    for (let i = 0; i < 50; i++) await store.put('k', utf8(`version ${i}`))
    await store.put('gone', utf8('x'))
    await store.delete('gone')
    const before = disks[0].bytes().length
    await store.compact()
    expect(disks[0].bytes().length).toBe(0)
    expect(disks[1].bytes().length).toBeLessThan(before / 5)
    await store.put('after', utf8('y'))
    const again = await openOn(disks)
    expect(await contents(again)).toEqual({ k: 'version 49', after: 'y' })
    await again.compact()
    expect(await contents(await openOn(disks))).toEqual({ k: 'version 49', after: 'y' })
  })

  it('compacts by itself when half of a large file is dead', async () => {
    const disks = journalDisks()
    const store = await openOn(disks)
    for (let i = 0; i < 12; i++) await store.put('k', new Uint8Array(1024 * 1024).fill(i))
    await store.close()
    expect(disks[0].bytes().length + disks[1].bytes().length).toBeLessThan(7 * 1024 * 1024)
    expect((await (await openOn(disks)).get('k'))?.[0]).toBe(11)
  })

  it('loses nothing when compaction fails or power is lost at any of its steps', async () => {
    for (const when of ['fail', 'crash'] as const) {
      for (let step = 0; ; step++) {
        const disks = journalDisks()
        const store = await openOn(disks)
        for (let i = 0; i < 5; i++) await store.put(`k${i % 3}`, utf8(`v${i}`))
        await store.close()
        let steps = -1
        const compacting = await openOn(disks, ({ method }) => {
          if (steps < 0 || method === 'read') return undefined
          return steps++ === step ? fault() : undefined
        })
        steps = 0
        const outcome = await compacting.compact().then(
          () => 'done',
          () => 'failed',
        )
        const stepsTaken = steps
        steps = -1
        const expected = { k0: 'v3', k1: 'v4', k2: 'v2' }
        if (when === 'fail') {
          await compacting.put('more', utf8('m'))
          expect(await contents(await openOn(disks)), `step ${step}`).toEqual({ ...expected, more: 'm' })
        } else {
          const choose = createChooser(step)
          for (const disk of disks) disk.crash(choose)
          expect(await contents(await openOn(disks)), `step ${step}`).toEqual(expected)
        }
        if (outcome === 'done' && stepsTaken <= step) break
      }
    }
  })

  it('refuses a batch that no record can hold', async () => {
    const store = await openOn(journalDisks())
    const value = new Uint8Array(60 * 1024 * 1024)
    const ops = ['a', 'b'].map((key) => ({ type: 'put' as const, key, value }))
    await expect(store.batch(ops)).rejects.toMatchObject({ code: 'codec/too-large' })
  })
})
