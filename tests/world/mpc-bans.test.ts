import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { expect, it } from 'vitest'
import type { CeremonyOptions, Party } from '../../src/mpc/flow.ts'
import { dangerouslyExportKey } from '../../src/mpc/export-key.ts'
import { presign } from '../../src/mpc/presign.ts'
import { refreshKey } from '../../src/mpc/refresh-key.ts'
import { planReshare, reshareKey } from '../../src/mpc/reshare-key.ts'
import { settleKey } from '../../src/mpc/settle-key.ts'
import { sign } from '../../src/mpc/sign.ts'
import { openDualStore } from '../../src/store/dual.ts'
import { openIdbStore } from '../../src/store/idb.ts'
import { createLeakWatch } from '../helpers/mpc/leak-watch.ts'
import { codeOf, errorOf } from '../helpers/code-of.ts'
import { createCoreWorld } from '../helpers/mpc/core-world.ts'
import type { Device } from '../helpers/mpc/toy-world.ts'
import { journalDisks, openOn } from '../helpers/store.ts'

const RUNS = Number(process.env['MPC_BAN_RUNS'] ?? 50)
/** What happens to the victim's two places between the conviction and the next try. */
const AFTER = ['a reload', 'a kill', 'IndexedDB wiped', 'the journal wiped'] as const
const message = new Uint8Array(32).fill(4)

/** IndexedDB, simulated, and a journal in two files, as a device has them. */
function createPlaces() {
  let idb = new IDBFactory()
  let disks = journalDisks()
  return {
    async open() {
      return openDualStore({ primary: await openIdbStore({ name: 'shares', idb, keyRange: IDBKeyRange }), journal: await openOn(disks) })
    },
    wipe(which: 'primary' | 'journal') {
      if (which === 'primary') idb = new IDBFactory()
      else disks = journalDisks()
    },
  }
}

it(`keeps ${RUNS} convicted parties out, whatever becomes of one of the two places where that is written`, async () => {
  const leaks = createLeakWatch()
  for (let run = 0; run < RUNS; run++) {
    const after = AFTER[run % AFTER.length] as (typeof AFTER)[number]
    // Each index in turn, the first included.
    const attacker = 1 + (run % 3)
    const [victim, third] = [1, 2, 3].filter((index) => index !== attacker) as [number, number]
    const where = `run ${run}: party ${attacker}, ${after}`
    let opened = 0
    const world = await createCoreWorld(['agent', 'person', 'recovery'], (real) => (options) => {
      opened++
      return real(options)
    })
    const device = world.devices[victim - 1] as Device
    const places = createPlaces()
    let store = await places.open()
    await device.reopen(() => store)
    const key = await world.create('ecdsa-secp256k1')

    // The extension's check value, with one bit changed: an authentic message no honest party sends.
    world.tap = ({ from, to, outgoing }) => {
      const direct = outgoing.direct.get(to)
      if (from !== attacker || outgoing.round !== 2 || direct === undefined) return undefined
      const at = 32 + 10_240 + (run % 16)
      return { broadcast: outgoing.broadcast, direct: direct.with(at, (direct[at] as number) ^ 1) }
    }
    const pair = [attacker, victim].toSorted((a, b) => a - b)
    let options = world.invite()
    const abort = new AbortController()
    const cheating = codeOf(
      sign(
        (world.devices[attacker - 1] as Device).party,
        { keyId: key.id, participants: pair, message },
        { ...options, signal: abort.signal },
      ),
    )
    const error = await errorOf(sign(device.party, { keyId: key.id, participants: pair, message }, options))
    abort.abort(new Error('it is over'))
    await cheating
    world.tap = undefined
    expect([error.code, error.details['party'], error.details['coreCode']], where).toEqual(['mpc/banned', attacker, 40])
    leaks.error(error)

    if (after !== 'a kill') await device.party.shares.close()
    if (after === 'IndexedDB wiped') places.wipe('primary')
    if (after === 'the journal wiped') places.wipe('journal')
    store = await places.open()
    await device.reopen(() => store)

    const { party, card } = device
    const { bans } = party.shares.record(key.id)
    expect(
      bans.map((ban) => ban.party),
      where,
    ).toEqual([attacker])
    const plan = planReshare(key, { dealers: pair })
    const verbs: Readonly<Record<string, (given: Party, options: CeremonyOptions) => Promise<unknown>>> = {
      sign: (given, with_) => sign(given, { keyId: key.id, participants: pair, message }, with_),
      presign: (given, with_) => presign(given, { keyId: key.id, participants: pair, count: 1 }, with_),
      refresh: (given, with_) => refreshKey(given, { keyId: key.id }, with_),
      reshare: (given, with_) => reshareKey(given, { plan, card }, with_),
      settle: (given, with_) => settleKey(given, { keyId: key.id, participants: pair }, with_),
      export: (given, with_) => dangerouslyExportKey(given, { keyId: key.id, participants: pair, receiver: attacker }, with_),
    }
    const before = opened
    for (const [name, verb] of Object.entries(verbs)) {
      const refusal = await errorOf(verb(party, world.invite()))
      expect([refusal.code, refusal.details['party']], `${where}: ${name}`).toEqual(['mpc/banned', attacker])
    }
    // Refused before anybody was called and before any cryptography.
    expect(opened, where).toBe(before)
    options = world.invite()
    const honest = [victim, third].toSorted((a, b) => a - b)
    const signing = honest.map((index) =>
      codeOf(sign((world.devices[index - 1] as Device).party, { keyId: key.id, participants: honest, message }, options)),
    )
    expect(await Promise.all(signing), where).toEqual(['no error', 'no error'])
    await leaks.check(
      [(await party.shares.share(key.id)).slice(-32)],
      world.devices.map(({ disk }) => disk),
    )
    await party.shares.close()
  }
}, 300_000)
