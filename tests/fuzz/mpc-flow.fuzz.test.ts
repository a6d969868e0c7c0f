import { expect, it } from 'vitest'
import { copyBytes, type Bytes } from '../../src/core/bytes.ts'
import { isLocketError } from '../../src/core/errors.ts'
import { settleKey } from '../../src/mpc/settle-key.ts'
import { sign } from '../../src/mpc/sign.ts'
import { openShareStore } from '../../src/mpc/share-store.ts'
import { codeOf } from '../helpers/code-of.ts'
import { mutate } from '../helpers/mutate.ts'
import { createToyWorld, hello, type Device } from '../helpers/mpc/toy-world.ts'
import { cheapUnlock } from '../helpers/mpc/unlock.ts'
import { createChooser } from '../helpers/store.ts'

// What a member shows of itself, and what lies in the anchor, have decoders of their own inside the verbs: damaged bytes
// reach them through a whole ceremony, or through the disk.

const RUNS = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 20_000) / 20)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const participants = [1, 2]
const LEFT = 'the other one stopped first'

it.each(['sign', 'settle'])(
  `${RUNS} damaged first messages of a member in %s stop at most that ceremony, by a typed error`,
  async (protocol) => {
    const choose = createChooser(SEED)
    const world = await createToyWorld(['agent', 'person'])
    const [one, two] = world.devices as [Device, Device]
    const key = await world.create()
    const copies = await Promise.all(
      [one, two].map(async ({ disk, anchor }) => ({ disk: await disk.snapshot(), anchor: await anchor.snapshot() })),
    )
    const restore = async () => {
      for (const [at, device] of [one, two].entries()) {
        const { disk, anchor } = copies[at] as Device
        ;[device.disk, device.anchor] = [await disk.snapshot(), await anchor.snapshot()]
        await device.reopen()
      }
    }
    let seeds: Bytes[] = []
    const codes = new Map<string, number>()
    for (let run = 0; run < RUNS; run++) {
      const where = `FUZZ_SEED=${SEED} run ${run}`
      world.tap = ({ from, outgoing }) => {
        if (from !== 2 || outgoing.round !== 1) return undefined
        if (seeds.length < 8) seeds = [...seeds, copyBytes(outgoing.broadcast)]
        return { broadcast: mutate(seeds, choose), direct: new Uint8Array() }
      }
      const options = world.invite()
      const [abort, gone] = [new AbortController(), new AbortController()]
      const work = ({ party }: Device, signal?: AbortSignal) =>
        protocol === 'sign'
          ? sign(party, { keyId: key.id, participants, message: hello }, { ...options, signal })
          : settleKey(party, { keyId: key.id, participants }, { ...options, signal })
      const other = codeOf(work(two, abort.signal))
      void other.then((code) => code === 'no error' || gone.abort(new Error(LEFT)))
      const error: unknown = await work(one, gone.signal).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      abort.abort(new Error('it is over'))
      await other
      const code = error === undefined ? 'no error' : isLocketError(error) ? error.code : (error as Error).message
      expect(['no error', 'mpc/disagreement', 'mpc/rolled-back', LEFT], where).toContain(code)
      codes.set(code, (codes.get(code) ?? 0) + 1)
      // Who lies about itself may be taken at its word later: that is its own loss, and not what is looked for here.
      if (code !== 'mpc/disagreement') await restore()
      expect(one.party.shares.record(key.id).bans, where).toEqual([])
    }
    expect(codes.get('mpc/disagreement')).toBeGreaterThan(RUNS / 4)
  },
)

it(`${RUNS} damaged anchors are refused, and opened again when they are whole`, async () => {
  const choose = createChooser(SEED)
  const world = await createToyWorld(['agent', 'person'])
  const [device] = world.devices as [Device]
  const key = await world.create()
  const [name] = (await device.anchor.keys()) as [string]
  const whole = (await device.anchor.raw.get(name)) as Bytes
  const open = () => openShareStore({ store: device.disk.open(), anchor: device.anchor.open(), unlock: cheapUnlock() })
  for (let run = 0; run < RUNS / 4; run++) {
    const damaged = mutate([whole], choose)
    await device.anchor.raw.put(name, damaged)
    const code = await codeOf(open())
    const isSame = Buffer.compare(damaged, whole) === 0
    expect(code, `FUZZ_SEED=${SEED} run ${run}`).toBe(isSame ? 'no error' : 'store/corrupt')
  }
  await device.anchor.raw.put(name, whole)
  expect((await open()).keys().map(({ id }) => id)).toEqual([key.id])
})
