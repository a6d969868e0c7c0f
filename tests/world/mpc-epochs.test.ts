import { expect, it } from 'vitest'
import { LocketError } from '../../src/core/errors.ts'
import type { CeremonyOptions, Party } from '../../src/mpc/flow.ts'
import { refreshKey } from '../../src/mpc/refresh-key.ts'
import { planReshare, reshareKey } from '../../src/mpc/reshare-key.ts'
import { settleKey, type SettleOutcome } from '../../src/mpc/settle-key.ts'
import { sign } from '../../src/mpc/sign.ts'
import type { ThresholdKey } from '../../src/mpc/types.ts'
import { withFaults } from '../../src/testkit/faults/with-faults.ts'
import { codeOf } from '../helpers/code-of.ts'
import { createToyWorld, hello, type Device } from '../helpers/mpc/toy-world.ts'

type World = Awaited<ReturnType<typeof createToyWorld>>
type Change = (party: Party, card: Uint8Array, options: CeremonyOptions) => Promise<unknown>

const crash = () => new LocketError('store/unavailable', { operation: 'the power went' })
const changes: Readonly<Record<string, (key: ThresholdKey) => Change>> = {
  refresh: (key) => (party, _card, options) => refreshKey(party, { keyId: key.id }, options),
  reshare: (key) => {
    const plan = planReshare(key, { dealers: [1, 2] })
    return (party, card, options) => reshareKey(party, { plan, card }, options)
  },
}

async function settleAll(world: World, key: ThresholdKey, participants: readonly number[]): Promise<readonly SettleOutcome[]> {
  const deadline = world.invite()
  return Promise.all(
    participants.map((index) => settleKey((world.devices[index - 1] as Device).party, { keyId: key.id, participants }, deadline)),
  )
}

async function signs(world: World, key: ThresholdKey, participants: readonly number[]): Promise<string[]> {
  const deadline = world.invite()
  const parties = participants.map((index) => (world.devices[index - 1] as Device).party)
  return Promise.all(parties.map((party) => codeOf(sign(party, { keyId: key.id, participants, message: hello }, deadline))))
}

/** Crashes the first device at one store call of a change of epoch; the others give up. Returns whether there was such a call. */
async function crashAt(world: World, change: Change, at: number, when: 'before' | 'after'): Promise<boolean> {
  const [victim] = world.devices as [Device]
  // Its opening is the business of another test.
  let isArmed = false
  let calls = 0
  await victim.reopen((store) =>
    withFaults(store, () => {
      if (!isArmed || calls++ < at) return undefined
      return { when: calls - 1 === at ? when : 'before', error: crash() }
    }),
  )
  isArmed = true
  const abort = new AbortController()
  const options = { ...world.invite(), signal: abort.signal }
  const running = world.devices.map(({ party, card }) => change(party, card, options))
  const dying = running[0]?.catch(() => abort.abort(new Error('the other is gone')))
  await Promise.allSettled([...running, dying])
  await victim.reopen()
  return calls > at
}

it.each(Object.entries(changes))('a crash at any store call of a %s leaves one epoch, which all find', async (_name, makeChange) => {
  let trials = 0
  const ends = new Set<string>()
  for (let at = 0, isOver = false; !isOver; at++) {
    for (const when of ['before', 'after'] as const) {
      const world = await createToyWorld(['agent', 'person', 'recovery'])
      const key = await world.create()
      const where = `call ${at}, ${when}`
      isOver = !(await crashAt(world, makeChange(key), at, when))
      if (isOver) break
      trials++
      // Two of them may not know. They go on with what they share, or say that they must settle first.
      const epochs = world.devices.map(({ party }) => party.shares.record(key.id).current?.epoch)
      for (const epoch of epochs) expect([0, 1], where).toContain(epoch)
      const outcomes = await settleAll(world, key, [1, 2, 3])
      const after = world.devices.map(({ party }) => party.shares.record(key.id))
      expect(new Set(after.map(({ current }) => current?.epoch)).size, where).toBe(1)
      expect(
        after.every(({ next }) => next === undefined),
        where,
      ).toBe(true)
      for (const pair of [
        [1, 2],
        [1, 3],
        [2, 3],
      ])
        expect(await signs(world, key, pair), where).toEqual(['no error', 'no error'])
      for (const { disk } of world.devices) {
        expect((await disk.keys()).filter((name) => name.startsWith('mpc/share/')).length, where).toBe(1)
      }
      ends.add(outcomes.map(({ outcome, epoch }) => `${outcome} ${epoch}`).join(', '))
    }
  }
  expect(trials).toBeGreaterThan(7)
  // The sweep met crashes before and after the point of no return.
  expect([...ends].some((end) => end.includes('1')) && [...ends].some((end) => end.includes('0'))).toBe(true)
})
