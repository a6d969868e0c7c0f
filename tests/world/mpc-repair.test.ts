import { describe, expect, it } from 'vitest'
import { createAead } from '../../src/crypto/aead.ts'
import type { Party } from '../../src/mpc/flow.ts'
import { refreshKey } from '../../src/mpc/refresh-key.ts'
import { planRepair, repairShare, type RepairPlan } from '../../src/mpc/repair-share.ts'
import { openShareStore } from '../../src/mpc/share-store.ts'
import type { Suite, ThresholdKey } from '../../src/mpc/types.ts'
import { verifySignature } from '../../src/mpc/verify-signature.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'
import { codeOf } from '../helpers/code-of.ts'
import { createDisk } from '../helpers/mpc/disk.ts'
import { createRealWorld, type RealWorld } from '../helpers/mpc/real-world.ts'
import { cheapUnlock } from '../helpers/mpc/unlock.ts'

const message = new Uint8Array(32).fill(9)

/** The same device after it lost all that was on it but its identity. */
async function emptied(party: Party): Promise<Party> {
  const entropy = createSeededEntropy('emptied')
  const shares = await openShareStore({
    store: createDisk().open(),
    unlock: cheapUnlock(),
    entropy,
    aead: createAead({ subtle: null }),
  })
  return { ...party, shares }
}

/** A party whose record names nobody who stands behind the epoch. */
function withoutWords(party: Party): Party {
  const record: Party['shares']['record'] = (keyId) => {
    const { current, ...rest } = party.shares.record(keyId)
    return { ...rest, current: current && { ...current, acknowledgements: [] } }
  }
  return { ...party, shares: { ...party.shares, record } }
}

function repair(world: RealWorld, parties: ReadonlyMap<number, Party>, plan: RepairPlan) {
  const options = world.invite()
  return [...parties].map(([index, party]) =>
    repairShare(party, { plan, card: (world.devices[index - 1] as (typeof world.devices)[number]).card }, options),
  )
}

describe.each<Suite>(['frost-ed25519', 'frost-taproot'])('a lost share of %s', (suite) => {
  it('comes back from a quorum of others, and signs', async () => {
    const world = await createRealWorld(['agent', 'person', 'recovery', 'paper'])
    const key = await world.create(suite, 3)
    const before = await world.party(1).shares.share(key.id)
    const lost = await emptied(world.party(2))
    const plan = planRepair(key, { lost: 2, helpers: [4, 1, 3] })
    const parties = new Map([1, 2, 3, 4].map((index) => [index, index === 2 ? lost : world.party(index)]))
    const keys = await world.run(Promise.all(repair(world, parties, plan)))
    expect(keys).toMatchObject([1, 2, 3, 4].map((self) => ({ self, epoch: 0, publicKey: key.publicKey })))
    expect(lost.shares.record(key.id).current).toEqual({ ...world.party(1).shares.record(key.id).current, self: 2 })
    expect(await lost.shares.share(key.id)).toEqual(await world.party(2).shares.share(key.id))
    expect(await world.party(1).shares.share(key.id)).toEqual(before)

    Object.assign(world.devices[1] as object, { party: lost })
    const signature = await world.sign(key, [1, 2, 4], message)
    expect(await verifySignature({ suite, publicKey: key.publicKey, message, signature })).toBe(true)
  })
})

describe('a repair', () => {
  const start = async () => {
    const world = await createRealWorld(['agent', 'person', 'recovery'])
    const key = await world.create('frost-ed25519')
    return { world, key, lost: await emptied(world.party(2)), plan: planRepair(key, { lost: 2, helpers: [1, 3] }) }
  }

  it('needs one helper that can show that all members are at this epoch', async () => {
    const { world, key, lost, plan } = await start()
    const nobody = new Map([1, 3].map((index) => [index, withoutWords(world.party(index))] as const)).set(2, lost)
    const outcomes = await world.run(Promise.all(repair(world, nobody, plan).map(codeOf)))
    expect(outcomes[2]).toBe('mpc/disagreement')
    expect(lost.shares.records()).toEqual([])

    const one = new Map([[1, withoutWords(world.party(1))] as const, [2, lost] as const, [3, world.party(3)] as const])
    await world.run(Promise.all(repair(world, one, plan)))
    expect(lost.shares.keys()).toMatchObject([{ id: key.id, self: 2 }])
  })

  it('is refused by helpers at another epoch, and by whoever is not in the plan', async () => {
    const { world, key, lost, plan } = await start()
    const options = world.invite()
    await world.run(Promise.all(world.devices.map(({ party }) => refreshKey(party, { keyId: key.id }, options))))
    const card = (at: number) => (world.devices[at] as (typeof world.devices)[number]).card
    expect(await codeOf(repairShare(world.party(1), { plan, card: card(0) }, world.invite()))).toBe('mpc/unsettled')
    expect(await codeOf(repairShare(lost, { plan, card: new Uint8Array(64) }, world.invite()))).toBe('usage/invalid-argument')
  })

  it('is refused to one that is banned, and by a device that has seen a newer epoch', async () => {
    const { world, key, lost, plan } = await start()
    const { current } = world.party(2).shares.record(key.id)
    if (current === undefined) throw new Error('the key has an epoch')
    await lost.shares.prepare({ ...current, keyId: key.id, suite: key.suite, epoch: 1 }, new Uint8Array(32))
    const before = lost.shares.record(key.id)
    const parties = new Map([1, 2, 3].map((index) => [index, index === 2 ? lost : world.party(index)]))
    expect((await world.run(Promise.all(repair(world, parties, plan).map(codeOf))))[1]).toBe('mpc/rolled-back')
    expect(lost.shares.record(key.id)).toEqual(before)

    const [agent, person] = world.devices as [(typeof world.devices)[number], (typeof world.devices)[number]]
    await agent.party.shares.ban(key.id, { index: 2, card: person.card })
    expect(await codeOf(repairShare(agent.party, { plan, card: agent.card }, world.invite()))).toBe('mpc/banned')
  })

  it('is planned for a member of a FROST key, with others of the key', async () => {
    const { key } = await start()
    const refusals: [ThresholdKey, number, number[]][] = [
      [{ ...key, suite: 'ecdsa-secp256k1' }, 2, [1, 3]],
      [key, 4, [1, 3]],
      [key, 0, [1, 3]],
      [key, 2, [1, 2]],
      [key, 2, [1, 1]],
      [key, 2, [1]],
      [key, 2, [1, 4]],
    ]
    for (const [of, lost, helpers] of refusals) {
      expect(await codeOf(Promise.resolve().then(() => planRepair(of, { lost, helpers }))), `${lost} of ${helpers.join()}`).toBe(
        'usage/invalid-argument',
      )
    }
  })
})
