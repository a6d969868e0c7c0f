import { Transaction } from '@mysten/sui/transactions'
import { beforeAll, describe, expect, it } from 'vitest'
import { equalBytes, toBase64Url } from '../../../src/core/bytes.ts'
import { LocalCoreClient } from '../../../src/localnet/core-client.ts'
import { locketModules } from '../../../src/localnet/move-vm/framework.ts'
import type { SealProgress } from '../../../src/seal/index.ts'
import { codeOf } from '../../helpers/code-of.ts'
import { sealWorld, type SealWorld } from '../../helpers/seal/seal-world.ts'

const DAY_MS = 86_400_000
let world: SealWorld
beforeAll(async () => {
  world = await sealWorld({ servers: 1 })
})

/** Collects the steps an operation reports. */
function recorder(): { onProgress: SealProgress; steps: string[] } {
  const steps: string[] = []
  return { steps, onProgress: ({ step }) => void steps.push(step) }
}

describe('createSpace', () => {
  it('makes a space another engine of the same wallet can open with one signature', async () => {
    const owner = world.wallet()
    const engine = world.engine(owner)
    const { steps, onProgress } = recorder()
    const space = await engine.createSpace({ label: 'medical', onProgress })
    expect(space).toMatchObject({ owner: owner.toSuiAddress(), epoch: 0, headVersion: 0n, headBlobId: undefined, members: [] })
    const keys = await engine.keysOf(space.id, { onProgress })
    expect(owner.prompts).toEqual({ messages: 0, transactions: 2 })
    expect(steps).toEqual(['create-space', 'encrypt-key'])

    const other = world.engine(owner)
    const again = await other.keysOf(space.id)
    expect(again.keyOf(0)).toHaveLength(32)
    expect(again.keyOf(0)).toEqual(keys.keyOf(0))
    expect(again.keyOf(1)).toBeUndefined()
    expect(await other.labelOf(space.id)).toBe('medical')
    expect(owner.prompts).toEqual({ messages: 1, transactions: 2 })
  })

  it('shows neither label nor key on chain', async () => {
    const engine = world.engine(world.wallet())
    const space = await engine.createSpace({ label: 'diagnosis: peanuts' })
    const key = (await engine.keysOf(space.id)).keyOf(0) as Uint8Array
    const shown = Buffer.from(world.ledger.get(space.id)?.contents as Uint8Array)
    expect(shown.includes(Buffer.from(key))).toBe(false)
    expect(shown.includes('diagnosis')).toBe(false)
    const short = await engine.createSpace({ label: 'a' })
    expect(short.label.length).toBe(space.label.length)
  })

  it('finishes a space whose creation stopped after the first signature', async () => {
    const owner = world.wallet()
    const engine = world.engine(owner)
    const signTransaction = owner.signTransaction.bind(owner)
    let signatures = 0
    owner.signTransaction = async (bytes) => {
      if (++signatures > 1) throw new Error('the tab was closed')
      return signTransaction(bytes)
    }
    expect(await codeOf(engine.createSpace())).toBe('chain/signature-refused')
    owner.signTransaction = signTransaction
    const [left] = await engine.listSpaces()
    expect(left?.keyEnvelope).toHaveLength(0)
    expect(await codeOf(engine.keysOf(left?.id as string))).toBe('usage/wrong-state')
    const space = await engine.createSpace({ spaceId: left?.id })
    expect((await world.engine(owner).keysOf(space.id)).keyOf(0)).toHaveLength(32)
    expect(await codeOf(engine.createSpace({ spaceId: space.id }))).toBe('usage/wrong-state')
  })

  it('refuses labels that are too long before anything is signed', async () => {
    const owner = world.wallet()
    expect(await codeOf(world.engine(owner).createSpace({ label: 'x'.repeat(129) }))).toBe('usage/invalid-argument')
    expect(owner.prompts.transactions).toBe(0)
  })

  it('says when the wallet refuses or has no gas', async () => {
    const owner = world.wallet()
    owner.refuses = true
    expect(await codeOf(world.engine(owner).createSpace())).toBe('chain/signature-refused')
    const poor = world.wallet()
    for (const { objectId } of (await world.client.listCoins({ owner: poor.toSuiAddress() })).objects) {
      world.ledger.place({
        ...(world.ledger.get(objectId) as NonNullable<ReturnType<typeof world.ledger.get>>),
        owner: { kind: 'immutable' },
      })
    }
    expect(await codeOf(world.engine(poor).createSpace())).toBe('chain/insufficient-gas')
  })
})

describe('rotate', () => {
  it('starts an epoch with another key, keeps the old keys and the label, and costs one encryption', async () => {
    const owner = world.wallet()
    const engine = world.engine(owner)
    const space = await engine.createSpace({ label: 'work' })
    const first = (await engine.keysOf(space.id)).keyOf(0)
    const { steps, onProgress } = recorder()
    await engine.rotate(space.id, { onProgress })
    const keys = await engine.rotate(space.id, { onProgress })
    expect(steps).toEqual(['rotate', 'encrypt-key', 'rotate', 'encrypt-key'])
    expect(keys.epoch).toBe(2)
    expect(keys.keyOf(0)).toEqual(first)
    const all = [0, 1, 2].map((epoch) => Buffer.from(keys.keyOf(epoch) as Uint8Array).toString('hex'))
    expect(new Set(all).size).toBe(3)

    const fresh = world.engine(owner)
    const reopened = await fresh.keysOf(space.id)
    expect([0, 1, 2].map((epoch) => Buffer.from(reopened.keyOf(epoch) as Uint8Array).toString('hex'))).toEqual(all)
    expect(await fresh.labelOf(space.id)).toBe('work')
    await fresh.setLabel(space.id, 'work with Ann')
    expect(await engine.labelOf(space.id)).toBe('work with Ann')
  })

  it('can be prepared for a transaction of the caller’s, and destroy the older keys', async () => {
    const owner = world.wallet()
    const engine = world.engine(owner)
    const { id } = await engine.createSpace({ label: 'kept' })
    await engine.rotate(id)
    const rotation = await engine.prepareRotation(id, { destroyOlderKeys: true })
    expect((await engine.getSpace(id)).epoch).toBe(1)
    const commit = () => {
      const tx = new Transaction()
      engine.appendRotation(tx, rotation)
      return world.client.signAndExecuteTransaction({ transaction: tx, signer: owner.account })
    }
    await commit()
    await expect(commit()).rejects.toThrow()
    expect((await engine.getSpace(id)).epoch).toBe(2)
    for (const reader of [engine, world.engine(owner)]) {
      const keys = await reader.keysOf(id)
      expect(keys.keyOf(2)).toEqual(rotation.secretDataKey)
      expect([keys.keyOf(0), keys.keyOf(1)]).toEqual([undefined, undefined])
      expect(await reader.labelOf(id)).toBe('kept')
    }
    // A later rotation carries the fingerprints on.
    expect((await engine.rotate(id)).keyOf(2)).toEqual(rotation.secretDataKey)
    expect((await world.engine(owner).keysOf(id)).keyOf(1)).toBeUndefined()
  })

  it('makes nothing of keys that were forgotten meanwhile', async () => {
    const owner = world.wallet()
    const engine = world.engine(owner)
    const { id } = await engine.createSpace()
    let locking: Promise<void> | undefined
    const onProgress: SealProgress = ({ step }) => {
      if (step === 'encrypt-key') locking = engine.lock()
    }
    const transactions = owner.prompts.transactions
    expect(await codeOf(engine.rotate(id, { onProgress }))).toBe('usage/wrong-state')
    await locking
    expect(owner.prompts.transactions).toBe(transactions)
    expect((await engine.getSpace(id)).epoch).toBe(0)
  })

  it('loses against another device that rotated first, and then sees its keys', async () => {
    const owner = world.wallet()
    const [a, b] = [world.engine(owner), world.engine(owner)]
    const space = await a.createSpace()
    await b.keysOf(space.id)
    const signTransaction = owner.signTransaction.bind(owner)
    let raced = false
    owner.signTransaction = async (bytes) => {
      if (!raced) {
        raced = true
        await b.rotate(space.id)
      }
      return signTransaction(bytes)
    }
    expect(['seal/stale-epoch', 'chain/stale-object']).toContain(await codeOf(a.rotate(space.id)))
    expect((await a.getSpace(space.id)).epoch).toBe(1)
    expect((await a.keysOf(space.id)).keyOf(1)).toEqual((await b.keysOf(space.id)).keyOf(1))
  })

  it('is the owner’s alone', async () => {
    const owner = world.wallet()
    const reader = world.wallet()
    const engine = world.engine(owner)
    const space = await engine.createSpace()
    await engine.addMember(space.id, { address: reader.toSuiAddress(), role: 'writer' })
    expect(await codeOf(world.engine(reader).rotate(space.id))).toBe('seal/no-access')
    expect(reader.prompts).toEqual({ messages: 0, transactions: 0 })
  })
})

describe('members', () => {
  it('open the space, are listed it, and lose what is written after their removal', async () => {
    const owner = world.wallet()
    const ann = world.wallet()
    const bob = world.wallet()
    const engine = world.engine(owner)
    const space = await engine.createSpace({ label: 'family' })
    const expiresAtMs = world.ledger.nowMs() + DAY_MS
    await engine.addMember(space.id, { address: ann.toSuiAddress(), role: 'writer', expiresAtMs })
    await engine.addMember(space.id, { address: bob.toSuiAddress(), role: 'reader' })
    const bobs = world.engine(bob)
    expect((await bobs.listSpaces()).map(({ id }) => id)).toEqual([space.id])
    expect((await bobs.getSpace(space.id)).members).toEqual([
      { address: ann.toSuiAddress(), role: 'writer', expiresAtMs },
      { address: bob.toSuiAddress(), role: 'reader', expiresAtMs: undefined },
    ])
    expect(await bobs.labelOf(space.id)).toBe('family')
    const before = (await bobs.keysOf(space.id)).keyOf(0)

    const transactions = owner.prompts.transactions
    const keys = await engine.removeMember(space.id, bob.toSuiAddress())
    expect(owner.prompts.transactions).toBe(transactions + 1)
    expect(keys.epoch).toBe(1)
    // Even with every key it ever had, and with a fresh client: nothing of the new epoch.
    expect((await bobs.getSpace(space.id)).epoch).toBe(1)
    expect(await codeOf(bobs.keysOf(space.id))).toBe('seal/no-access')
    expect(await codeOf(world.engine(bob).keysOf(space.id))).toBe('seal/no-access')
    expect(equalBytes(keys.keyOf(1) as Uint8Array, before as Uint8Array)).toBe(false)
    const anns = await world.engine(ann).keysOf(space.id)
    expect(anns.keyOf(1)).toEqual(keys.keyOf(1))
    expect(anns.keyOf(0)).toEqual(before)
    expect(await codeOf(engine.removeMember(space.id, bob.toSuiAddress()))).toBe('usage/invalid-argument')
  })

  it('are denied by the key servers once expired, whatever their own clock says', async () => {
    const ann = world.wallet()
    const engine = world.engine(world.wallet())
    const space = await engine.createSpace()
    await engine.addMember(space.id, { address: ann.toSuiAddress(), role: 'reader', expiresAtMs: world.ledger.nowMs() + DAY_MS })
    world.ledger.advance(DAY_MS)
    expect(await codeOf(world.engine(ann, { clock: world.deviceClock(() => -60_000) }).keysOf(space.id))).toBe('seal/no-access')
  })

  it('cannot be the owner, of an unknown role, or expired from the start', async () => {
    const owner = world.wallet()
    const engine = world.engine(owner)
    const { id } = await engine.createSpace()
    const address = `0x${'77'.repeat(32)}`
    expect(await codeOf(engine.addMember(id, { address: owner.toSuiAddress(), role: 'reader' }))).toBe('usage/invalid-argument')
    expect(await codeOf(engine.addMember(id, { address, role: 'reader', expiresAtMs: 1 }))).toBe('usage/invalid-argument')
    expect(await codeOf(engine.addMember(id, { address, role: 'reader', expiresAtMs: 0.5 }))).toBe('usage/invalid-argument')
    expect(await codeOf(engine.addMember(id, { address: 'ann', role: 'reader' }))).toBe('usage/invalid-argument')
  })

  it('of nothing are turned away without a prompt', async () => {
    const stranger = world.wallet()
    const space = await world.engine(world.wallet()).createSpace()
    expect(await codeOf(world.engine(stranger).keysOf(space.id))).toBe('seal/no-access')
    expect(stranger.prompts).toEqual({ messages: 0, transactions: 0 })
  })
})

describe('time lock and successor', () => {
  it('let their people in at their time and not before', async () => {
    const [heir, successor] = [world.wallet(), world.wallet()]
    const engine = world.engine(world.wallet())
    const { id } = await engine.createSpace()
    const timelock = { beneficiary: heir.toSuiAddress(), releaseAtMs: world.ledger.nowMs() + DAY_MS }
    await engine.setTimelock(id, timelock)
    await engine.setSuccessor(id, { address: successor.toSuiAddress(), silenceMs: 2 * DAY_MS })
    expect(await engine.getSpace(id)).toMatchObject({ timelock, successor: { address: successor.toSuiAddress(), silenceMs: 2 * DAY_MS } })
    expect(await codeOf(world.engine(heir).keysOf(id))).toBe('seal/no-access')
    expect(await codeOf(world.engine(successor).keysOf(id))).toBe('seal/no-access')
    world.ledger.advance(DAY_MS)
    const key = (await engine.keysOf(id)).keyOf(0)
    expect((await world.engine(heir).keysOf(id)).keyOf(0)).toEqual(key)
    expect(await codeOf(world.engine(successor).keysOf(id))).toBe('seal/no-access')
    world.ledger.advance(DAY_MS)
    expect((await world.engine(successor).keysOf(id)).keyOf(0)).toEqual(key)
    await engine.heartbeat(id)
    expect(await codeOf(world.engine(successor).keysOf(id))).toBe('seal/no-access')
    await engine.setTimelock(id, undefined)
    await engine.setSuccessor(id, undefined)
    expect(await engine.getSpace(id)).toMatchObject({ timelock: undefined, successor: undefined })
    expect(await codeOf(world.engine(heir).keysOf(id))).toBe('seal/no-access')
  })

  it('refuse times that have passed and silences of less than a day', async () => {
    const engine = world.engine(world.wallet())
    const { id } = await engine.createSpace()
    const address = `0x${'77'.repeat(32)}`
    expect(await codeOf(engine.setTimelock(id, { beneficiary: address, releaseAtMs: 1 }))).toBe('usage/invalid-argument')
    expect(await codeOf(engine.setSuccessor(id, { address, silenceMs: DAY_MS - 1 }))).toBe('usage/invalid-argument')
  })
})

describe('keysOf', () => {
  it('decrypts once per space and epoch, however many ask at once', async () => {
    const owner = world.wallet()
    const { id } = await world.engine(owner).createSpace()
    const engine = world.engine(owner)
    const { steps, onProgress } = recorder()
    const before = world.requests.length
    const all = await Promise.all(Array.from({ length: 8 }, () => engine.keysOf(id, { onProgress })))
    await engine.keysOf(id, { onProgress })
    expect(steps).toEqual(['fetch-keys', 'session'])
    expect(new Set(all).size).toBe(1)
    expect(world.requests.slice(before).filter((path) => path === '/v1/fetch_key')).toHaveLength(1)
    expect(owner.prompts.messages).toBe(1)
  })

  it('opens many spaces with one request to each server, and says what became of each', async () => {
    const owner = world.wallet()
    const maker = world.engine(owner)
    const ids: string[] = []
    for (let i = 0; i < 3; i++) ids.push((await maker.createSpace()).id)
    const foreign = (await world.engine(world.wallet()).createSpace()).id
    const engine = world.engine(owner)
    const before = world.requests.length
    const good = await engine.keysOfAll(ids)
    expect(world.requests.slice(before).filter((path) => path === '/v1/fetch_key')).toHaveLength(1)
    expect(good.map(({ spaceId, ok }) => [spaceId, ok])).toEqual(ids.map((id) => [id, true]))

    const nowhere = `0x${'13'.repeat(32)}`
    const mixed = await world.engine(owner).keysOfAll([ids[0] as string, foreign, nowhere, ids[1] as string])
    expect(mixed.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual(['ok', 'seal/no-access', 'chain/not-found', 'ok'])
    expect(owner.prompts.messages).toBe(2)
  })

  it('gives copies, and nothing at all after lock', async () => {
    const owner = world.wallet()
    const engine = world.engine(owner)
    const { id } = await engine.createSpace()
    const keys = await engine.keysOf(id)
    const copy = keys.keyOf(0) as Uint8Array
    copy.fill(0)
    expect(keys.keyOf(0)).not.toEqual(copy)
    await engine.lock()
    expect(() => keys.keyOf(0)).toThrow(expect.objectContaining({ code: 'usage/wrong-state' }))
    const before = world.requests.length
    const again = await engine.keysOf(id)
    expect(again.keyOf(0)).toHaveLength(32)
    expect(() => keys.keyOf(0)).toThrow(expect.objectContaining({ code: 'usage/wrong-state' }))
    expect(world.requests.slice(before)).toContain('/v1/fetch_key')
    expect(owner.prompts.messages).toBe(1)
  })

  it('keeps nothing of what was under way when it was locked', async () => {
    const owner = world.wallet()
    const { id } = await world.engine(owner).createSpace()
    const engine = world.engine(owner)
    const asked = codeOf(engine.keysOf(id))
    await new Promise((resolve) => setTimeout(resolve, 0))
    await engine.lock()
    expect(await asked).toBe('usage/wrong-state')
  })

  it('stops waiting when aborted, and the others go on', async () => {
    const owner = world.wallet()
    const { id } = await world.engine(owner).createSpace()
    const engine = world.engine(owner)
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborted = engine.keysOf(id, { signal: controller.signal })
    const patient = engine.keysOf(id)
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    expect((await patient).keyOf(0)).toHaveLength(32)
    await expect(engine.keysOf(id, { signal: controller.signal })).rejects.toBe(reason)
  })

  it('notices a full node that goes back in time', async () => {
    const owner = world.wallet()
    const engine = world.engine(owner)
    const { id } = await engine.createSpace()
    await engine.lock()
    await engine.keysOf(id)
    await world.engine(owner).rotate(id)
    expect((await engine.getSpace(id)).epoch).toBe(1)
    world.faults.set('full-node', { kind: 'stale', transactions: 1 })
    expect(await codeOf(engine.keysOf(id))).toBe('memory/rollback')
    world.faults.clear()
    expect((await engine.keysOf(id)).epoch).toBe(1)
  })

  it('refuses an envelope that was made for another space or epoch, or is none', async () => {
    const engine = world.engine(world.wallet())
    const [a, b] = [await engine.createSpace(), await engine.createSpace()]
    const object = world.ledger.get(a.id) as NonNullable<ReturnType<typeof world.ledger.get>>
    const swap = (from: Uint8Array, to: Uint8Array) => {
      const at = Buffer.from(object.contents).indexOf(Buffer.from(from))
      const contents = Uint8Array.from(object.contents)
      contents.set(to, at)
      world.ledger.place({ ...object, contents })
    }
    await engine.lock()
    swap(a.keyEnvelope, b.keyEnvelope)
    expect(await codeOf(engine.keysOf(a.id))).toBe('codec/invalid')
    swap(a.keyEnvelope, new Uint8Array(a.keyEnvelope.length).fill(0xff))
    expect(await codeOf(engine.keysOf(a.id))).toBe('codec/invalid')
    const damaged = Uint8Array.from(a.keyEnvelope)
    damaged[damaged.length - 40] = (damaged.at(-40) as number) ^ 1
    swap(a.keyEnvelope, damaged)
    expect(await codeOf(engine.keysOf(a.id))).toBe('crypto/open-failed')
  })
})

describe('appendSetHead', () => {
  it('moves the head within a transaction of the caller’s, once', async () => {
    const owner = world.wallet()
    const engine = world.engine(owner)
    const { id } = await engine.createSpace()
    const blobId = toBase64Url(new Uint8Array(32).fill(9))
    const move = async (expectedVersion: bigint) => {
      const tx = new Transaction()
      engine.appendSetHead(tx, { spaceId: id, expectedVersion, blobId })
      return world.client.signAndExecuteTransaction({ transaction: tx, signer: owner.account })
    }
    await move(0n)
    expect(await engine.getSpace(id)).toMatchObject({ headVersion: 1n, headBlobId: blobId })
    await expect(move(0n)).rejects.toThrow()
    expect(() => engine.appendSetHead(new Transaction(), { spaceId: id, expectedVersion: 1n, blobId: 'short' })).toThrow(
      expect.objectContaining({ code: 'usage/invalid-argument' }),
    )
  })
})

describe('what belongs elsewhere', () => {
  it('is told apart: another package, another network, an object that is no space', async () => {
    const owner = world.wallet()
    const { id } = await world.engine(owner).createSpace()
    const other = `0x${'0b'.repeat(32)}`
    world.ledger.publish(other, locketModules())
    const elsewhere = world.engine(owner, { network: { ...world.network, policyPackageId: other } })
    expect(await codeOf(elsewhere.keysOf(id))).toBe('seal/wrong-package')
    const nowhere = world.engine(owner, { network: { ...world.network, policyPackageId: `0x${'0c'.repeat(32)}` } })
    expect(await codeOf(nowhere.keysOf(`0x${'13'.repeat(32)}`))).toBe('chain/wrong-network')
    expect(await codeOf(nowhere.createSpace())).not.toBe('no error')
    expect(await codeOf(world.engine(owner).getSpace('0x6'))).toBe('codec/invalid')
    expect(await codeOf(world.engine(owner).getSpace('six'))).toBe('usage/invalid-argument')
    const empty = new LocalCoreClient((await sealWorld()).ledger)
    expect(await codeOf(world.engine(owner, { client: empty }).getSpace(id))).toBe('chain/not-found')
  })

  it('is told apart: a full node that does not answer', async () => {
    const engine = world.engine(world.wallet())
    const { id } = await engine.createSpace()
    world.faults.set('full-node', { kind: 'down' })
    expect(await codeOf(engine.getSpace(id))).toBe('chain/unreachable')
    expect(await codeOf(engine.listSpaces())).toBe('chain/unreachable')
    expect(await codeOf(world.engine(world.wallet()).createSpace())).toBe('chain/unreachable')
    world.faults.clear()
  })

  it('names the package that is not installed, and tries again', async () => {
    const owner = world.wallet()
    const { loadSealSdk } = await import('../../../src/seal/load-sdk.ts')
    const { LocketError } = await import('../../../src/core/errors.ts')
    let loads = 0
    const loadSdk = async () => {
      if (++loads === 1) throw new LocketError('usage/missing-peer', { operation: 'test', details: { package: '@mysten/seal' } })
      return loadSealSdk()
    }
    const engine = world.engine(owner, { loadSdk })
    expect(await codeOf(engine.createSpace())).toBe('usage/missing-peer')
    expect(await codeOf(engine.createSpace())).toBe('no error')
  })
})
