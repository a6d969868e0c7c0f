import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { codeOf, errorOf } from '../../helpers/code-of.ts'
import { sealWorld, type SealWorld, type TestWallet } from '../../helpers/seal/seal-world.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const YEAR_MS = 365 * 86_400_000
let world: SealWorld
let owner: TestWallet
let spaceId: string

async function enter(options: { servers: number }): Promise<void> {
  world = await sealWorld(options)
  owner = world.wallet()
  spaceId = (await world.engine(owner).createSpace()).id
}

beforeEach(() => {
  world.faults.clear()
  owner.prompts.messages = 0
})

const within = [0, 0.1, 0.9, 1, 5, 59, 5 * 60, 9 * 60 + 59, 10 * 60].flatMap((s) => [-s * SECOND_MS, s * SECOND_MS])
const beyond = [10 * MINUTE_MS + 3_000, 11 * MINUTE_MS, 29 * MINUTE_MS, 60 * MINUTE_MS, 86_400_000, YEAR_MS].flatMap((ms) => [-ms, ms])

describe('a device clock that is off (E3)', () => {
  beforeAll(() => enter({ servers: 1 }))

  it.each([...new Set(within)])('by %s ms works', async (skewMs) => {
    const engine = world.engine(owner, { clock: world.deviceClock(() => skewMs) })
    expect((await engine.keysOf(spaceId)).keyOf(0)).toHaveLength(32)
    expect(owner.prompts.messages).toBe(1)
  })

  it.each(beyond)('by %s ms is reported with the skew, before the wallet is asked', async (skewMs) => {
    const error = await errorOf(world.engine(owner, { clock: world.deviceClock(() => skewMs) }).keysOf(spaceId))
    expect(error.code).toBe('seal/clock-skew')
    expect(Math.abs((error.details['skewMs'] as number) - skewMs)).toBeLessThanOrEqual(SECOND_MS)
    expect(owner.prompts.messages).toBe(0)
  })

  it.each([-9 * MINUTE_MS, 9 * MINUTE_MS])('by %s ms works with sessions of a minute', async (skewMs) => {
    const engine = world.engine(owner, { clock: world.deviceClock(() => skewMs), sessionTtlMin: 1 })
    expect((await engine.keysOf(spaceId)).keyOf(0)).toHaveLength(32)
  })

  // An hour is what a clock that keeps local time jumps by in spring and autumn.
  it.each([-60 * MINUTE_MS, -7 * MINUTE_MS, -SECOND_MS, SECOND_MS, 7 * MINUTE_MS, 60 * MINUTE_MS])(
    'and jumps by %s ms in mid-session works without another prompt',
    async (jumpMs) => {
      let skewMs = 0
      const engine = world.engine(owner, { clock: world.deviceClock(() => skewMs), sessionTtlMin: 10 })
      await engine.startSession()
      skewMs = jumpMs
      expect((await engine.keysOf(spaceId)).keyOf(0)).toHaveLength(32)
      expect(owner.prompts.messages).toBe(1)
    },
  )

  it('and jumps a year ahead in mid-session keeps the session the servers still accept', async () => {
    let skewMs = 0
    const engine = world.engine(owner, { clock: world.deviceClock(() => skewMs) })
    await engine.startSession()
    skewMs = YEAR_MS
    expect(await codeOf(engine.keysOf(spaceId))).toBe('no error')
    expect(owner.prompts.messages).toBe(1)
  })
})

describe('a key server whose clock is off', () => {
  beforeAll(() => enter({ servers: 3 }))

  it('is told apart from the others', async () => {
    const engine = world.engine(owner, { clock: world.deviceClock(() => 5 * MINUTE_MS) })
    world.faults.set('key-server/1', { kind: 'skewed-clock', skewMs: MINUTE_MS })
    const skews = (await engine.checkKeyServers()).map(({ skewMs }) => Math.round((skewMs as number) / MINUTE_MS))
    expect(skews).toEqual([5, 4, 5])
  })

  it.each([-YEAR_MS, -20 * MINUTE_MS, -MINUTE_MS, MINUTE_MS, YEAR_MS])('by %s ms does not stop the others', async (skewMs) => {
    world.faults.set('key-server/2', { kind: 'skewed-clock', skewMs })
    expect(await codeOf(world.engine(owner).keysOf(spaceId))).toBe('no error')
  })

  it('is worked around even when two of three are a little apart', async () => {
    world.faults.set('key-server/0', { kind: 'skewed-clock', skewMs: -2 * MINUTE_MS })
    world.faults.set('key-server/1', { kind: 'skewed-clock', skewMs: 3 * MINUTE_MS })
    world.faults.set('key-server/2', { kind: 'down' })
    expect(await codeOf(world.engine(owner).keysOf(spaceId))).toBe('no error')
  })

  it('is not taken for an expired session when the time cannot be learned', async () => {
    // A proxy that strips the Date header, and servers a minute behind.
    for (const i of [0, 1, 2]) world.faults.set(`key-server/${i}`, { kind: 'skewed-clock', skewMs: -MINUTE_MS })
    const fetch: typeof world.fetch = async (input, init) => {
      const response = await world.fetch(input, init)
      response.headers.delete('date')
      return response
    }
    const error = await errorOf(world.engine(owner, { network: { ...world.network, fetch } }).keysOf(spaceId))
    expect(error.code).toBe('seal/clock-skew')
    expect(owner.prompts.messages).toBe(1)
  })
})
