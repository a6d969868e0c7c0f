import { expect, it } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { LocketError } from '../../src/core/errors.ts'
import type { CeremonyOptions, Party } from '../../src/mpc/flow.ts'
import { presign, signWithPresignature } from '../../src/mpc/presign.ts'
import type { ShareStore } from '../../src/mpc/share-store.ts'
import { sign } from '../../src/mpc/sign.ts'
import type { BlobStore } from '../../src/store/port.ts'
import { withFaults } from '../../src/testkit/faults/with-faults.ts'
import { codeOf } from '../helpers/code-of.ts'
import { createCoreWorld, type CoreWorld } from '../helpers/mpc/core-world.ts'
import { createLeakWatch } from '../helpers/mpc/leak-watch.ts'
import type { Device } from '../helpers/mpc/toy-world.ts'

const RUNS = Number(process.env['MPC_REDRIVES'] ?? 200)
const participants = [1, 2]

/** Outside of both devices: every message, by what in it must never come twice. */
function createWitness(world: CoreWorld, protocol: string, onShown: () => void = () => undefined) {
  const seen = new Map<string, Set<string>>()
  world.tap = ({ from, outgoing, setup }) => {
    // Round 1 of the session shows standings; a broadcast of the core's first round begins with 32 bytes of context.
    if (from === 1 && setup.protocol === protocol && outgoing.round === 2) {
      const commitment = toHex(outgoing.broadcast.subarray(32, 32 + (protocol === 'finish' ? 32 : 64)))
      const about = `${toHex(setup.ceremonyId)} ${toHex(setup.context)} ${world.sessions.rooms.size}`
      seen.set(commitment, (seen.get(commitment) ?? new Set()).add(about))
      onShown()
    }
    return undefined
  }
  return {
    get shown() {
      return seen.size
    },
    get reused() {
      return [...seen.values()].filter((about) => about.size > 1).length
    },
  }
}

/** A peer that keeps every presignature it ever had, and uses it as often as it likes. */
async function hoard(party: Party, keyId: string): Promise<Party> {
  const { shares } = party
  const { presignatures } = shares.record(keyId)
  const kept = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const { id } of presignatures) kept.set(id, await shares.takePresignature(keyId, id))
  const forever: ShareStore = {
    ...shares,
    record: (id) => ({ ...shares.record(id), presignatures }),
    takePresignature: async (_, id) => (kept.get(id) as Uint8Array<ArrayBuffer>).slice(),
  }
  return { ...party, shares: forever }
}

type Drive = (message: number, wrap?: (store: BlobStore) => BlobStore) => Promise<string>
/** Each uses a presignature, or dies over it, and then tries everything to have it used again. */
const WAYS: Readonly<Record<string, (device: Device, drive: Drive) => Promise<readonly string[]>>> = {
  async retry(_, drive) {
    return [await drive(1), await drive(2), await drive(1)]
  },
  async 'two at once'(_, drive) {
    return Promise.all([drive(1), drive(2)])
  },
  async 'killed while it is taken'(device, drive) {
    const first: string[] = []
    for (const when of ['before', 'after'] as const) {
      // Two batches note the standing; the third takes the presignature.
      let batches = 0
      await device.reopen((store) =>
        withFaults(store, ({ method }) => {
          if (method !== 'batch' || ++batches !== 3) return undefined
          return { when, error: new LocketError('store/unavailable', { operation: 'the power went' }) }
        }),
      )
      first.push(await drive(1))
      await device.reopen()
    }
    return [...first, await drive(2), await drive(3)]
  },
  async 'killed after it was used'(device, drive) {
    const first = await drive(1)
    await device.reopen()
    return [first, await drive(2)]
  },
  async 'a clone of the store'(device, drive) {
    const clone = await device.disk.snapshot()
    const first = await drive(1)
    device.disk = clone
    await device.reopen()
    return [first, await drive(2)]
  },
  async 'a snapshot restored, anchor and all'(device, drive) {
    const [disk, anchor] = [await device.disk.snapshot(), await device.anchor.snapshot()]
    const first = await drive(1)
    ;[device.disk, device.anchor] = [disk, anchor]
    await device.reopen()
    return [first, await drive(2)]
  },
  async 'a snapshot restored, and the anchor lost'(device, drive) {
    const disk = await device.disk.snapshot()
    const first = await drive(1)
    device.disk = disk
    for (const name of await device.anchor.keys()) await device.anchor.raw.delete(name)
    await device.reopen()
    return [first, await drive(2)]
  },
}

it(`uses no presignature twice in ${RUNS} attempts to have it do so, against a peer that does`, async () => {
  const ends = new Map<string, number>()
  let attempts = 0
  let shown = 0
  const leaks = createLeakWatch()
  for (let run = 0; attempts < RUNS; run++) {
    const [name, way] = Object.entries(WAYS)[run % Object.keys(WAYS).length] as [string, (typeof WAYS)[string]]
    const world = await createCoreWorld(['agent', 'person'])
    const [device, peer] = world.devices as [Device, Device]
    const key = await world.create('ecdsa-secp256k1')
    const making = world.invite()
    const [ids] = await Promise.all(world.devices.map(({ party }) => presign(party, { keyId: key.id, participants, count: 6 }, making)))
    const share = (await peer.party.shares.share(key.id)).slice(-32)
    const accomplice = await hoard(peer.party, key.id)
    const witness = createWitness(world, 'finish')
    for (const presignatureId of ids ?? []) {
      const drive: Drive = async (byte) => {
        attempts++
        const options: CeremonyOptions = world.invite()
        const abort = new AbortController()
        const request = { keyId: key.id, participants, message: new Uint8Array(32).fill(byte), presignatureId }
        const helping = codeOf(signWithPresignature(accomplice, request, { ...options, signal: abort.signal }))
        const code = await codeOf(signWithPresignature(device.party, request, options))
        abort.abort(new Error('it is over'))
        await helping
        ends.set(code, (ends.get(code) ?? 0) + 1)
        return code
      }
      const codes = await way(device, drive)
      const used = codes.filter((code) => code === 'no error').length
      expect(used, `run ${run}: ${name}: ${codes.join()}`).toBeLessThanOrEqual(1)
      // Once a device was found to be rolled back, nothing of it can be used, and nothing more is learned here.
      if (codes.includes('mpc/rolled-back')) break
    }
    expect(witness.reused, `run ${run}: ${name}`).toBe(0)
    shown += witness.shown
    await leaks.check(
      [share],
      world.devices.flatMap(({ disk, anchor }) => [disk, anchor]),
    )
    world.tap = undefined
  }
  console.info(`${attempts} attempts, ${shown} presignatures seen on the wire: ${JSON.stringify([...ends])}`)
  // The witness saw uses, and refusals of each kind.
  expect(shown).toBeGreaterThan(RUNS / 10)
  for (const code of ['no error', 'mpc/presignature-used', 'mpc/rolled-back', 'store/unavailable']) expect([...ends.keys()]).toContain(code)
}, 300_000)

it(`shows no nonce of FROST twice, however often ${RUNS / 2} signatures are begun again`, async () => {
  const world = await createCoreWorld(['agent', 'person'])
  const [device, peer] = world.devices as [Device, Device]
  const key = await world.create('frost-ed25519')
  let kill: AbortController | undefined
  const witness = createWitness(world, 'sign', () => kill?.abort(new Error('killed')))
  const copy = { disk: await device.disk.snapshot(), anchor: await device.anchor.snapshot() }
  let begun = 0
  for (let run = 0; begun < RUNS / 2; run++) {
    // The same invitation and message: killed in the middle, again at once, and again from the disk.
    const options = world.invite()
    const request = { keyId: key.id, participants, message: new Uint8Array(32).fill(run) }
    for (const way of ['killed', 'at once', 'opened again']) {
      if (way === 'opened again') await device.reopen()
      const abort = new AbortController()
      kill = way === 'killed' ? abort : undefined
      const all = [device, peer].map(({ party }) => codeOf(sign(party, request, { ...options, signal: abort.signal })))
      begun++
      expect(await Promise.all(all), `run ${run}, ${way}`).toEqual(way === 'killed' ? ['killed', 'killed'] : ['no error', 'no error'])
    }
  }
  expect([witness.shown, witness.reused]).toEqual([begun, 0])
  // From a copy of the beginning nothing is begun at all.
  ;[device.disk, device.anchor] = [copy.disk, copy.anchor]
  await device.reopen()
  const options = world.invite()
  const request = { keyId: key.id, participants, message: new Uint8Array(32) }
  const codes = [device, peer].map(({ party }) => codeOf(sign(party, request, options)))
  expect(await Promise.all(codes)).toEqual(['mpc/rolled-back', 'mpc/rolled-back'])
  expect(witness.shown).toBe(begun)
}, 300_000)
