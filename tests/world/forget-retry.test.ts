import { expect, it } from 'vitest'
import { localnet } from '../../src/localnet/localnet.ts'
import { openLocket } from '../../src/locket/open-locket.ts'

it('finishes on the network what was forgotten while the network was away', async () => {
  const network = await localnet()
  const locket = await openLocket({ network })
  const { id } = await locket.remember('The PIN is 4711')
  await locket.flush()

  network.faults.set('full-node', { kind: 'down' })
  const [receipt] = await locket.forget(id)
  expect(receipt).toMatchObject({ keyDestroyed: false, pending: { code: 'chain/unreachable' } })
  await expect(locket.get(id)).rejects.toMatchObject({ code: 'memory/forgotten' })
  expect(locket.status().pendingErasures).toBe(1)

  network.faults.clear('full-node')
  expect(await locket.forget([])).toEqual([])
  expect(locket.status().pendingErasures).toBe(0)
  await locket.close()

  const elsewhere = await openLocket({ network })
  expect(await elsewhere.restore()).toMatchObject({ found: 0, failedSpaces: [] })
  await elsewhere.close()
})
