import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/core/bytes.ts'
import { LocketError } from '../../../src/core/errors.ts'
import { createKey } from '../../../src/mpc/create-key.ts'
import { dangerouslyExportKey } from '../../../src/mpc/export-key.ts'
import { dangerouslyImportKey } from '../../../src/mpc/import-key.ts'
import { OP_ADVANCE } from '../../../src/mpc/operations.ts'
import { refreshKey } from '../../../src/mpc/refresh-key.ts'
import { planReshare, reshareKey } from '../../../src/mpc/reshare-key.ts'
import { settleKey } from '../../../src/mpc/settle-key.ts'
import { sign } from '../../../src/mpc/sign.ts'
import type { Suite, ThresholdKey } from '../../../src/mpc/types.ts'
import { verifySignature } from '../../../src/mpc/verify-signature.ts'
import { codeOf, errorOf } from '../../helpers/code-of.ts'
import { createToyWorld, hello, type Device } from '../../helpers/mpc/toy-world.ts'

type World = Awaited<ReturnType<typeof createToyWorld>>
const NAMES = ['agent', 'person', 'recovery'] as const
const worldOf = () => createToyWorld(NAMES)

async function signTogether(world: World, key: ThresholdKey, participants: readonly number[], message = hello) {
  const deadline = world.invite()
  const signing = participants.map((index) =>
    sign((world.devices[index - 1] as Device).party, { keyId: key.id, participants, message }, deadline),
  )
  return Promise.all(signing)
}

async function refreshAll(world: World, key: ThresholdKey) {
  const deadline = world.invite()
  return Promise.all(world.devices.map(({ party }) => refreshKey(party, { keyId: key.id }, deadline)))
}

describe('createKey', () => {
  it.each<Suite>(['ecdsa-secp256k1', 'frost-ed25519'])('makes a key of %s that any two of three sign with', async (suite) => {
    const world = await worldOf()
    const key = await world.create(suite)
    expect(key).toMatchObject({ suite, epoch: 0, threshold: 2, self: 1 })
    const message = suite === 'ecdsa-secp256k1' ? new Uint8Array(32).fill(7) : hello
    for (const pair of [
      [1, 2],
      [1, 3],
      [3, 2],
    ]) {
      const [first, second] = await signTogether(world, key, pair, message)
      expect(first).toEqual(second)
      expect(await verifySignature({ suite, publicKey: key.publicKey, message, signature: first as Uint8Array })).toBe(true)
    }
  })

  it('refuses a committee that is none, before anybody is called', async () => {
    const world = await worldOf()
    const [one] = world.devices as [Device]
    const members = world.members()
    const create = (changes: object) =>
      codeOf(createKey(one.party, { suite: 'frost-ed25519', threshold: 2, members, self: 1, ...changes }, world.invite()))
    const [first, second] = members as [ThresholdKey['members'][number], ThresholdKey['members'][number]]
    for (const wrong of [
      { threshold: 4 },
      { threshold: 1 },
      { threshold: 1.5 },
      { members: [first] },
      { members: [first, { ...first, index: 2 }] },
      { members: [first, { ...second, index: 1 }] },
      { members: [second, first] },
      {
        members: [
          { ...first, index: 0 },
          { ...second, index: 1 },
        ],
      },
      { members: Array.from({ length: 33 }, (_, at) => ({ index: at + 1, name: 'x', card: Uint8Array.of(at) })) },
      { self: 4 },
      { self: 0 },
    ]) {
      expect(await create(wrong), JSON.stringify(wrong)).toBe('usage/invalid-argument')
    }
    expect(world.sessions.rooms.size).toBe(0)
  })
})

describe('sign', () => {
  it('refuses participants who are none, and messages that are none', async () => {
    const world = await worldOf()
    const key = await world.create('ecdsa-secp256k1')
    const [one] = world.devices as [Device]
    const attempt = (changes: object) =>
      codeOf(sign(one.party, { keyId: key.id, participants: [1, 2], message: new Uint8Array(32), ...changes }, world.invite()))
    for (const participants of [[], [1], [2, 3], [1, 1], [1, 4], [0, 1], [1, 2, 3]]) {
      expect(await attempt({ participants }), participants.join()).toBe('usage/invalid-argument')
    }
    expect(await attempt({ message: hello })).toBe('usage/invalid-argument')
    expect(await attempt({ keyId: '00'.repeat(32) })).toBe('mpc/unknown-key')
  })

  it('gives up at the deadline, before it and after it began, and is done with everything it opened', async () => {
    const world = await worldOf()
    const key = await world.create()
    const [one] = world.devices as [Device]
    const late = sign(
      one.party,
      { keyId: key.id, participants: [1, 2], message: hello },
      { invitation: { ...world.invite().invitation, deadlineMs: world.clock.nowMs() } },
    )
    expect(await codeOf(late)).toBe('mpc/deadline')
    const waiting = sign(
      one.party,
      { keyId: key.id, participants: [1, 2], message: hello },
      { invitation: { ...world.invite().invitation, deadlineMs: world.clock.nowMs() + 1_000 } },
    )
    const ended = codeOf(waiting)
    for (let turn = 0; turn < 200 && world.clock.sleeperCount === 0; turn++) await new Promise((resolve) => setImmediate(resolve))
    await world.clock.advance(6_000)
    expect(await ended).toBe('mpc/deadline')
    expect(world.clock.sleeperCount).toBe(0)
    expect((await signTogether(world, key, [1, 2])).length).toBe(2)
    expect(world.clock.sleeperCount).toBe(0)
  })

  it('never returns a signature that does not verify', async () => {
    const world = await worldOf()
    const key = await world.create()
    const [one, two] = world.devices as [Device, Device]
    const deadline = world.invite()
    const other = sign(two.party, { keyId: key.id, participants: [1, 2], message: hello }, deadline)
    const { openMpc } = one.party
    const lying: Device['party'] = {
      ...one.party,
      openMpc: async (options) => {
        const core = await openMpc(options)
        return {
          ...core,
          call: async (op, payload, callOptions) => {
            const answer = await core.call(op, payload, callOptions)
            if (op === OP_ADVANCE) answer[10] = (answer[10] as number) ^ 1
            return answer
          },
        }
      },
    }
    expect(await codeOf(sign(lying, { keyId: key.id, participants: [1, 2], message: hello }, deadline))).toBe('mpc/invalid-signature')
    expect(await codeOf(other)).toBe('no error')
  })

  it('rejects with the reason of an abort at every turn of the event loop, and leaves nothing open', async () => {
    const world = await worldOf()
    const key = await world.create()
    const [one] = world.devices as [Device]
    let isDone = false
    for (let turns = 0; !isDone; turns++) {
      const abort = new AbortController()
      const reason = new Error(`enough ${turns}`)
      const deadline = world.invite()
      const [alone, other] = [1, 2].map((index) =>
        sign(
          (world.devices[index - 1] as Device).party,
          { keyId: key.id, participants: [1, 2], message: hello },
          { ...deadline, signal: abort.signal },
        ).then(
          () => 'done',
          (error: unknown) => (error === reason ? 'aborted' : error),
        ),
      ) as [Promise<unknown>, Promise<unknown>]
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
      abort.abort(reason)
      const outcomes = await Promise.all([alone, other])
      for (const outcome of outcomes) expect(['done', 'aborted'], `after ${turns} turns: ${String(outcome)}`).toContain(outcome)
      isDone = outcomes.every((outcome) => outcome === 'done')
      expect(world.clock.sleeperCount).toBe(0)
    }
    expect(one.party.shares.keys().length).toBe(1)
  })

  it('runs a hundred at once, each with its own result', async () => {
    const world = await worldOf()
    const key = await world.create()
    const messages = Array.from({ length: 100 }, (_, at) => utf8(`message ${at}`))
    const signatures = await Promise.all(messages.map((message) => signTogether(world, key, [1, 2], message)))
    expect(new Set(signatures.flat().map((signature) => Buffer.from(signature).toString('hex'))).size).toBe(100)
    expect(world.clock.sleeperCount).toBe(0)
  })
})

describe('a ban', () => {
  const failure = (party: number) => new LocketError('mpc/banned', { operation: 'mpc.call', details: { party, round: 2, coreCode: 40 } })

  it('is on disk before its error is out, and holds in every verb, process and copy until the party is gone', async () => {
    const trials = Number(process.env['BAN_TRIALS'] ?? 50)
    for (let trial = 0; trial < trials; trial++) {
      const world = await worldOf()
      const key = await world.create()
      const [one, two, three] = world.devices as [Device, Device, Device]
      const copy = await one.disk.snapshot()
      one.plan = ({ op }) => (op === OP_ADVANCE ? failure(2) : undefined)
      const deadline = world.invite()
      const other = codeOf(sign(two.party, { keyId: key.id, participants: [1, 2], message: hello }, deadline))
      const error = await errorOf(sign(one.party, { keyId: key.id, participants: [1, 2], message: hello }, deadline))
      expect(error.code).toBe('mpc/banned')
      expect(await other).toBe('no error')
      one.plan = () => undefined
      await one.reopen()
      const again = () => codeOf(sign(one.party, { keyId: key.id, participants: [1, 2], message: hello }, world.invite()))
      expect(await again()).toBe('mpc/banned')
      expect(await codeOf(refreshKey(one.party, { keyId: key.id }, world.invite()))).toBe('mpc/banned')
      expect(await codeOf(settleKey(one.party, { keyId: key.id, participants: [1, 2] }, world.invite()))).toBe('mpc/banned')
      const plan = planReshare(key, { dealers: [1, 2] })
      expect(await codeOf(reshareKey(one.party, { plan, card: one.card }, world.invite()))).toBe('mpc/banned')
      expect((await signTogether(world, key, [1, 3])).length).toBe(2)
      if (trial % 2 === 0) {
        // The way back: a new epoch of one and three, with another device in the banned one's place.
        const four = await world.deviceOf('another phone')
        const members = [one, four, three].map(({ name, card }) => ({ name, card }))
        const without = planReshare(key, { dealers: [1, 3], members })
        const last = world.invite()
        const keys = await Promise.all([one, three, four].map(({ party, card }) => reshareKey(party, { plan: without, card }, last)))
        expect(keys[0]).toMatchObject({ epoch: 1, id: key.id })
        world.devices[1] = four
        expect((await signTogether(world, key, [1, 2])).length).toBe(2)
      } else {
        one.disk = copy
        await one.reopen()
        expect(await again()).toBe('mpc/rolled-back')
      }
    }
  })

  it('does not follow from a message that was lost or could not be read', async () => {
    const world = await worldOf()
    const key = await world.create()
    const [one] = world.devices as [Device]
    one.plan = ({ op }) => (op === OP_ADVANCE ? new LocketError('mpc/disagreement', { operation: 'x', details: { party: 2 } }) : undefined)
    const deadline = world.invite()
    const both = [1, 2].map((index) =>
      codeOf(sign((world.devices[index - 1] as Device).party, { keyId: key.id, participants: [1, 2], message: hello }, deadline)),
    )
    expect(await both[0]).toBe('mpc/disagreement')
    await both[1]
    one.plan = () => undefined
    expect(one.party.shares.record(key.id).bans).toEqual([])
    expect((await signTogether(world, key, [1, 2])).length).toBe(2)
  })
})

describe('refreshKey and reshareKey', () => {
  it('replaces every share and keeps the key', async () => {
    const world = await worldOf()
    const key = await world.create()
    expect(await refreshAll(world, key)).toMatchObject([1, 2, 3].map((self) => ({ id: key.id, epoch: 1, self })))
    expect((await signTogether(world, key, [2, 3])).length).toBe(2)
  })

  it('gives a lost share back, and lets somebody leave, with nothing left behind', async () => {
    const world = await worldOf()
    const key = await world.create()
    const [one, , three] = world.devices as [Device, Device, Device]
    const replacement = await world.deviceOf('new phone')
    const members = [one, replacement, three].map(({ name, card }) => ({ name, card }))
    const plan = planReshare(key, { dealers: [1, 3], members })
    let deadline = world.invite()
    await Promise.all([one, replacement, three].map(({ party, card }) => reshareKey(party, { plan, card }, deadline)))
    world.devices[1] = replacement
    expect((await signTogether(world, key, [1, 2])).length).toBe(2)
    // Now 2 of 2, without the drawer.
    const [now] = one.party.shares.keys() as [ThresholdKey]
    const smaller = planReshare(now, { dealers: [2, 3], members: [replacement, one].map(({ name, card }) => ({ name, card })) })
    deadline = world.invite()
    const outcomes = await Promise.all(
      [one, replacement, three].map(({ party, card }) => reshareKey(party, { plan: smaller, card }, deadline)),
    )
    expect(outcomes.slice(0, 2)).toMatchObject([
      { self: 2, epoch: 2 },
      { self: 1, epoch: 2 },
    ])
    expect(outcomes[2]).toBeUndefined()
    expect(three.party.shares.keys()).toEqual([])
    expect((await three.disk.keys()).filter((name) => name.startsWith('mpc/'))).toEqual([])
  })

  it('refuses plans that are none', async () => {
    const world = await worldOf()
    const key = await world.create()
    const [one] = world.devices as [Device]
    for (const changes of [
      { dealers: [1] },
      { dealers: [1, 1] },
      { dealers: [1, 4] },
      { dealers: [1, 2, 3] },
      { dealers: [1, 2], threshold: 4 },
    ]) {
      expect(() => planReshare(key, changes), JSON.stringify(changes)).toThrow(/usage\/invalid-argument/)
    }
    const plan = planReshare(key, { dealers: [1, 2] })
    expect(await codeOf(reshareKey(one.party, { plan, card: utf8('a stranger') }, world.invite()))).toBe('usage/invalid-argument')
    expect(await codeOf(reshareKey(one.party, { plan: { ...plan, epoch: 5 }, card: one.card }, world.invite()))).toBe('mpc/unsettled')
  })
})

describe('dangerouslyImportKey and dangerouslyExportKey', () => {
  it('take a key in and give it out again, to the one who is to have it', async () => {
    const world = await worldOf()
    const secretKey = new Uint8Array(32).fill(9)
    const members = world.members()
    let deadline = world.invite()
    const request = { suite: 'frost-ed25519' as const, threshold: 2, members, dealer: 2, form: 'ed25519-seed' as const }
    const keys = await Promise.all(
      world.devices.map(({ party }, at) =>
        dangerouslyImportKey(party, { ...request, self: at + 1, secretKey: at === 1 ? secretKey : undefined }, deadline),
      ),
    )
    const key = keys[0] as ThresholdKey
    expect((await signTogether(world, key, [1, 3])).length).toBe(2)
    deadline = world.invite()
    const out = [1, 3].map((index) =>
      dangerouslyExportKey((world.devices[index - 1] as Device).party, { keyId: key.id, participants: [1, 3], receiver: 3 }, deadline),
    )
    expect(await Promise.all(out)).toEqual([undefined, secretKey])
    const [one] = world.devices as [Device]
    expect(await codeOf(dangerouslyImportKey(one.party, { ...request, self: 1, secretKey }, world.invite()))).toBe('usage/invalid-argument')
    expect(await codeOf(dangerouslyImportKey(one.party, { ...request, self: 4 }, world.invite()))).toBe('usage/invalid-argument')
    expect(await codeOf(dangerouslyImportKey(one.party, { ...request, dealer: 4, self: 1 }, world.invite()))).toBe('usage/invalid-argument')
    expect(await codeOf(dangerouslyExportKey(one.party, { keyId: key.id, participants: [1, 3], receiver: 2 }, world.invite()))).toBe(
      'usage/invalid-argument',
    )
  })
})
