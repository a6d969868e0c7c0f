import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Fetch } from '../../../src/core/capabilities.ts'
import type { LocketError } from '../../../src/core/errors.ts'
import type { SealEngine } from '../../../src/seal/index.ts'
import { codeOf, errorOf } from '../../helpers/code-of.ts'
import { mapStore } from '../../helpers/map-store.ts'
import { sealWorld, type SealWorld, type TestWallet } from '../../helpers/seal/seal-world.ts'

const subsets = (n: number): number[][] => Array.from({ length: 2 ** n }, (_, mask) => [...Array(n).keys()].filter((i) => mask & (1 << i)))

type Committee = {
  world: SealWorld
  owner: TestWallet
  spaceId: string
  key: Uint8Array
  sessionStore: ReturnType<typeof mapStore>
  /** A new engine, which has no data key yet but shares the session. */
  engine(): SealEngine
}

async function committee(servers: number, threshold: number): Promise<Committee> {
  const world = await sealWorld({ servers, threshold })
  const owner = world.wallet()
  const sessionStore = mapStore()
  const network = { ...world.network, acceptRisk: ['single-server-can-decrypt', 'no-server-may-fail'] as const }
  const newEngine = () => world.engine(owner, { sessionStore, network })
  const engine = newEngine()
  const spaceId = (await engine.createSpace()).id
  const key = (await engine.keysOf(spaceId)).keyOf(0) as Uint8Array
  await engine.startSession()
  return { world, owner, spaceId, key, sessionStore, engine: newEngine }
}

/** The index of each server an error blames, with what for. */
function blamed(error: LocketError, world: SealWorld): Record<number, string> {
  const lines = error.details['servers'] as readonly string[]
  return Object.fromEntries(
    world.keyServers.servers.flatMap(({ objectId }, i) => {
      const line = lines.find((text) => text.startsWith(objectId))
      return line === undefined ? [] : [[i, line.slice(objectId.length + 2)]]
    }),
  )
}

// The SDK reports false keys on the console and nowhere else.
beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined))
afterEach(() => void vi.restoreAllMocks())

/** 32 subsets are a hundred pairings: only so that a busy machine does not cut them off. */
const TIMEOUT_MS = 240_000

/** Thresholds of up to five servers: all that are accepted, and those that take naming a risk. */
const COMMITTEES = [
  [1, 1],
  [2, 1],
  [2, 2],
  [3, 2],
  [4, 2],
  [4, 3],
  [5, 2],
  [5, 3],
  [5, 4],
] as const

describe.each(COMMITTEES)('with %i servers, any %i (E1)', (n, t) => {
  let c: Committee
  beforeAll(async () => {
    c = await committee(n, t)
  })

  it(
    'decrypts exactly when enough servers are up, whichever they are, and names the others',
    async () => {
      for (const down of subsets(n)) {
        c.world.faults.clear()
        for (const i of down) c.world.faults.set(`key-server/${i}`, { kind: 'down' })
        const engine = c.engine()
        if (n - down.length >= t) {
          expect((await engine.keysOf(c.spaceId)).keyOf(0)).toEqual(c.key)
          continue
        }
        const error = await errorOf(engine.keysOf(c.spaceId))
        expect(error.code).toBe('seal/threshold')
        expect(error.details).toMatchObject({ need: t })
        expect(error.retry).toBe('same')
        // Everybody who was asked is accounted for; those given up on once all was lost are said to be.
        const verdicts = blamed(error, c.world)
        expect(Object.keys(verdicts)).toHaveLength(n)
        for (const i of down) expect(['down (unreachable)', 'cancelled (unreachable)']).toContain(verdicts[i])
      }
      expect(c.owner.prompts.messages).toBe(1)
    },
    TIMEOUT_MS,
  )
})

describe.each([
  [3, 2],
  [5, 3],
] as const)('with %i servers, any %i, of which some lie (E1)', (n, t) => {
  let c: Committee
  beforeAll(async () => {
    c = await committee(n, t)
  })

  it(
    'decrypts exactly when enough are honest, whichever they are, and never calls an honest one a liar',
    async () => {
      for (const liars of subsets(n)) {
        c.world.faults.clear()
        for (const i of liars) c.world.faults.set(`key-server/${i}`, { kind: i % 2 === 0 ? 'wrong-key' : 'other-identity' })
        const engine = c.engine()
        const outcome = await engine.keysOf(c.spaceId).then(
          (keys) => keys.keyOf(0),
          (error: LocketError) => error,
        )
        const accused = engine.keyServerStatus().flatMap(({ state }, i) => (state === 'misbehaved' ? [i] : []))
        expect(accused.filter((i) => !liars.includes(i))).toEqual([])
        if (n - liars.length >= t) expect(outcome).toEqual(c.key)
        else {
          expect(outcome).toMatchObject({ code: 'seal/server-misbehaved' })
          expect(accused.length).toBeGreaterThan(n - t)
        }
      }
    },
    TIMEOUT_MS,
  )
})

describe.each([
  [3, 2],
  [4, 2],
] as const)('with %i servers, any %i, of which some fail in different ways (E1)', (n, t) => {
  let c: Committee
  beforeAll(async () => {
    c = await committee(n, t)
  })

  it('decrypts exactly when enough answer at once, late, or after a refusal, whichever do not', async () => {
    const failures = [{ kind: 'down' }, { kind: 'status', status: 503 }, { kind: 'slow', delayMs: 3_000 }] as const
    for (const [nth, failing] of subsets(n).entries()) {
      c.world.faults.clear()
      const kinds = failing.map((i) => failures[(i + nth) % failures.length] as (typeof failures)[number])
      for (const [at, i] of failing.entries()) c.world.faults.set(`key-server/${i}`, kinds[at] as (typeof failures)[number])
      const lost = kinds.filter(({ kind }) => kind !== 'slow').length
      const engine = c.engine()
      if (n - lost >= t) expect((await engine.keysOf(c.spaceId)).keyOf(0)).toEqual(c.key)
      else expect(await codeOf(engine.keysOf(c.spaceId))).toBe('seal/threshold')
    }
  })
})

describe('with 3 servers, any 2', () => {
  let c: Committee
  beforeAll(async () => {
    c = await committee(3, 2)
  })

  it.each(['wrong-key', 'other-identity'] as const)('opens in spite of one that lies (%s), and names it', async (kind) => {
    for (const liar of [0, 1, 2]) {
      c.world.faults.clear()
      c.world.faults.set(`key-server/${liar}`, { kind })
      const engine = c.world.engine(c.owner, { sessionStore: c.sessionStore })
      expect((await engine.keysOf(c.spaceId)).keyOf(0)).toEqual(c.key)
      expect(engine.keyServerStatus().map(({ state }) => state)).toEqual([0, 1, 2].map((i) => (i === liar ? 'misbehaved' : 'ok')))
    }
  })

  it('fails with the liars’ names when too many lie', async () => {
    c.world.faults.clear()
    c.world.faults.set('key-server/0', { kind: 'wrong-key' })
    c.world.faults.set('key-server/2', { kind: 'wrong-key' })
    const error = await errorOf(c.world.engine(c.owner, { sessionStore: c.sessionStore }).keysOf(c.spaceId))
    expect(error.code).toBe('seal/server-misbehaved')
    expect(blamed(error, c.world)).toMatchObject({ 0: 'lied (its key does not verify)', 2: 'lied (its key does not verify)' })
  })

  it('fails with all three causes when one lies, one is down and one is busy', async () => {
    c.world.faults.clear()
    c.world.faults.set('key-server/0', { kind: 'wrong-key' })
    c.world.faults.set('key-server/1', { kind: 'down' })
    c.world.faults.set('key-server/2', { kind: 'status', status: 503 })
    expect((await errorOf(c.world.engine(c.owner, { sessionStore: c.sessionStore }).keysOf(c.spaceId))).code).toBe('seal/threshold')
  })

  it('waits for servers that are busy, and gives up after three attempts', async () => {
    for (const status of [429, 503] as const) {
      c.world.faults.clear()
      for (const i of [0, 1] as const) c.world.faults.set(`key-server/${i}`, { kind: 'status', status }, { times: 2 })
      const patient = c.world.engine(c.owner, { sessionStore: c.sessionStore })
      expect((await patient.keysOf(c.spaceId)).keyOf(0)).toEqual(c.key)
      for (const i of [0, 1] as const) c.world.faults.set(`key-server/${i}`, { kind: 'status', status })
      const before = c.world.requests.length
      expect(await codeOf(c.world.engine(c.owner, { sessionStore: c.sessionStore }).keysOf(c.spaceId))).toBe('seal/threshold')
      expect(c.world.requests.length - before).toBeLessThanOrEqual(9)
    }
  })

  it('does not take one server’s denial for a denial', async () => {
    c.world.faults.clear()
    const [first] = c.world.keyServers.servers as [SealWorld['keyServers']['servers'][number]]
    const denying: Fetch = async (input, init) =>
      new Request(input).url.startsWith(first.url) && init?.body
        ? new Response(JSON.stringify({ error: 'NoAccess', message: '' }), { status: 403 })
        : c.world.fetch(input, init)
    const network = { ...c.world.network, fetch: denying }
    expect(await codeOf(c.world.engine(c.owner, { sessionStore: c.sessionStore, network }).keysOf(c.spaceId))).toBe('no error')
    c.world.faults.set('key-server/1', { kind: 'down' })
    expect(await codeOf(c.world.engine(c.owner, { sessionStore: c.sessionStore, network }).keysOf(c.spaceId))).toBe('seal/threshold')
  })

  it('survives answers that are no protocol at all', async () => {
    c.world.faults.clear()
    for (const garbage of [
      '',
      '[]',
      '{"decryption_keys":[]}',
      '{"decryption_keys":[{"id":[1],"encrypted_key":["AA==","AA=="]}]}',
      '<html>',
    ]) {
      const fetch: Fetch = async (input, init) =>
        init?.body ? new Response(garbage, { headers: { 'x-keyserver-version': '0.6.3' } }) : c.world.fetch(input, init)
      const network = { ...c.world.network, fetch }
      const code = await codeOf(c.world.engine(c.owner, { sessionStore: c.sessionStore, network }).keysOf(c.spaceId))
      expect(code).toBe('seal/server-misbehaved')
    }
  })

  it('cannot decrypt what was encrypted to a larger set than it knows', async () => {
    c.world.faults.clear()
    const network = {
      ...c.world.network,
      servers: c.world.network.servers.slice(0, 1),
      threshold: 1,
      acceptRisk: ['single-server-can-decrypt', 'no-server-may-fail'] as const,
    }
    expect(await codeOf(c.world.engine(c.owner, { sessionStore: c.sessionStore, network }).keysOf(c.spaceId))).toBe('seal/threshold')
  })
})
