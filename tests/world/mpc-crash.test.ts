import { expect, it } from 'vitest'
import { isLocketError, LocketError } from '../../src/core/errors.ts'
import { createKey } from '../../src/mpc/create-key.ts'
import type { CeremonyOptions, Party } from '../../src/mpc/flow.ts'
import { presign } from '../../src/mpc/presign.ts'
import { refreshKey } from '../../src/mpc/refresh-key.ts'
import { planReshare, reshareKey } from '../../src/mpc/reshare-key.ts'
import { settleKey } from '../../src/mpc/settle-key.ts'
import { sign } from '../../src/mpc/sign.ts'
import type { Suite, ThresholdKey } from '../../src/mpc/types.ts'
import { verifySignature } from '../../src/mpc/verify-signature.ts'
import { withFaults } from '../../src/testkit/faults/with-faults.ts'
import { createCoreWorld, type CoreWorld } from '../helpers/mpc/core-world.ts'
import type { Device } from '../helpers/mpc/toy-world.ts'

type Verb = (
  key: ThresholdKey | undefined,
  world: CoreWorld,
  suite: Suite,
) => (party: Party, card: Uint8Array, index: number, options: CeremonyOptions) => Promise<unknown>
const message = new Uint8Array(32).fill(2)
const ALL = [1, 2, 3]

const VERBS: Readonly<Record<string, Verb>> = {
  createKey: (_, world, suite) => (party, _card, self, options) =>
    createKey(party, { suite, threshold: 2, members: world.members(), self }, options),
  sign: (key) => async (party, _card, index, options) =>
    index === 3 ? undefined : sign(party, { keyId: idOf(key), participants: [1, 2], message }, options),
  presign: (key) => async (party, _card, index, options) =>
    index === 3 ? undefined : presign(party, { keyId: idOf(key), participants: [1, 2], count: 1 }, options),
  refreshKey: (key) => (party, _card, _index, options) => refreshKey(party, { keyId: idOf(key) }, options),
  reshareKey: (key) => (party, card, _index, options) =>
    reshareKey(party, { plan: planReshare(key as ThresholdKey, { dealers: [1, 2] }), card }, options),
}

function idOf(key: ThresholdKey | undefined): string {
  return (key as ThresholdKey).id
}

const CASES: readonly (readonly [Suite, string])[] = [
  ...['createKey', 'sign', 'refreshKey', 'reshareKey'].map((verb) => ['frost-ed25519', verb] as const),
  ...['createKey', 'sign', 'presign', 'refreshKey', 'reshareKey'].map((verb) => ['ecdsa-secp256k1', verb] as const),
]

it.each(CASES)(
  'a device that dies at any write of its share store in %s %s is at one epoch with the others, and signs',
  async (suite, verbName) => {
    const world = await createCoreWorld(['agent', 'person', 'recovery'])
    const isNew = verbName === 'createKey'
    const key = isNew ? undefined : await world.create(suite)
    const copies = await Promise.all(
      world.devices.map(async ({ disk, anchor }) => ({ disk: await disk.snapshot(), anchor: await anchor.snapshot() })),
    )
    const restore = async () => {
      for (const [at, device] of world.devices.entries()) {
        const { disk, anchor } = copies[at] as Device
        ;[device.disk, device.anchor] = [await disk.snapshot(), await anchor.snapshot()]
        await device.reopen()
      }
    }
    const verb = (VERBS[verbName] as Verb)(key, world, suite)
    const ends = new Map<string, number>()
    let writes = 0
    for (let at = 0, isOver = false; !isOver; at++) {
      for (const when of ['before', 'after'] as const) {
        // The first device of those who take part, and the last.
        for (const victim of [1, 2]) {
          const where = `write ${at}, ${when}, party ${victim}`
          await restore()
          const met = await dieAt(victim, at, when)
          isOver = !met
          if (isOver) break
          writes = at + 1
          const end = await afterwards(where)
          ends.set(end, (ends.get(end) ?? 0) + 1)
        }
        if (isOver) break
      }
    }
    console.info(`${suite} ${verbName}: died at each of ${writes} writes, ${JSON.stringify([...ends])}`)
    expect(writes).toBeGreaterThanOrEqual(2)
    const changesEpoch = !['sign', 'presign'].includes(verbName)
    // Both sides of the point of no return were met.
    expect(ends.size).toBe(changesEpoch ? 2 : 1)

    /** Runs the verb; the victim is gone from its nth write on, and what it had opened is opened anew. */
    async function dieAt(victim: number, at: number, when: 'before' | 'after'): Promise<boolean> {
      const device = world.devices[victim - 1] as Device
      let isArmed = false
      let batches = 0
      await device.reopen((store) =>
        withFaults(store, ({ method }) => {
          if (!isArmed || method === 'get' || method === 'list') return undefined
          const now = batches++
          if (now < at) return undefined
          // Dead is dead: nothing later is written either.
          return { when: now === at ? when : 'before', error: new LocketError('store/unavailable', { operation: 'the power went' }) }
        }),
      )
      isArmed = true
      const abort = new AbortController()
      const options = { ...world.invite(), signal: abort.signal }
      const running = world.devices.map(({ party, card }, place) => verb(party, card, place + 1, options))
      const dying = running[victim - 1]?.catch(() => abort.abort(new Error('the other is gone')))
      await Promise.allSettled([...running, dying])
      isArmed = false
      await device.reopen()
      return batches > at
    }

    async function afterwards(where: string): Promise<string> {
      const records = world.devices.flatMap(({ party }) => party.shares.records())
      const keyId = records[0]?.id
      const holders = ALL.filter((index) => partyAt(index).shares.records().length > 0)
      if (keyId !== undefined && holders.length > 1) {
        // Who has never got to a share of a new key cannot be asked.
        const options = world.invite()
        let isSettled = false
        const settling = Promise.allSettled(
          holders.map((index) => settleKey(partyAt(index), { keyId, participants: holders }, options)),
        ).finally(() => {
          isSettled = true
        })
        // One that drops a key it never gave its word for does not come: the others wait for it until the deadline.
        for (let turn = 0; turn < 100 && !isSettled; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
        await world.clock.advance(700_000)
        await settling
      }
      const epochs = ALL.map((index) => partyAt(index).shares.records()[0]?.current?.epoch)
      expect(new Set(epochs).size, `${where}: ${epochs.join()}`).toBe(1)
      const end = epochs[0] === undefined ? 'no key' : `epoch ${epochs[0]}`
      const whole = epochs[0] === undefined ? await world.create(suite) : (partyAt(1).shares.keys()[0] as ThresholdKey)
      if (key !== undefined) expect([whole.id, whole.publicKey], where).toEqual([key.id, key.publicKey])
      for (const participants of [
        [1, 2],
        [1, 3],
        [2, 3],
      ]) {
        const options = world.invite()
        const request = { keyId: whole.id, participants, message }
        const signed = participants.map((index) => sign(partyAt(index), request, options))
        const [signature] = await Promise.all(signed).catch((error: unknown) => {
          throw isLocketError(error) ? new Error(`${where}: ${error.code}`, { cause: error }) : error
        })
        expect(await verifySignature({ suite, publicKey: whole.publicKey, message, signature: signature as Uint8Array }), where).toBe(true)
      }
      return end
    }

    function partyAt(index: number): Party {
      return (world.devices[index - 1] as Device).party
    }
  },
  300_000,
)
