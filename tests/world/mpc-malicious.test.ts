import { describe, expect, it } from 'vitest'
import { copyBytes, type Bytes } from '../../src/core/bytes.ts'
import { isLocketError } from '../../src/core/errors.ts'
import { createKey } from '../../src/mpc/create-key.ts'
import { dangerouslyExportKey } from '../../src/mpc/export-key.ts'
import type { CeremonyOptions, Party } from '../../src/mpc/flow.ts'
import { presign, signWithPresignature } from '../../src/mpc/presign.ts'
import { refreshKey } from '../../src/mpc/refresh-key.ts'
import { sign } from '../../src/mpc/sign.ts'
import type { Suite } from '../../src/mpc/types.ts'
import { createCoreWorld, type CoreWorld } from '../helpers/mpc/core-world.ts'
import { FIELDS, isChanged, mutationsOf, type Field, type Material, type Mutation } from '../helpers/mpc/hostile-fields.ts'
import type { Tap } from '../helpers/mpc/toy-sessions.ts'
import { type Device } from '../helpers/mpc/toy-world.ts'
import { createLeakWatch } from '../helpers/mpc/leak-watch.ts'

// The core, the host and the share stores are the real ones. The sessions are stand-ins, for what this is about is a
// party whose messages are authentic.

const ATTACKER = 2
const VICTIM = 1
const digest = new Uint8Array(32).fill(9)

type Verb = (party: Party, options: CeremonyOptions, self: number) => Promise<unknown>
type Run = { readonly world: CoreWorld; readonly suite: Suite; readonly keyId: string; readonly presignatureId: string }

const participants = [1, 2]
const VERBS: Readonly<Record<string, (run: Run) => Verb>> = {
  create:
    ({ world, suite }) =>
    (party, options, self) =>
      createKey(party, { suite, threshold: 2, members: world.members(), self }, options),
  sign:
    ({ keyId }) =>
    (party, options) =>
      sign(party, { keyId, participants, message: digest }, options),
  refresh:
    ({ keyId }) =>
    (party, options) =>
      refreshKey(party, { keyId }, options),
  export:
    ({ keyId }) =>
    (party, options) =>
      dangerouslyExportKey(party, { keyId, participants, receiver: VICTIM }, options),
  presign:
    ({ keyId }) =>
    // With its use: what is wrong with `psi` shows in the signature alone.
    async (party, options) => {
      const [presignatureId] = await presign(party, { keyId, participants, count: 1 }, options)
      const { ceremonyId } = options.invitation
      const invitation = { ...options.invitation, ceremonyId: `${ceremonyId.slice(2)}00` }
      return signWithPresignature(
        party,
        { keyId, participants, message: digest, presignatureId: presignatureId as string },
        { ...options, invitation },
      )
    },
  finish:
    ({ keyId, presignatureId }) =>
    (party, options) =>
      signWithPresignature(party, { keyId, participants, message: digest, presignatureId }, options),
}

/** Rounds of the session before the core's first: with a key, everybody shows how it stands. */
const roundsBefore = (verb: string) => (verb === 'create' ? 0 : 1)

async function openRun(suite: Suite, verb: string): Promise<{ run: Run; restore: () => Promise<void> }> {
  const world = await createCoreWorld(['agent', 'person'])
  if (verb === 'create') return { run: { world, suite, keyId: '', presignatureId: '' }, restore: async () => undefined }
  const key = await world.create(suite)
  let presignatureId = ''
  if (verb === 'finish') {
    const options = world.invite()
    const made = world.devices.map(({ party }) => presign(party, { keyId: key.id, participants, count: 1 }, options))
    presignatureId = (await Promise.all(made))[0]?.[0] as string
  }
  const copies = await Promise.all(
    world.devices.map(async ({ disk, anchor }) => ({ disk: await disk.snapshot(), anchor: await anchor.snapshot() })),
  )
  const restore = async () => {
    for (const [at, device] of world.devices.entries()) {
      device.disk = await (copies[at] as Device).disk.snapshot()
      device.anchor = await (copies[at] as Device).anchor.snapshot()
      await device.reopen()
    }
  }
  return { run: { world, suite, keyId: key.id, presignatureId }, restore }
}

/** What both end with, and what was said, when the attacker's messages go through `tap`. */
async function attempt({ world }: Run, protocol: string, verb: Verb, tap: Tap) {
  const said = new Map<string, Bytes>()
  world.tap = (message) => {
    const { from, to, outgoing, setup } = message
    if (setup.protocol !== protocol) return undefined
    const altered = from === ATTACKER ? tap(message) : undefined
    said.set(`${from}/${outgoing.round}/broadcast`, copyBytes(outgoing.broadcast))
    said.set(`${from}/${outgoing.round}/direct`, copyBytes(outgoing.direct.get(to) ?? new Uint8Array()))
    return altered
  }
  const options = world.invite()
  const abort = new AbortController()
  const all = world.devices.map(({ party }, at) =>
    verb(party, { ...options, signal: at + 1 === ATTACKER ? abort.signal : undefined }, at + 1),
  )
  const victim = (all[VICTIM - 1] as Promise<unknown>).then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ value: undefined, error }),
  )
  const attacker = (all[ATTACKER - 1] as Promise<unknown>).catch(() => undefined)
  const end = await victim
  // An honest party that waits for the victim would wait for its deadline.
  abort.abort(new Error('the victim is gone'))
  await attacker
  world.tap = undefined
  return { ...end, said }
}

const alter =
  (field: Field, mutation: Mutation, before: number): Tap =>
  ({ to, outgoing }) => {
    if (outgoing.round !== field.round + before) return undefined
    const message = { broadcast: outgoing.broadcast, direct: outgoing.direct.get(to) ?? new Uint8Array() }
    return { ...message, [field.part]: mutation.change(message[field.part]) }
  }

describe.each(Object.entries(FIELDS))('a malicious co-signer in %s', (name, fields) => {
  const TIMES = Number(process.env['MPC_MUTATIONS'] ?? (name.startsWith('ecdsa') ? 8 : 20))
  const [suite, verbName] = name.split(' ') as [Suite, string]
  const before = roundsBefore(verbName)

  it(`is found out in each of ${fields.length} fields, by no wrong name, with nothing given out`, async () => {
    const leaks = createLeakWatch()
    const { run, restore } = await openRun(suite, verbName)
    const verb = (VERBS[verbName] as (run: Run) => Verb)(run)
    const other = await openRun(suite, verbName)
    const foreign = (await attempt(other.run, verbName, (VERBS[verbName] as (run: Run) => Verb)(other.run), () => undefined)).said
    const honest = await attempt(run, verbName, verb, () => undefined)
    expect(honest.error).toBeUndefined()
    await restore()
    // The layout is the whole message: nothing of it is left out.
    for (const { round, part } of fields) {
      const length = fields.filter((field) => field.round === round && field.part === part).reduce((sum, field) => sum + field.length, 0)
      expect(honest.said.get(`${ATTACKER}/${round + before}/${part}`)?.length, `${part} of round ${round}`).toBe(length)
    }
    const secrets: Bytes[] = []
    if (verbName !== 'create') for (const { party } of run.world.devices) secrets.push((await party.shares.share(run.keyId)).slice(-32))

    let trials = 0
    const codes = new Map<string, number>()
    for (const field of fields) {
      const key = `${field.round + before}/${field.part}`
      // A function of what was kept: an earlier run said the same, and of the old public half everybody does.
      const isKept = ['export', 'finish'].includes(verbName) || (verbName === 'refresh' && ['old public half', 'A0'].includes(field.name))
      const material: Material = {
        stale: isKept ? undefined : honest.said.get(`${ATTACKER}/${key}`),
        foreign: foreign.get(`${ATTACKER}/${key}`),
        echo: field.name === 'old public half' ? undefined : honest.said.get(`${VICTIM}/${key}`),
      }
      for (const mutation of mutationsOf(suite, field, material, `${name} ${field.name}`, TIMES)) {
        const where = `${field.part} of round ${field.round}, ${field.name}: ${mutation.name}`
        let isApplied = false
        const { value, error } = await attempt(run, verbName, verb, (message) => {
          if (message.outgoing.round !== field.round + before) return undefined
          const original = field.part === 'broadcast' ? message.outgoing.broadcast : (message.outgoing.direct.get(message.to) as Bytes)
          isApplied = isChanged(mutation, original)
          return alter(field, mutation, before)(message)
        })
        expect(isApplied, where).toBe(true)
        expect(value, where).toBeUndefined()
        expect(isLocketError(error), `${where}: ${String(error)}`).toBe(true)
        const { code, details } = error as { code: string; details: { party?: number } }
        expect(['mpc/banned', 'mpc/misbehaved', 'mpc/disagreement', 'mpc/invalid-signature'], `${where}: ${code}`).toContain(code)
        // A name, where there is one, is the right one; and what convicts always has one.
        if (code === 'mpc/banned' || code === 'mpc/misbehaved') expect(details.party, where).toBe(ATTACKER)
        else expect([undefined, ATTACKER], where).toContain(details.party)
        codes.set(code, (codes.get(code) ?? 0) + 1)
        leaks.error(error)
        trials++
        const [victim] = run.world.devices as [Device]
        if (verbName === 'create') expect(victim.party.shares.records().length, where).toBe(1)
        else {
          const { current, next, bans } = victim.party.shares.record(run.keyId)
          expect([current?.epoch, next, bans.length], where).toEqual([0, undefined, code === 'mpc/banned' ? 1 : 0])
          if (code === 'mpc/banned' || verbName === 'finish' || verbName === 'presign') await restore()
        }
      }
    }
    console.info(`${name}: ${trials} mutations of ${fields.length} fields, ${JSON.stringify([...codes])}`)
    // Only the use of correlations convicts for good: what fails before there is a key, or while it is replaced, leaves nothing to protect.
    if (!['sign', 'presign'].includes(verbName)) expect(codes.has('mpc/banned')).toBe(false)
    expect(trials).toBeGreaterThanOrEqual(fields.length * TIMES)
    if (secrets.length > 0)
      await leaks.check(
        secrets,
        run.world.devices.map(({ disk }) => disk),
      )
  }, 600_000)

  it('may fall silent in any round: it is waited for until the deadline, and everything is as before', async () => {
    const { run } = await openRun(suite, verbName)
    const verb = (VERBS[verbName] as (run: Run) => Verb)(run)
    const last = Math.max(...fields.map(({ round }) => round)) + before
    for (let silent = 1; silent <= last; silent++) {
      const options = run.world.invite(60_000)
      run.world.tap = ({ from, outgoing }) => (from === ATTACKER && outgoing.round >= silent ? 'lost' : undefined)
      let ended = 0
      const all = run.world.devices.map(({ party }, at) =>
        verb(party, options, at + 1)
          .then(String, (error: { code: string }) => error.code)
          .finally(() => ended++),
      )
      // Computing takes no time by the clock.
      for (let turn = 0; ended === 0 && turn < 200; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
      await run.world.clock.advance(66_000)
      expect((await Promise.all(all))[VICTIM - 1], `silent from round ${silent}`).toBe('mpc/deadline')
      expect(run.world.clock.sleeperCount).toBe(0)
      if (verbName === 'finish') break
    }
    run.world.tap = undefined
  })
})
