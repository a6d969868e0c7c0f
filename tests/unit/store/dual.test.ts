import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/core/bytes.ts'
import { LocketError } from '../../../src/core/errors.ts'
import { openDualStore } from '../../../src/store/dual.ts'
import type { DualSide } from '../../../src/store/dual-side.ts'
import { collectKeys } from '../../../src/store/keys.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { BlobStore } from '../../../src/store/port.ts'

/** A store that outlives the dual store over it, as a disk would. */
function disk(): DualSide & { wipe(): Promise<void>; failNext: { batch: boolean } } {
  const inner = createMemoryStore()
  const failNext = { batch: false }
  return {
    ...inner,
    failNext,
    async batch(ops) {
      if (failNext.batch) {
        failNext.batch = false
        throw new LocketError('store/unavailable', { operation: 'test.batch' })
      }
      return inner.batch(ops)
    },
    close: async () => {},
    async wipe() {
      for await (const key of inner.list('')) await inner.delete(key)
    },
  }
}

async function isGood(value: Uint8Array): Promise<boolean> {
  return new TextDecoder().decode(value) === 'good'
}

async function contents(store: BlobStore): Promise<Record<string, string>> {
  const out: Record<string, string> = {}
  for (const key of await collectKeys(store.list(''))) out[key] = new TextDecoder().decode(await store.get(key))
  return out
}

describe('openDualStore', () => {
  it('says that nothing was ever written, and says it once only', async () => {
    const sides = { primary: disk(), journal: disk() }
    const first = await openDualStore(sides)
    expect(first.isFresh).toBe(true)
    expect(first.health).toEqual({ healed: 'none', reason: 'none', records: 0, damagedRecords: 0 })
    await first.put('a', utf8('1'))
    await first.close()
    const second = await openDualStore(sides)
    expect(second.isFresh).toBe(false)
    expect(second.health.healed).toBe('none')
  })

  for (const lost of ['primary', 'journal'] as const) {
    it(`rebuilds a wiped ${lost}`, async () => {
      const sides = { primary: disk(), journal: disk() }
      const store = await openDualStore(sides)
      await store.batch([
        { type: 'put', key: 'a', value: utf8('1') },
        { type: 'put', key: 'b', value: utf8('2') },
      ])
      await store.delete('a')
      await sides[lost].wipe()
      const again = await openDualStore(sides)
      expect(again.health).toMatchObject({ healed: lost, reason: 'missing', records: 1 })
      expect(await contents(again)).toEqual({ b: '2' })
      expect(await contents(sides[lost])).toEqual(await contents(sides[lost === 'primary' ? 'journal' : 'primary']))
    })

    it(`catches ${lost} up when a crash left it one batch behind`, async () => {
      const sides = { primary: disk(), journal: disk() }
      const store = await openDualStore(sides)
      await store.put('a', utf8('old'))
      sides[lost].failNext.batch = true
      await expect(store.put('a', utf8('new'))).rejects.toMatchObject({ code: 'store/unavailable' })
      const again = await openDualStore(sides)
      expect(again.health).toMatchObject({ healed: lost, reason: 'behind', records: 1 })
      expect(await contents(again)).toEqual({ a: 'new' })
    })

    it(`brings the sides together before the next write after ${lost} failed`, async () => {
      const sides = { primary: disk(), journal: disk() }
      const store = await openDualStore(sides)
      await store.put('a', utf8('1'))
      sides[lost].failNext.batch = true
      await expect(store.put('b', utf8('2'))).rejects.toMatchObject({ code: 'store/unavailable' })
      await store.put('c', utf8('3'))
      expect(await contents(sides.primary)).toEqual(await contents(sides.journal))
      expect(await contents(store)).toEqual({ a: '1', b: '2', c: '3' })
    })

    it(`shows both sides wiped as fresh although ${lost} had it last`, async () => {
      const sides = { primary: disk(), journal: disk() }
      await (await openDualStore(sides)).put('a', utf8('1'))
      await Promise.all([sides.primary.wipe(), sides.journal.wipe()])
      expect((await openDualStore(sides)).isFresh).toBe(true)
    })
  }

  it('finishes a rebuild that was interrupted', async () => {
    const sides = { primary: disk(), journal: disk() }
    const store = await openDualStore(sides)
    for (const key of ['a', 'b', 'c']) await store.put(key, utf8(key))
    await sides.primary.wipe()
    const opening = openDualStore({
      journal: sides.journal,
      primary: {
        ...sides.primary,
        async batch(ops) {
          if (ops.length > 1) throw new LocketError('store/unavailable', { operation: 'test.batch' })
          return sides.primary.batch(ops)
        },
      },
    })
    await expect(opening).rejects.toMatchObject({ code: 'store/unavailable' })
    const again = await openDualStore(sides)
    expect(again.health).toMatchObject({ healed: 'primary', reason: 'incomplete', records: 3 })
    expect(await contents(again)).toEqual({ a: 'a', b: 'b', c: 'c' })
  })

  it('reads from the journal when the primary is wiped while open, and makes it whole at the next opening', async () => {
    const sides = { primary: disk(), journal: disk() }
    const store = await openDualStore(sides)
    await store.put('a', utf8('1'))
    await sides.primary.wipe()
    expect(await contents(store)).toEqual({ a: '1' })
    await store.put('b', utf8('2'))
    const again = await openDualStore(sides)
    expect(again.health).toMatchObject({ healed: 'both', reason: 'incomplete', records: 1 })
    expect(await contents(sides.primary)).toEqual(await contents(sides.journal))
    expect(await contents(again)).toEqual({ a: '1', b: '2' })
  })

  it('believes the primary when the journal reports damage', async () => {
    const sides = { primary: disk(), journal: disk() }
    const store = await openDualStore(sides)
    await store.put('a', utf8('1'))
    await store.delete('a')
    await sides.journal.put('a', utf8('came back'))
    let compacted = 0
    const journal = { ...sides.journal, damagedRecords: 1, compact: async () => void compacted++ }
    const again = await openDualStore({ primary: sides.primary, journal })
    expect(again.health).toEqual({ healed: 'journal', reason: 'damaged', records: 1, damagedRecords: 1 })
    expect(compacted).toBe(1)
    expect(await contents(again)).toEqual({})
  })

  it('repairs one record from the side that has it right', async () => {
    const sides = { primary: disk(), journal: disk() }
    const store = await openDualStore(sides)
    await store.put('a', utf8('good'))
    expect(await store.repair('a', isGood)).toBe('sound')
    await sides.primary.put('a', utf8('baad'))
    expect(await store.repair('a', isGood)).toBe('repaired')
    expect(await contents(sides.primary)).toEqual(await contents(sides.journal))
    await Promise.all([sides.primary.put('a', utf8('baad')), sides.journal.delete('a')])
    expect(await store.repair('a', isGood)).toBe('unrepairable')
  })

  it('refuses sides without atomic batches and keys of its own', async () => {
    const weak = { ...disk(), features: { atomicBatch: false, durable: true, crossTab: false } }
    await expect(openDualStore({ primary: weak, journal: disk() })).rejects.toMatchObject({ details: { parameter: 'primary' } })
    await expect(openDualStore({ primary: disk(), journal: weak })).rejects.toMatchObject({ details: { parameter: 'journal' } })
    const store = await openDualStore({ primary: disk(), journal: disk() })
    await expect(store.put('~dual/head', utf8('x'))).rejects.toMatchObject({ code: 'usage/invalid-argument' })
    await expect(store.get('~dual/head')).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })

  it('acknowledges concurrent writes in order', async () => {
    const store = await openDualStore({ primary: disk(), journal: disk() })
    await Promise.all(Array.from({ length: 50 }, (_, i) => store.put('k', utf8(String(i)))))
    expect(new TextDecoder().decode(await store.get('k'))).toBe('49')
  })
})
