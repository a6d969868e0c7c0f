import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/core/bytes.ts'
import { openDualStore } from '../../../src/store/dual.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { contents, journalDisks, openOn } from '../../helpers/store.ts'

describe('a dual store with a stand-in for the journal', () => {
  it('catches the real journal up when it comes back, deletions among it', async () => {
    const kept = createMemoryStore()
    const primary = { ...kept, close: async () => {} }
    const disks = journalDisks()
    const whole = await openDualStore({ primary, journal: await openOn(disks) })
    await whole.put('a', utf8('1'))
    await whole.put('b', utf8('2'))
    await whole.close()

    const degraded = await openDualStore({ primary, journal: createMemoryStore() })
    expect(degraded.features.durable).toBe(false)
    await degraded.delete('a')
    await degraded.put('b', utf8('3'))
    await degraded.close()

    const again = await openDualStore({ primary, journal: await openOn(disks) })
    expect(again.health).toMatchObject({ healed: 'journal', reason: 'behind', records: 2 })
    expect(await contents(again)).toEqual({ b: '3' })
  })
})
