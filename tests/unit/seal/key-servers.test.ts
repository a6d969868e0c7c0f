import { EncryptedObject, NoAccessError, SealClient, SessionKey } from '@mysten/seal'
import { Transaction } from '@mysten/sui/transactions'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { fromHex, toHex } from '../../../src/core/bytes.ts'
import type { SealNetwork } from '../../../src/seal/index.ts'
import { codeOf, errorOf } from '../../helpers/code-of.ts'
import { mapStore } from '../../helpers/map-store.ts'
import { POLICY, sealWorld, START_MS, type SealWorld, type TestWallet } from '../../helpers/seal/seal-world.ts'

let world: SealWorld
let owner: TestWallet
let spaceId: string
/** The network as it is met for the first time: nothing pinned. */
let unpinned: SealNetwork

beforeAll(async () => {
  world = await sealWorld()
  owner = world.wallet()
  spaceId = (await world.engine(owner).createSpace()).id
  unpinned = { ...world.network, pinnedPublicKeys: undefined }
})

beforeEach(() => {
  world.faults.clear()
})

const ids = () => world.keyServers.servers.map(({ objectId }) => objectId)

describe('key servers met for the first time', () => {
  it('prove their keys before anything is encrypted to them, and are pinned then', async () => {
    const sessionStore = mapStore()
    const before = world.requests.length
    await world.engine(owner, { network: unpinned, sessionStore }).createSpace()
    expect(world.requests.slice(before).filter((path) => path === '/v1/service')).toHaveLength(3)
    const pins = [...sessionStore.map].filter(([key]) => key.startsWith('seal/pin/')).map(([, value]) => toHex(value))
    expect(pins).toEqual(world.keyServers.servers.map(({ publicKey }) => toHex(publicKey)))
    const again = world.requests.length
    await world.engine(owner, { network: unpinned, sessionStore }).createSpace()
    expect(world.requests.slice(again)).toEqual([])
  })

  it('may lack one that is down, but not so many that the rest could be an impostor’s', async () => {
    world.faults.set('key-server/2', { kind: 'down' })
    expect(await codeOf(world.engine(owner, { network: unpinned }).createSpace())).toBe('no error')
    world.faults.set('key-server/1', { kind: 'down' })
    const error = await errorOf(world.engine(owner, { network: unpinned }).createSpace())
    expect(error.code).toBe('seal/threshold')
    expect(error.details['servers']).toHaveLength(2)
  })

  it('are not encrypted to at all when one cannot prove its key, which is named', async () => {
    world.faults.set('key-server/1', { kind: 'wrong-proof' })
    const transactions = owner.prompts.transactions
    const error = await errorOf(world.engine(owner, { network: unpinned }).createSpace())
    expect(error.code).toBe('seal/server-misbehaved')
    expect(error.details['servers']).toEqual([`${ids()[1]}: its proof of possession does not verify`])
    expect(owner.prompts.transactions).toBe(transactions)
  })

  it('still decrypt when one cannot prove its key, without it', async () => {
    world.faults.set('key-server/1', { kind: 'wrong-proof' })
    const before = world.keyServers.servers[1]?.tally().fetchKey
    expect(await codeOf(world.engine(owner, { network: unpinned }).keysOf(spaceId))).toBe('no error')
    expect(world.keyServers.servers[1]?.tally().fetchKey).toBe(before)
    world.faults.set('key-server/2', { kind: 'wrong-proof' })
    expect(await codeOf(world.engine(owner, { network: unpinned }).keysOf(spaceId))).toBe('seal/server-misbehaved')
  })
})

describe('pinned key servers', () => {
  const repinned = (index: number): SealNetwork => {
    const other = toHex(world.keyServers.servers[(index + 1) % 3]?.publicKey as Uint8Array)
    return { ...world.network, pinnedPublicKeys: { ...world.network.pinnedPublicKeys, [ids()[index] as string]: other } }
  }

  it('that show another key are refused by name, for encryption altogether', async () => {
    const error = await errorOf(world.engine(owner, { network: repinned(0) }).createSpace())
    expect(error.code).toBe('seal/server-misbehaved')
    expect(error.details['servers']).toEqual([`${ids()[0]}: another public key than the pinned one`])
  })

  it('that show another key are left out of decryption', async () => {
    const before = world.keyServers.servers[0]?.tally().fetchKey
    const engine = world.engine(owner, { network: repinned(0) })
    expect(await codeOf(engine.keysOf(spaceId))).toBe('no error')
    expect(engine.keyServerStatus()[0]).toMatchObject({ state: 'misbehaved', reason: 'another public key than the pinned one' })
    expect(world.keyServers.servers[0]?.tally().fetchKey).toBe(before)
  })

  it('are compared with what an earlier session saw', async () => {
    const sessionStore = mapStore()
    await world.engine(owner, { network: unpinned, sessionStore }).createSpace()
    const key = `seal/pin/${POLICY}/${ids()[2]}`
    sessionStore.map.set(key, Uint8Array.from(world.keyServers.servers[0]?.publicKey as Uint8Array))
    expect((await errorOf(world.engine(owner, { network: unpinned, sessionStore }).createSpace())).code).toBe('seal/server-misbehaved')
  })
})

describe('a key server that never answers', () => {
  it('holds up neither encryption, nor a session, nor decryption, even on a transport that ignores aborts', async () => {
    const silent = world.keyServers.servers[1]?.url as string
    const fetch: typeof world.fetch = (input, init) =>
      new Request(input).url.startsWith(silent) ? new Promise(() => undefined) : world.fetch(input, init)
    const engine = world.engine(owner, { network: { ...unpinned, fetch } })
    const { id } = await engine.createSpace()
    const other = world.engine(owner, { network: { ...unpinned, fetch } })
    expect((await other.keysOf(id)).keyOf(0)).toEqual((await engine.keysOf(id)).keyOf(0))
  })
})

describe('checkKeyServers', () => {
  it('says of each server whether it is there and proves its key', async () => {
    const engine = world.engine(owner)
    expect(engine.keyServerStatus().map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown'])
    world.faults.set('key-server/0', { kind: 'down' })
    world.faults.set('key-server/1', { kind: 'status', status: 429 })
    world.faults.set('key-server/2', { kind: 'wrong-proof' })
    expect(await engine.checkKeyServers()).toMatchObject([
      { objectId: ids()[0], state: 'down', reason: 'unreachable' },
      { objectId: ids()[1], state: 'refused', reason: 'TooManyRequests' },
      { objectId: ids()[2], state: 'misbehaved', reason: 'its proof of possession does not verify' },
    ])
    world.faults.clear()
    await engine.lock()
    expect((await engine.checkKeyServers()).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok'])
  })
})

describe('a key-server set', () => {
  const server = (i: number, weight = 1) => ({ objectId: `0x${i}`, weight })
  const make = (changes: Partial<SealNetwork>) => () => world.engine(owner, { network: { ...world.network, ...changes } })

  it.each([
    ['1 of 3', [server(1), server(2), server(3)], 1, 'single-server-can-decrypt'],
    ['2 of 2', [server(1), server(2)], 2, 'no-server-may-fail'],
    ['3 of 3', [server(1), server(2), server(3)], 3, 'no-server-may-fail'],
    ['2 of 3 with a server of weight 2', [server(1, 2), server(2), server(3)], 2, 'single-server-can-decrypt'],
    ['3 of 4 with a server of weight 2', [server(1, 2), server(2), server(3)], 3, 'no-server-may-fail'],
  ] as const)('of %s is refused unless the risk is named', (_name, servers, threshold, risk) => {
    expect(make({ servers, threshold })).toThrow(
      expect.objectContaining({ code: 'seal/weak-threshold', details: expect.objectContaining({ risk }) }),
    )
    expect(make({ servers, threshold, acceptRisk: risk })).not.toThrow()
    const other = risk === 'no-server-may-fail' ? 'single-server-can-decrypt' : 'no-server-may-fail'
    expect(make({ servers, threshold, acceptRisk: other })).toThrow()
  })

  it('of 1 of 1 is both risks at once', () => {
    const servers = [server(1)]
    expect(make({ servers, threshold: 1, acceptRisk: 'single-server-can-decrypt' })).toThrow()
    expect(make({ servers, threshold: 1, acceptRisk: ['single-server-can-decrypt', 'no-server-may-fail'] })).not.toThrow()
  })

  it.each([
    ['a threshold of 0', { threshold: 0 }],
    ['more than there is', { threshold: 4 }],
    ['half a threshold', { threshold: 1.5 }],
    ['a server twice', { servers: [server(1), server(1), server(2)] }],
    ['a server without weight', { servers: [server(1, 0), server(2), server(3)] }],
    ['255 shares', { servers: [server(1, 85), server(2, 85), server(3, 85)], threshold: 100 }],
    ['no servers', { servers: [] }],
  ])('with %s is a mistake', (_name, changes) => {
    expect(make(changes)).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
  })
})

describe('the unmodified Seal SDK', () => {
  afterEach(() => void vi.useRealTimers())

  it('encrypts and decrypts on these servers with a session key of its own, and is denied as it should be', async () => {
    // Its session key reads the platform's clock.
    vi.useFakeTimers({ toFake: ['Date'], now: START_MS + 1_000 })
    world.ledger.advance(START_MS + 2_000 - world.ledger.nowMs())
    const record = world.ledger.get(spaceId)
    const initialSharedVersion = record?.owner.kind === 'shared' ? Number(record.owner.initialVersion) : 0
    const client = new SealClient({
      suiClient: world.client,
      serverConfigs: world.network.servers.map(({ objectId, weight }) => ({ objectId, weight })),
      verifyKeyServers: true,
      fetch: world.fetch,
    })
    const id = `${spaceId.slice(2)}00000000${'ab'.repeat(16)}`
    const data = new TextEncoder().encode('no more than a test')
    const { encryptedObject } = await client.encrypt({ threshold: 2, packageId: POLICY, id, data })
    expect(EncryptedObject.parse(encryptedObject).services).toHaveLength(3)

    const open = async (wallet: TestWallet): Promise<Uint8Array> => {
      const address = wallet.toSuiAddress()
      const sessionKey = await SessionKey.create({ address, packageId: POLICY, ttlMin: 10, suiClient: world.client })
      await sessionKey.setPersonalMessageSignature((await wallet.signPersonalMessage(sessionKey.getPersonalMessage())).signature)
      const tx = new Transaction()
      const space = tx.sharedObjectRef({ objectId: spaceId, initialSharedVersion, mutable: false })
      tx.moveCall({ target: `${POLICY}::space::seal_approve_owner`, arguments: [tx.pure.vector('u8', fromHex(id)), space] })
      const txBytes = await tx.build({ client: world.client, onlyTransactionKind: true })
      const reader = new SealClient({
        suiClient: world.client,
        serverConfigs: world.network.servers.map((config) => ({ ...config })),
        fetch: world.fetch,
      })
      return reader.decrypt({ data: encryptedObject, sessionKey, txBytes, checkShareConsistency: true })
    }
    expect(await open(owner)).toEqual(data)
    await expect(open(world.wallet())).rejects.toBeInstanceOf(NoAccessError)
  })
})
