import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decodeSession } from '../../../src/seal/session-record.ts'
import { codeOf, errorOf } from '../../helpers/code-of.ts'
import { mapStore } from '../../helpers/map-store.ts'
import { POLICY, sealWorld, testWallet, type SealWorld, type TestWallet } from '../../helpers/seal/seal-world.ts'

const MINUTE_MS = 60_000
let world: SealWorld
let owner: TestWallet
let spaces: string[]

beforeAll(async () => {
  world = await sealWorld({ servers: 1 })
  owner = world.wallet()
  const engine = world.engine(owner)
  spaces = []
  for (let i = 0; i < 2; i++) spaces.push((await engine.createSpace()).id)
})

beforeEach(() => {
  world.faults.clear()
  owner.refuses = false
  owner.prompts.messages = 0
})

describe('a session', () => {
  it('is asked for once, however many callers there are, and used until it expires', async () => {
    const engine = world.engine(owner)
    const { expiresAtMs } = await engine.startSession()
    expect(expiresAtMs - world.ledger.nowMs()).toBeGreaterThan(10 * MINUTE_MS - 3_000)
    expect(expiresAtMs - world.ledger.nowMs()).toBeLessThanOrEqual(10 * MINUTE_MS)
    await Promise.all([...Array(20)].map(() => engine.startSession()))
    world.ledger.advance(9 * MINUTE_MS)
    await engine.keysOf(spaces[0] as string)
    expect(owner.prompts.messages).toBe(1)
  })

  it('shares one prompt among callers that come while the wallet is open', async () => {
    const engine = world.engine(owner)
    await Promise.all([...Array(20)].map((_, i) => (i % 2 ? engine.startSession() : engine.keysOf(spaces[i % 4 ? 1 : 0] as string))))
    expect(owner.prompts.messages).toBe(1)
  })

  it('that ended before a fetch is renewed, once', async () => {
    const engine = world.engine(owner)
    await engine.keysOf(spaces[0] as string)
    world.ledger.advance(10 * MINUTE_MS)
    await Promise.all([engine.keysOf(spaces[1] as string), engine.startSession()])
    expect(owner.prompts.messages).toBe(2)
  })

  it('that ends during a fetch is renewed, once, and the fetch resumes', async () => {
    const engine = world.engine(owner)
    await engine.startSession()
    // The server takes so long that the session is over by the time it looks.
    world.faults.set('key-server/0', { kind: 'slow', delayMs: 10 * MINUTE_MS }, { times: 1 })
    expect((await engine.keysOf(spaces[0] as string)).keyOf(0)).toHaveLength(32)
    expect(owner.prompts.messages).toBe(2)
  })

  it('that ends after a fetch is not missed', async () => {
    const engine = world.engine(owner)
    await engine.keysOf(spaces[0] as string)
    world.ledger.advance(60 * MINUTE_MS)
    await engine.keysOf(spaces[0] as string)
    expect(owner.prompts.messages).toBe(1)
  })

  it.each([0, 31, -1, 1.5, Number.NaN])('of %s minutes is refused', (sessionTtlMin) => {
    expect(() => world.engine(owner, { sessionTtlMin })).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
  })

  it.each([1, 30])('of %s minutes is accepted by the key servers', async (sessionTtlMin) => {
    const engine = world.engine(owner, { sessionTtlMin })
    expect((await engine.keysOf(spaces[0] as string)).keyOf(0)).toHaveLength(32)
    world.ledger.advance(sessionTtlMin * MINUTE_MS - 15_000)
    await engine.keysOf(spaces[1] as string)
    expect(owner.prompts.messages).toBe(1)
  })
})

/** When a session ends, as seen from a read: 4 lengths x 3 moments x 3 numbers of readers = 36 trials. */
const ENDINGS = [1, 5, 10, 30].flatMap((ttlMin) =>
  (['before', 'during', 'after'] as const).flatMap((moment) => [1, 3, 8].map((readers) => ({ ttlMin, moment, readers }))),
)

describe('a session that ends (E2)', () => {
  it.each(ENDINGS)('$moment $readers reads, $ttlMin minutes long: one prompt more at most, and every read resumes', async (trial) => {
    const { ttlMin, moment, readers } = trial
    const engine = world.engine(owner, { sessionTtlMin: ttlMin })
    await engine.startSession()
    if (moment === 'before') world.ledger.advance(ttlMin * MINUTE_MS)
    // The server takes so long that the session is over by the time it looks.
    if (moment === 'during') world.faults.set('key-server/0', { kind: 'slow', delayMs: ttlMin * MINUTE_MS }, { times: 1 })
    const read = () => Promise.all(Array.from({ length: readers }, (_, i) => engine.keysOf(spaces[i % 2] as string)))
    for (const keys of await read()) expect(keys.keyOf(0)).toHaveLength(32)
    if (moment === 'after') {
      world.ledger.advance(ttlMin * MINUTE_MS)
      for (const keys of await read()) expect(keys.keyOf(0)).toHaveLength(32)
    }
    // Afterwards the keys are here already: nobody need be asked.
    expect(owner.prompts.messages).toBe(moment === 'after' ? 1 : 2)
  })

  it.each([1, 5, 10, 30].flatMap((ttlMin) => [1, 2, 3].map((switches) => ({ ttlMin, switches }))))(
    'of $ttlMin minutes, while the account is switched $switches times: one prompt per account and session',
    async ({ ttlMin, switches }) => {
      const accounts = [Ed25519Keypair.generate(), Ed25519Keypair.generate()] as const
      for (const account of accounts)
        await world.engine(owner).addMember(spaces[0] as string, { address: account.toSuiAddress(), role: 'reader' })
      const wallet = testWallet(accounts[0])
      const engine = world.engine(wallet, { sessionTtlMin: ttlMin })
      for (let turn = 0; turn <= switches; turn++) {
        wallet.account = accounts[turn % 2] as Ed25519Keypair
        expect((await engine.keysOf(spaces[0] as string)).keyOf(0)).toHaveLength(32)
      }
      expect(wallet.prompts.messages).toBe(2)
      world.ledger.advance(ttlMin * MINUTE_MS)
      await engine.startSession()
      expect(wallet.prompts.messages).toBe(3)
    },
  )
})

describe('a refused session', () => {
  it('fails everybody who waits for it, and asks nobody again for a minute', async () => {
    const engine = world.engine(owner)
    owner.refuses = true
    const codes = await Promise.all([...Array(10)].map((_, i) => codeOf(engine.keysOf(spaces[i % 2] as string))))
    expect(new Set(codes)).toEqual(new Set(['chain/signature-refused']))
    for (let i = 0; i < 5; i++) expect(await codeOf(engine.keysOf(spaces[0] as string))).toBe('chain/signature-refused')
    expect(owner.prompts.messages).toBe(1)
    owner.refuses = false
    expect(await codeOf(engine.keysOf(spaces[0] as string))).toBe('chain/signature-refused')
    world.ledger.advance(MINUTE_MS)
    expect(await codeOf(engine.keysOf(spaces[0] as string))).toBe('no error')
    expect(owner.prompts.messages).toBe(2)
  })

  it('is asked for again when a person starts it', async () => {
    const engine = world.engine(owner)
    owner.refuses = true
    expect(await codeOf(engine.startSession())).toBe('chain/signature-refused')
    expect(await codeOf(engine.startSession())).toBe('chain/signature-refused')
    expect(owner.prompts.messages).toBe(2)
    owner.refuses = false
    await engine.startSession()
    expect(await codeOf(engine.keysOf(spaces[0] as string))).toBe('no error')
    expect(owner.prompts.messages).toBe(3)
  })
})

describe('the wallet’s account', () => {
  it('has sessions of its own: after a switch the old one is not used', async () => {
    const [a, b] = [Ed25519Keypair.generate(), Ed25519Keypair.generate()]
    const granting = world.engine(owner)
    for (const account of [a, b]) await granting.addMember(spaces[0] as string, { address: account.toSuiAddress(), role: 'reader' })
    const wallet = testWallet(a)
    const users: string[] = []
    const fetch: typeof world.fetch = async (input, init) => {
      if (typeof init?.body === 'string') users.push((JSON.parse(init.body) as { certificate: { user: string } }).certificate.user)
      return world.fetch(input, init)
    }
    const engine = world.engine(wallet, { network: { ...world.network, fetch } })
    const keys = await engine.keysOf(spaces[0] as string)
    wallet.account = b
    // Neither the session nor the keys of the other account: everything is asked for again.
    expect((await engine.keysOf(spaces[0] as string)).keyOf(0)).toHaveLength(32)
    expect(() => keys.keyOf(0)).toThrow(expect.objectContaining({ code: 'usage/wrong-state' }))
    expect(await codeOf(engine.keysOf(spaces[1] as string))).toBe('seal/no-access')
    expect(users).toEqual([a.toSuiAddress(), b.toSuiAddress()])
    expect(wallet.prompts.messages).toBe(2)
    // Back again within its time: the first account's session is still good.
    wallet.account = a
    await engine.keysOf(spaces[0] as string)
    expect(users).toEqual([a.toSuiAddress(), b.toSuiAddress(), a.toSuiAddress()])
    expect(wallet.prompts.messages).toBe(2)
  })

  it('must be the one that asked', async () => {
    const wallet = world.wallet()
    const other = Ed25519Keypair.generate()
    wallet.signPersonalMessage = async (bytes) => other.signPersonalMessage(bytes)
    expect(await codeOf(world.engine(wallet).startSession())).toBe('chain/signature-refused')
  })
})

describe('the session store', () => {
  const key = () => `seal/session/${owner.toSuiAddress()}/${POLICY}`

  it('shares a session between tabs', async () => {
    const sessionStore = mapStore()
    await world.engine(owner, { sessionStore }).startSession()
    const tab = world.engine(owner, { sessionStore })
    expect((await tab.keysOf(spaces[0] as string)).keyOf(0)).toHaveLength(32)
    expect(owner.prompts.messages).toBe(1)
    world.ledger.advance(10 * MINUTE_MS)
    await tab.startSession()
    await world.engine(owner, { sessionStore }).startSession()
    expect(owner.prompts.messages).toBe(2)
  })

  it('is emptied by lock', async () => {
    const sessionStore = mapStore()
    const engine = world.engine(owner, { sessionStore })
    await engine.startSession()
    expect(decodeSession(sessionStore.map.get(key()) as Uint8Array<ArrayBuffer>)?.address).toBe(owner.toSuiAddress())
    await engine.lock()
    expect(sessionStore.map.has(key())).toBe(false)
    await engine.startSession()
    expect(owner.prompts.messages).toBe(2)
  })

  it('is not believed: a damaged, foreign or forged record costs a prompt, not an error', async () => {
    const sessionStore = mapStore()
    await world.engine(owner, { sessionStore }).startSession()
    const good = sessionStore.map.get(key()) as Uint8Array<ArrayBuffer>
    const flipped = (at: number) => good.map((byte, i) => (i === (at + good.length) % good.length ? byte ^ 1 : byte))
    const forged = [new Uint8Array(), good.slice(0, -1), flipped(0), flipped(5), flipped(40), flipped(67), flipped(80), flipped(-1)]
    for (const record of forged) {
      sessionStore.map.set(key(), record)
      await world.engine(owner, { sessionStore }).startSession()
    }
    expect(owner.prompts.messages).toBe(1 + forged.length)
  })

  it('may fail altogether: the session then lives in memory', async () => {
    const sessionStore = mapStore()
    sessionStore.fails = true
    const engine = world.engine(owner, { sessionStore })
    await engine.keysOf(spaces[0] as string)
    await engine.keysOf(spaces[1] as string)
    expect(owner.prompts.messages).toBe(1)
    await engine.lock()
  })
})

describe('a session the key servers refuse', () => {
  it('is dropped without asking the wallet again by itself', async () => {
    const fetch: typeof world.fetch = async (input, init) => {
      if (!init?.body) return world.fetch(input, init)
      return new Response(JSON.stringify({ error: 'InvalidSignature', message: '' }), { status: 403 })
    }
    const engine = world.engine(owner, { network: { ...world.network, fetch } })
    expect((await errorOf(engine.keysOf(spaces[0] as string))).code).toBe('seal/session-expired')
    expect(owner.prompts.messages).toBe(1)
  })

  it('says so when the renewed one is over as well', async () => {
    const fetch: typeof world.fetch = async (input, init) => {
      if (init?.body) world.ledger.advance(11 * MINUTE_MS)
      return world.fetch(input, init)
    }
    const engine = world.engine(owner, { network: { ...world.network, fetch } })
    expect((await errorOf(engine.keysOf(spaces[0] as string))).code).toBe('seal/session-expired')
    expect(owner.prompts.messages).toBe(2)
  })
})
