import { expect, it } from 'vitest'
import { presign } from '../../src/mpc/presign.ts'
import { refreshKey } from '../../src/mpc/refresh-key.ts'
import { planReshare, reshareKey } from '../../src/mpc/reshare-key.ts'
import { sign } from '../../src/mpc/sign.ts'
import { codeOf } from '../helpers/code-of.ts'
import { createCoreWorld } from '../helpers/mpc/core-world.ts'
import { createLeakWatch } from '../helpers/mpc/leak-watch.ts'
import type { Device } from '../helpers/mpc/toy-world.ts'

const RUNS = Number(process.env['MPC_ROLLBACKS'] ?? 40)
const message = new Uint8Array(32).fill(6)

/** What the device did since the copy was made, which the copy does not know. */
const SINCE = ['a refresh', 'two refreshes', 'a ban', 'a signature'] as const

it(`refuses to sign from ${RUNS} older copies of a device, and comes back by a resharing`, async () => {
  const leaks = createLeakWatch()
  for (let run = 0; run < RUNS; run++) {
    const since = SINCE[run % SINCE.length] as (typeof SINCE)[number]
    const suite = run % 2 === 0 ? 'frost-ed25519' : run % 8 === 7 ? 'ecdsa-secp256k1' : 'frost-taproot'
    const index = 1 + (run % 3)
    const isAnchorKept = run % 5 !== 0
    const where = `run ${run}: ${since}, ${suite}, party ${index}, ${isAnchorKept ? 'with' : 'without'} its anchor`
    const world = await createCoreWorld(['agent', 'person', 'recovery'])
    const all = [1, 2, 3]
    const partyAt = (at: number) => (world.devices[at - 1] as Device).party
    const device = world.devices[index - 1] as Device
    const key = await world.create(suite)
    const [other, third] = all.filter((at) => at !== index) as [number, number]
    const pair = [index, other].toSorted((a, b) => a - b)
    const together = async (who: readonly number[], timeoutMs?: number) => {
      const options = world.invite(timeoutMs)
      return Promise.all(who.map((at) => codeOf(sign(partyAt(at), { keyId: key.id, participants: who, message }, options))))
    }
    expect(await together(pair), where).toEqual(['no error', 'no error'])

    const copy = { disk: await device.disk.snapshot(), anchor: await device.anchor.snapshot() }
    for (let times = since === 'two refreshes' ? 2 : since === 'a refresh' ? 1 : 0; times > 0; times--) {
      const options = world.invite()
      await Promise.all(all.map((at) => refreshKey(partyAt(at), { keyId: key.id }, options)))
    }
    if (since === 'a ban') await device.party.shares.ban(key.id, world.members()[third - 1] as never)
    // Whom it met since remembers it.
    if (since === 'a signature' || since === 'a ban') expect(await together(pair), where).toEqual(['no error', 'no error'])
    const epoch = partyAt(other).shares.record(key.id).current?.epoch as number

    device.disk = copy.disk
    if (!isAnchorKept) device.anchor = copy.anchor
    await device.reopen()
    let sent = 0
    world.tap = ({ from, outgoing }) => {
      // The first round shows standings and needs no share.
      if (from === index && outgoing.round > 1) sent++
      return undefined
    }
    const signatures = [pair, [index, third].toSorted((a, b) => a - b)]
    for (const who of signatures) {
      const deadline = together(who, 60_000)
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
      await world.clock.advance(66_000)
      const code = (await deadline)[who.indexOf(index)]
      // Without an anchor, members at different epochs do not even meet; at the same one, who has seen more says so.
      if (isAnchorKept) expect(code, where).toBe('mpc/rolled-back')
      else if (who === signatures[0] || epoch > 0) expect(['mpc/rolled-back', 'mpc/deadline'], `${where}: ${code}`).toContain(code)
    }
    if (isAnchorKept || epoch > 0) expect(sent, where).toBe(0)
    if (isAnchorKept && suite === 'ecdsa-secp256k1') {
      expect(await codeOf(presign(device.party, { keyId: key.id, participants: pair, count: 1 }, world.invite())), where).toBe(
        'mpc/rolled-back',
      )
    }
    world.tap = undefined
    const share = (await partyAt(other).shares.share(key.id)).slice(-32)
    await leaks.check(
      [share],
      world.devices.flatMap(({ disk, anchor }) => [disk, anchor]),
    )
    if (since === 'a ban') continue
    // The way out: the others move on and bring it along with a new share.
    const plan = planReshare({ ...key, epoch }, { dealers: [other, third].toSorted((a, b) => a - b) })
    const options = world.invite()
    // What the copy has of the key is worth nothing.
    await device.party.shares.forget(key.id)
    const moved = await Promise.all(world.devices.map(({ party, card }) => codeOf(reshareKey(party, { plan, card }, options))))
    expect(moved, where).toEqual(['no error', 'no error', 'no error'])
    expect(await together(pair), where).toEqual(['no error', 'no error'])
    expect(device.party.shares.record(key.id).current?.epoch, where).toBe(epoch + 1)
  }
}, 300_000)
