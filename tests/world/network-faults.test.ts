import { describe, expect, it } from 'vitest'
import type { FaultPlan, FaultTarget } from '../../src/localnet/faults.ts'
import { localnet } from '../../src/localnet/localnet.ts'
import { openLocket } from '../../src/locket/open-locket.ts'
import { memoryStorage } from '../../src/locket/storage.ts'
import { codeOf, errorOf } from '../helpers/code-of.ts'

type Fault = { [T in FaultTarget]: readonly [T, FaultPlan[T]] }[FaultTarget]

describe('an upload that fails', () => {
  const cases: [string, Fault, RegExp][] = [
    ['without gas', ['wallet', { kind: 'out-of-gas' }], /^(chain|walrus)\/.*gas/],
    ['without SUI', ['wallet', { kind: 'no-sui' }], /^(chain|walrus)\/(.*gas|insufficient.*)/],
    ['without WAL', ['wallet', { kind: 'no-wal' }], /^(chain|walrus)\/(.*wal.*|insufficient.*)/],
    ['with the full node down', ['full-node', { kind: 'down' }], /^chain\/unreachable$/],
    ['with the relay down', ['relay', { kind: 'status', status: 503 }], /^walrus\//],
    ['with a forged certificate', ['relay', { kind: 'bad-certificate' }], /^walrus\//],
  ]
  it.each(cases)('%s says so, keeps everything queued, and is paid for once when it works again', async (_name, [target, fault], code) => {
    const net = await localnet()
    const locket = await openLocket({ network: net, storage: memoryStorage() })
    const first = await locket.remember('the very first')
    await locket.flush()
    const { id } = await locket.remember('not lost')
    net.faults.set(target, fault)
    const error = await errorOf(locket.flush({ signal: AbortSignal.timeout(30_000) }))
    expect(error.code).toMatch(code)
    expect((await locket.get(id)).state).not.toBe('certified')
    expect((await locket.recall('not lost'))[0]?.memory.id).toBe(id)
    net.faults.clear()
    const receipt = await locket.flush()
    expect(receipt.memories).toBe(1)
    expect((await locket.get(id)).state).toBe('certified')
    expect((await locket.get(first.id)).state).toBe('certified')
    await locket.close()

    const other = await openLocket({ network: net, storage: memoryStorage() })
    expect(await other.restore()).toMatchObject({ restored: 2, failed: [], failedSpaces: [] })
    expect((await other.list()).memories.map(({ text }) => text).sort()).toEqual(['not lost', 'the very first'])
    await other.close()
  })
})

describe('a session that has run out', () => {
  it('is renewed with another signature, and nothing is lost', async () => {
    const net = await localnet()
    const locket = await openLocket({ network: net, storage: memoryStorage() })
    await locket.remember('before')
    await locket.flush()
    await net.advance(2 * 60 * 60 * 1000)
    await locket.remember('after')
    expect(await locket.flush()).toMatchObject({ memories: 1 })
    await locket.close()
    const other = await openLocket({ network: net, storage: memoryStorage() })
    await net.advance(2 * 60 * 60 * 1000)
    expect(await other.restore()).toMatchObject({ restored: 2, failedSpaces: [] })
    await other.close()
  })
})

describe('a restore', () => {
  async function written() {
    const net = await localnet()
    const locket = await openLocket({ network: net, storage: memoryStorage() })
    await locket.remember(
      Array.from({ length: 12 }, (_, i) => ({ text: `note number ${i}`, category: i % 2 === 0 ? 'medical' : 'personal' })),
    )
    await locket.flush()
    await locket.close()
    return { net, device: await openLocket({ network: net, storage: memoryStorage() }) }
  }

  it.each(['tampered', 'wrong-blob', 'not-found', 'down'] as const)('goes past aggregators that are %s', async (kind) => {
    const { net, device } = await written()
    net.walrus.aggregators.forEach((_, index) => net.faults.set(`aggregator/${index}`, { kind }))
    expect(await device.restore()).toMatchObject({ restored: 12, failed: [], failedSpaces: [] })
    expect((await device.list()).memories.length).toBe(12)
    await device.close()
  })

  it('with every source lying brings nothing false, says what failed, and gets the rest later', async () => {
    const { net, device } = await written()
    net.walrus.aggregators.forEach((_, index) => net.faults.set(`aggregator/${index}`, { kind: 'tampered' }))
    for (let node = 0; node < 100; node++) net.faults.set(`storage-node/${node}`, { kind: 'tampered' })
    const report = await device.restore()
    // One altered byte spoils one patch or a manifest; what it leaves whole is authentic by itself.
    const reasons = [...report.failed, ...report.failedSpaces].map(({ error }) => error.code)
    expect(reasons.length).toBeGreaterThan(0)
    for (const code of reasons) expect(code).toMatch(/^(walrus|crypto|codec)\//)
    const { memories } = await device.list()
    expect(memories.length).toBe(report.restored)
    for (const { text } of memories) expect(text).toMatch(/^note number \d+$/)
    net.faults.clear()
    await net.advance(10 * 60_000)
    expect(await device.restore()).toMatchObject({ restored: 12 - memories.length, failed: [], failedSpaces: [] })
    expect((await device.list()).memories.length).toBe(12)
    await device.close()
  })

  it('with one key server down and one lying says so, and works with two good ones', async () => {
    const { net, device } = await written()
    net.faults.set('key-server/0', { kind: 'down' })
    net.faults.set('key-server/1', { kind: 'wrong-key' })
    const failed = await device.restore()
    expect(failed.restored).toBe(0)
    for (const { error } of failed.failedSpaces) expect(error.code).toMatch(/^seal\//)
    net.faults.clear('key-server/0')
    expect(await device.restore()).toMatchObject({ restored: 12, failedSpaces: [] })
    await device.close()
  })

  it.each([1, 2, 3])('refuses a full node that has gone %i transactions back in time', async (transactions) => {
    const net = await localnet()
    const locket = await openLocket({ network: net, storage: memoryStorage() })
    await locket.remember('one')
    await locket.flush()
    await locket.remember('two')
    await locket.flush()
    net.faults.set('full-node', { kind: 'stale', transactions })
    const report = await locket.restore()
    expect(report.failedSpaces.map(({ error }) => error.code)).toEqual(['memory/rollback'])
    await locket.remember('three')
    expect(await codeOf(locket.flush())).toBe('memory/rollback')
    net.faults.clear()
    expect(await locket.flush()).toMatchObject({ memories: 1 })
    await locket.close()
  })
})
