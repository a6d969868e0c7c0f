import { describe, expect, it } from 'vitest'
import { localnet } from '../../src/localnet/index.ts'
import { openLocket } from '../../src/locket/open-locket.ts'
import { memoryStorage } from '../../src/locket/storage.ts'
import { codeOf } from '../helpers/code-of.ts'

const ANN = `0x${'c'.repeat(64)}`

describe('a locket over the real clients', () => {
  it('prices nothing at nothing, and still refuses epochs out of range', async () => {
    await using locket = await openLocket({ network: await localnet(), storage: memoryStorage() })
    expect(await locket.cost()).toMatchObject({ quilts: 0, patches: 0, totalFrost: 0n, gasMist: 0n, savingFactor: 1 })
    expect(await codeOf(locket.cost({ epochs: 10_000 }))).toBe('walrus/epochs-out-of-range')
    await locket.remember('one')
    expect((await locket.cost()).totalFrost).toBe((await locket.flush()).costFrost)
  })

  it('shares a category that exists only here, and unshares it from a device that has not restored', async () => {
    const network = await localnet()
    await using locket = await openLocket({ network, storage: memoryStorage() })
    expect(await codeOf(locket.share('personal', { address: ANN }))).toBe('usage/invalid-argument')
    expect(await codeOf(locket.unshare('medical', ANN))).toBe('chain/not-found')
    await locket.remember('insulin', { category: 'medical' })
    await locket.share('medical', { address: ANN })

    await using other = await openLocket({ network, storage: memoryStorage() })
    await other.unshare('medical', ANN)
    expect(await codeOf(other.unshare('medical', ANN))).toBe('usage/invalid-argument')
    // The space was rotated behind this device's back; what it writes now is under the new key.
    await locket.flush()
    expect(await other.restore()).toMatchObject({ found: 1, restored: 1 })
  })

  it('names its key servers before it has asked them, and says how they are once it has', async () => {
    await using locket = await openLocket({ network: await localnet(), storage: memoryStorage() })
    expect(locket.status().keyServers.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown'])
    await locket.checkKeyServers()
    expect(locket.status().keyServers.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok'])
  })

  it('does not let two devices use one space for two categories', async () => {
    const network = await localnet()
    await using one = await openLocket({ network, storage: memoryStorage() })
    await one.share('medical', { address: ANN })
    await using two = await openLocket({ network, storage: memoryStorage() })
    await two.remember('rent', { category: 'financial' })
    await two.flush()
    await one.remember('insulin', { category: 'medical' })
    await one.flush()
    await one.restore()
    expect(one.status().byCategory).toEqual({ medical: 1, financial: 1 })
  })

  it('that is closed during a flush loses nothing', async () => {
    const network = await localnet()
    const storage = memoryStorage()
    const locket = await openLocket({ network, storage })
    const { id } = await locket.remember('kept')
    const flushing = codeOf(locket.flush())
    await locket.close()
    expect(['usage/closed', 'no error']).toContain(await flushing)
    expect(await codeOf(locket.recall('kept'))).toBe('usage/closed')
    await using again = await openLocket({ network, storage })
    expect((await again.get(id)).text).toBe('kept')
    await again.flush()
    expect((await again.get(id)).state).toBe('certified')
  })

  it('keeps both of two updates made at once on two devices', async () => {
    const network = await localnet()
    await using one = await openLocket({ network, storage: memoryStorage() })
    const { id } = await one.remember('first')
    await one.flush()
    await using two = await openLocket({ network, storage: memoryStorage() })
    await two.restore()
    await one.update(id, { text: 'by one' })
    await two.update(id, { text: 'by two' })
    await one.flush()
    await two.flush()
    await one.restore()
    for (const locket of [one, two]) expect((await locket.history(id)).map(({ text }) => text)).toEqual(['first', 'by one', 'by two'])
    expect((await one.recall('by two'))[0]?.memory).toMatchObject({ text: 'by two', version: 3 })
  })
})
