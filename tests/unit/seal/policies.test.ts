import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { beforeAll, describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../src/core/bytes.ts'
import { CLIENT_HEADERS, keyRequestBody, kindBytes } from '../../helpers/seal/key-request.ts'
import { POLICY, sealWorld, type SealWorld, type TestWallet } from '../../helpers/seal/seal-world.ts'

const DAY_MS = 86_400_000
const session = Ed25519Keypair.fromSecretKey(new Uint8Array(32).fill(4))

let world: SealWorld
let spaceId: string
let otherSpaceId: string
let people: Record<'owner' | 'reader' | 'writer' | 'expired' | 'removed' | 'heir' | 'successor' | 'stranger' | 'otherOwner', TestWallet>

beforeAll(async () => {
  world = await sealWorld()
  const names = ['owner', 'reader', 'writer', 'expired', 'removed', 'heir', 'successor', 'stranger', 'otherOwner'] as const
  people = Object.fromEntries(names.map((name) => [name, world.wallet()])) as typeof people
  const engine = world.engine(people.owner)
  spaceId = (await engine.createSpace()).id
  otherSpaceId = (await world.engine(people.otherOwner).createSpace()).id
  const add = (who: TestWallet, role: 'reader' | 'writer', expiresAtMs?: number) =>
    engine.addMember(spaceId, { address: who.toSuiAddress(), role, expiresAtMs })
  await add(people.reader, 'reader', world.ledger.nowMs() + 10 * DAY_MS)
  await add(people.writer, 'writer')
  await add(people.expired, 'reader', world.ledger.nowMs() + DAY_MS)
  await add(people.removed, 'reader')
  await engine.removeMember(spaceId, people.removed.toSuiAddress())
  await engine.setTimelock(spaceId, { beneficiary: people.heir.toSuiAddress(), releaseAtMs: world.ledger.nowMs() + 3 * DAY_MS })
  await engine.setSuccessor(spaceId, { address: people.successor.toSuiAddress(), silenceMs: 4 * DAY_MS })
  // One day on: the first expiry has passed, the lock and the silence have not.
  world.ledger.advance(DAY_MS)
})

function identity(space: string, epoch: number, length = 52): Uint8Array {
  const id = new Uint8Array(length)
  id.set(fromHex(space).subarray(0, length))
  if (length >= 36) new DataView(id.buffer).setUint32(32, epoch, true)
  return id
}

type Branch = 'owner' | 'member' | 'timelock' | 'successor'

/** What a key server says to `who` asking through `branch` of `space` for `id`. */
async function ask(who: TestWallet, branch: Branch, id: Uint8Array = identity(spaceId, 1), space: string = spaceId): Promise<string> {
  const owner = world.ledger.get(space)?.owner
  if (owner?.kind !== 'shared') throw new Error('a space is shared')
  const initialSharedVersion = Number(owner.initialVersion)
  const kind = await kindBytes((tx) => {
    const args = [tx.pure.vector('u8', id), tx.sharedObjectRef({ objectId: space, initialSharedVersion, mutable: false })]
    tx.moveCall({
      target: `${POLICY}::space::seal_approve_${branch}`,
      arguments: branch === 'owner' ? args : [...args, tx.object.clock()],
    })
  })
  const body = await keyRequestBody({
    wallet: who.account,
    session,
    packageId: POLICY,
    kind,
    creationTimeMs: world.ledger.nowMs(),
    ttlMin: 10,
  })
  const [server] = world.keyServers.servers as [SealWorld['keyServers']['servers'][number]]
  const response = await server.handle(
    new Request(`${server.url}/v1/fetch_key`, { method: 'POST', headers: CLIENT_HEADERS, body: JSON.stringify(body) }),
  )
  const answer = (await response.json()) as { error?: string; decryption_keys?: { id: number[] }[] }
  if (answer.decryption_keys) expect(toHex(Uint8Array.from(answer.decryption_keys[0]?.id ?? []))).toBe(POLICY.slice(2) + toHex(id))
  return answer.error ?? 'granted'
}

describe('the compiled policy, asked through a key server', () => {
  it('grants each branch to its people', async () => {
    expect(await ask(people.owner, 'owner')).toBe('granted')
    expect(await ask(people.reader, 'member')).toBe('granted')
    expect(await ask(people.writer, 'member')).toBe('granted')
  })

  it('denies every branch to a stranger and to the owner of another space', async () => {
    for (const branch of ['owner', 'member', 'timelock', 'successor'] as const) {
      expect(await ask(people.stranger, branch)).toBe('NoAccess')
      expect(await ask(people.otherOwner, branch)).toBe('NoAccess')
    }
  })

  it('denies everybody the branches of others', async () => {
    expect(await ask(people.reader, 'owner')).toBe('NoAccess')
    expect(await ask(people.owner, 'member')).toBe('NoAccess')
    expect(await ask(people.heir, 'successor')).toBe('NoAccess')
    expect(await ask(people.successor, 'timelock')).toBe('NoAccess')
  })

  it('denies expired and removed members', async () => {
    expect(await ask(people.expired, 'member')).toBe('NoAccess')
    expect(await ask(people.removed, 'member')).toBe('NoAccess')
    expect(await ask(people.removed, 'member', identity(spaceId, 0))).toBe('NoAccess')
  })

  it('denies stale and future epochs on every branch', async () => {
    for (const epoch of [0, 2, 0xffff_ffff]) {
      expect(await ask(people.owner, 'owner', identity(spaceId, epoch))).toBe('NoAccess')
      expect(await ask(people.reader, 'member', identity(spaceId, epoch))).toBe('NoAccess')
    }
  })

  it('denies an identity of another space, and a space that is not the identity’s', async () => {
    expect(await ask(people.owner, 'owner', identity(otherSpaceId, 0))).toBe('NoAccess')
    expect(await ask(people.otherOwner, 'owner', identity(spaceId, 1), otherSpaceId)).toBe('NoAccess')
    expect(await ask(people.reader, 'member', identity(otherSpaceId, 0))).toBe('NoAccess')
    expect(await ask(people.otherOwner, 'owner', identity(otherSpaceId, 0), otherSpaceId)).toBe('granted')
  })

  it('denies identities of any other length', async () => {
    for (const length of [0, 32, 36, 51, 53, 84]) expect(await ask(people.owner, 'owner', identity(spaceId, 1, length))).toBe('NoAccess')
  })

  it('denies the time lock before its time and grants it to the beneficiary from then on', async () => {
    expect(await ask(people.heir, 'timelock')).toBe('NoAccess')
    world.ledger.advance(2 * DAY_MS - 1)
    expect(await ask(people.heir, 'timelock')).toBe('NoAccess')
    world.ledger.advance(1)
    expect(await ask(people.heir, 'timelock')).toBe('granted')
    expect(await ask(people.heir, 'timelock', identity(spaceId, 0))).toBe('NoAccess')
    expect(await ask(people.heir, 'timelock', identity(otherSpaceId, 0))).toBe('NoAccess')
    expect(await ask(people.stranger, 'timelock')).toBe('NoAccess')
  })

  it('denies the successor until the owner has been silent long enough, and again after a sign of life', async () => {
    expect(await ask(people.successor, 'successor')).toBe('NoAccess')
    world.ledger.advance(DAY_MS - 1)
    expect(await ask(people.successor, 'successor')).toBe('NoAccess')
    world.ledger.advance(1)
    expect(await ask(people.successor, 'successor')).toBe('granted')
    expect(await ask(people.successor, 'successor', identity(spaceId, 0))).toBe('NoAccess')
    expect(await ask(people.successor, 'successor', identity(otherSpaceId, 0))).toBe('NoAccess')
    expect(await ask(people.stranger, 'successor')).toBe('NoAccess')
    await world.engine(people.owner).heartbeat(spaceId)
    expect(await ask(people.successor, 'successor')).toBe('NoAccess')
  })

  it('denies a reader whose access has just run out', async () => {
    world.ledger.advance(6 * DAY_MS - 1)
    expect(await ask(people.reader, 'member')).toBe('granted')
    world.ledger.advance(1)
    expect(await ask(people.reader, 'member')).toBe('NoAccess')
    expect(await ask(people.writer, 'member')).toBe('granted')
  })
})

describe('what is no question to the policy', () => {
  const askFor = async (build: Parameters<typeof kindBytes>[0]) => {
    const wallet = people.owner.account
    const body = await keyRequestBody({
      wallet,
      session,
      packageId: POLICY,
      kind: await kindBytes(build),
      creationTimeMs: world.ledger.nowMs(),
      ttlMin: 10,
    })
    const [server] = world.keyServers.servers as [SealWorld['keyServers']['servers'][number]]
    const response = await server.handle(
      new Request(`${server.url}/v1/fetch_key`, { method: 'POST', headers: CLIENT_HEADERS, body: JSON.stringify(body) }),
    )
    return ((await response.json()) as { error?: string }).error
  }

  it('is told apart by the real ledger: no such object, no such function, not the caller’s object', async () => {
    const id = identity(spaceId, 1)
    const nothing = `0x${'13'.repeat(32)}`
    const marker = [...world.ledger.view().objects()].find(
      ({ type, owner }) => type.endsWith('::SpaceKey') && owner.kind === 'address' && owner.address === people.reader.toSuiAddress(),
    )
    const with_ = (name: string, objectId: string, shared: boolean) =>
      askFor((tx) =>
        tx.moveCall({
          target: `${POLICY}::space::${name}`,
          arguments: [
            tx.pure.vector('u8', id),
            shared
              ? tx.sharedObjectRef({ objectId, initialSharedVersion: 1, mutable: false })
              : tx.objectRef({ objectId, version: '1', digest: '11111111111111111111111111111111' }),
          ],
        }),
      )
    expect(await with_('seal_approve_owner', nothing, true)).toBe('InvalidParameter')
    expect(await with_('seal_approve_owner', marker?.id as string, false)).toBe('InvalidParameter')
    expect(
      await askFor((tx) => tx.moveCall({ target: `${POLICY}::space::seal_approve_nobody`, arguments: [tx.pure.vector('u8', id)] })),
    ).toBe('InvalidPTB')
  })
})
