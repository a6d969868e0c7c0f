import { expect, it } from 'vitest'
import { localnet } from '../../src/localnet/localnet.ts'
import { openLocket } from '../../src/locket/open-locket.ts'
import { memoryStorage } from '../../src/locket/storage.ts'

it('remembers, recalls, uploads, and comes back on an empty device from the wallet alone', async () => {
  const network = await localnet()
  const warnings: unknown[] = []
  const locket = await openLocket({ network, onWarning: (error) => warnings.push(error) })
  const memory = await locket.remember('Allergic to peanuts since 2019', { category: 'medical' })
  const [hit] = await locket.recall('which food am I allergic to?')
  expect(hit?.memory.id).toBe(memory.id)
  const quote = await locket.cost()
  const receipt = await locket.flush()
  expect(receipt).toMatchObject({ memories: 1, signatures: 2 })
  expect(receipt.costFrost).toBe(quote.totalFrost)
  expect((await locket.get(memory.id)).state).toBe('certified')
  await locket.close()

  const other = await openLocket({ network, storage: memoryStorage(), onWarning: (error) => warnings.push(error) })
  expect(await other.restore()).toMatchObject({ found: 1, restored: 1, failed: [], failedSpaces: [] })
  expect((await other.recall('peanuts'))[0]?.memory.text).toBe('Allergic to peanuts since 2019')
  const [gone] = await other.forget(memory.id)
  expect(gone).toMatchObject({ keyDestroyed: true, pending: undefined })
  await other.close()
  const third = await openLocket({ network })
  expect(await third.restore()).toMatchObject({ found: 0, failedSpaces: [] })
  await third.close()
  expect(warnings).toEqual([])
})
