import { expect, it } from 'vitest'
import { createMemoryHub, createMemoryRelay } from '../../src/relay/memory.ts'
import { refreshKey } from '../../src/mpc/refresh-key.ts'
import { verifySignature } from '../../src/mpc/verify-signature.ts'
import { KIND } from '../../src/relay/session/frame.ts'
import { createLeakWatch } from '../helpers/mpc/leak-watch.ts'
import { createRealWorld } from '../helpers/mpc/real-world.ts'
import { createChooser } from '../helpers/store.ts'

const REPLAYS = Number(process.env['MPC_REPLAYS'] ?? 10_000)
/** How many old messages come with each true one. */
const FLOOD = 40

type Carried = { readonly body: Uint8Array; readonly from: string }

it(`drops ${REPLAYS} replays of other sessions, keys, rounds, directions and relays before the core hears of them`, async () => {
  const choose = createChooser(6)
  const carried: Carried[] = []
  const leaks = createLeakWatch()
  const sources = new Map<string, number>()
  const reasons = new Map<string, number>()
  let [label, isFlooding, injected, calls] = ['', false, 0, 0]
  let hub: ReturnType<typeof createMemoryHub> | undefined
  const world = await createRealWorld(['agent', 'person'], {
    seed: 'replay',
    onEvent(event) {
      if (event.type === 'dropped') reasons.set(event.reason, (reasons.get(event.reason) ?? 0) + 1)
    },
    openMpc: (_, real) => async (options) => {
      const core = await real(options)
      return {
        ...core,
        call(...given) {
          calls++
          return core.call(...given)
        },
      }
    },
    relay(_, inner, clock) {
      hub ??= createMemoryHub({ clock })
      // Another relay than the one that carries the ceremonies with the flood.
      const second = createMemoryRelay({ hub })
      const pick = () => (label === 'another relay' ? second : inner)
      return leaks.watch({
        ...inner,
        async send(mailbox, body, options) {
          const kind = body[1] as number
          carried.push({ body: body.slice(), from: label })
          await pick().send(mailbox, body, options)
          if (!isFlooding || kind === KIND.ack || kind === KIND.result) return
          for (let n = 0; n < FLOOD; n++) {
            const { body: old, from } = carried[choose(carried.length)] as Carried
            const again = old.slice()
            // The attempt, all that may be changed unseen: each is a message of its own to the relay.
            again[10] = injected & 255
            again[11] = 128 + ((injected >> 8) & 127)
            injected++
            sources.set(from, (sources.get(from) ?? 0) + 1)
            await inner.send(mailbox, again, options)
          }
        },
        receive: (mailbox, options) => pick().receive(mailbox, options),
      })
    },
  })
  const message = new Uint8Array(32).fill(3)
  label = 'the making of a key'
  const key = await world.create('frost-ed25519')
  label = 'another key'
  const other = await world.create('frost-ed25519')
  await world.sign(other, [1, 2], message)
  label = 'a refresh'
  const options = world.invite()
  await world.run(Promise.all([1, 2].map((index) => refreshKey(world.party(index), { keyId: other.id }, options))))
  label = 'another relay'
  await world.sign(key, [1, 2], message)
  label = 'an earlier session'
  calls = 0
  await world.sign(key, [1, 2], message)
  const honest = calls

  label = 'this session, round or direction'
  isFlooding = true
  reasons.clear()
  for (let run = 0; injected < REPLAYS; run++) {
    calls = 0
    const about = new Uint8Array(32).fill(run)
    const signature = await world.sign(key, [1, 2], about)
    expect(await verifySignature({ suite: key.suite, publicKey: key.publicKey, message: about, signature }), `run ${run}`).toBe(true)
    expect(calls, `run ${run}`).toBe(honest)
  }
  console.info(`${injected} replays from ${JSON.stringify([...sources])}, dropped: ${JSON.stringify([...reasons])}`)
  expect(sources.size).toBe(6)
  for (const index of [1, 2]) expect(world.party(index).shares.record(key.id).bans).toEqual([])
  const shares = await Promise.all([1, 2].map((index) => world.party(index).shares.share(key.id)))
  await leaks.check(
    shares.map((share) => share.slice(-32)),
    world.devices.map(({ disk }) => disk),
  )
  // All of these are told by route, tag and step: nothing is even decrypted.
  const known = ['foreign', 'replayed', 'early', 'late']
  expect([...reasons.keys()].filter((reason) => !known.includes(reason))).toEqual([])
  expect(reasons.get('foreign')).toBeGreaterThan(REPLAYS / 2)
}, 300_000)
