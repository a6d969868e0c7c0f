import { expect, it, vi } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import type { Entropy } from '../../src/core/capabilities.ts'
import { createMemoryHub, createMemoryRelay } from '../../src/relay/memory.ts'
import type { Relay } from '../../src/relay/port.ts'
import { KIND } from '../../src/relay/session/frame.ts'
import { createPairingInvite } from '../../src/relay/session/invite.ts'
import { openSession } from '../../src/relay/session/open-session.ts'
import { pairDevices } from '../../src/relay/session/pair-devices.ts'
import type { Session } from '../../src/relay/session/types.ts'
import { createFakeClock } from '../../src/testkit/fake-clock.ts'
import { createSeededEntropy } from '../../src/testkit/seeded-entropy.ts'
import { codeOf } from '../helpers/code-of.ts'
import { createSessionWorld, drive, identityAt, MINUTE_MS, outcomeOf, type SessionWorld } from '../helpers/session-world.ts'

// Thousands of times: the curves are stand-ins. `unit/relay/session` has each attack with the real ones.
vi.mock('@noble/curves/ed25519.js', () => import('../helpers/toy-curves.ts'))

const RUNS = Number(process.env['SESSION_ATTACKS'] ?? 1_000)
const WAYS = ['two words', 'two hellos', 'a word from elsewhere', 'two parties swapped', 'somebody in between'] as const
const tally = { refused: 0 }
const codes = new Map<string, number>()

const count = (code: string) => codes.set(code, (codes.get(code) ?? 0) + 1)

/** Randomness of a party that wants to be two: each of its selves draws the same. */
const constant = (byte: number): Entropy => ({ fill: (out) => void out.fill(byte) })

async function speak(opening: Promise<Session>, word: string): Promise<string> {
  const { exchange, finish } = await opening
  const heard: string[] = []
  for (const round of [1, 2]) {
    for (const [from, { broadcast }] of await exchange({ round, broadcast: utf8(word) }))
      heard.push(`${from}: ${Buffer.from(broadcast).toString()}`)
  }
  await finish()
  return heard.join()
}

/** Of the third party, two selves: each sends what `may` lets pass, and leaves the mail to the other. */
function twoSelves(world: SessionWorld, may: (self: number, kind: number, to: number) => boolean, bytes: readonly [number, number]): void {
  const places: string[] = []
  for (const self of [0, 1]) {
    const inner = createMemoryRelay({ hub: world.hub })
    const relay: Relay = {
      ...inner,
      async send(mailbox, body, options) {
        const place = Buffer.from(mailbox).toString('hex')
        if (!places.includes(place)) places.push(place)
        if (may(self, body[1] as number, 1 + (places.indexOf(place) % 2))) await inner.send(mailbox, body, options)
      },
      async *receive(mailbox, options) {
        for await (const delivery of inner.receive(mailbox, options)) yield { ...delivery, acknowledge: async () => {} }
      },
    }
    const opening = openSession(world.options(2, { entropy: constant(bytes[self] as number), relay }))
    speak(opening, `self ${self}`).catch(() => undefined)
  }
}

async function attack(run: number): Promise<void> {
  const way = WAYS[run % WAYS.length] as (typeof WAYS)[number]
  const seed = `attack ${run}: ${way}`
  if (way === 'somebody in between') return inBetween(run, seed)
  const world = createSessionWorld(3, { seed })
  let openings: Promise<Session>[]
  if (way === 'two parties swapped') {
    const [one, two, three] = world.setup.parties as [never, never, never]
    const order = [
      [one, three, two],
      [two, one, three],
      [three, two, one],
    ][run % 3] as { index: number }[]
    const parties = order.map((party, at) => ({ ...party, index: at + 1 })) as never
    openings = [0, 1, 2].map((at) => openSession(world.options(at, at === run % 2 ? { setup: { ...world.setup, parties } } : {})))
  } else if (way === 'a word from elsewhere') {
    // The relay brings one victim everything of another ceremony of the same parties, and that one's of this.
    const elsewhere = createSessionWorld(3, { seed: `${seed} elsewhere` })
    const carried: Uint8Array[] = []
    const spy = (inner: Relay): Relay => ({
      ...inner,
      send(mailbox, body, options) {
        carried.push(body.slice())
        return inner.send(mailbox, body, options)
      },
    })
    const others = [0, 1, 2].map((at) => openSession(elsewhere.options(at, { relay: spy(createMemoryRelay({ hub: elsewhere.hub })) })))
    await elsewhere.drive(Promise.allSettled(others.map((opening, at) => speak(opening, `elsewhere ${at}`))))
    const swap = (inner: Relay): Relay => ({
      ...inner,
      // A round's message is replaced by one of the other ceremony, by turns.
      send: (mailbox, body, options) =>
        inner.send(
          mailbox,
          body[1] === KIND.round ? (carried[(run + (body[10] as number)) % carried.length] as Uint8Array) : body,
          options,
        ),
    })
    openings = [0, 1, 2].map((at) => openSession(world.options(at, at === 2 ? { relay: swap(createMemoryRelay({ hub: world.hub })) } : {})))
  } else {
    const isHandshake = (kind: number) => kind <= KIND.confirm || kind === KIND.ack
    const first = run % 2
    if (way === 'two words') twoSelves(world, (self, kind, to) => (isHandshake(kind) ? self === first : to === self + 1), [7, 7])
    else twoSelves(world, (self, _, to) => to === self + 1, [7, 8 + (run % 200)])
    openings = [0, 1].map((at) => openSession(world.options(at)))
  }
  const outcomes = await world.drive(Promise.allSettled(openings.map((opening, at) => speak(opening, `party ${at + 1}`))))
  for (const [at, outcome] of outcomes.entries()) {
    const code = outcomeOf(outcome)
    expect(
      ['session/equivocation', 'session/disagreement', 'session/gone', 'session/setup-mismatch', 'session/timeout'],
      `${seed}: ${code}`,
    ).toContain(code)
    count(code)
    tally.refused++
    // Nobody honest is ever the culprit that evidence names.
    for (const event of world.events[at] ?? []) if (event.type === 'evidence') expect(event.party, seed).toBe(3)
  }
}

/** Somebody has the invitation, sits between two hubs, and plays the other to each. Two people compare what they see. */
async function inBetween(run: number, seed: string): Promise<void> {
  const clock = createFakeClock()
  const hubs = [createMemoryHub({ clock }), createMemoryHub({ clock })] as const
  const invite = createPairingInvite(createSeededEntropy(seed))
  const codesSeen: string[] = []
  const device = (at: number, role: 'inviter' | 'joiner', hub: (typeof hubs)[number], isHonest: boolean) =>
    codeOf(
      pairDevices({
        relay: createMemoryRelay({ hub }),
        identity: identityAt(at),
        invite,
        role,
        // The one in between says yes to everything.
        compare: async (code) => {
          if (!isHonest) return true
          codesSeen.push(code)
          while (codesSeen.length < 2) await clock.sleep(100)
          return codesSeen[0] === codesSeen[1]
        },
        expiresAtMs: clock.nowMs() + MINUTE_MS,
        clock,
        entropy: createSeededEntropy(`${seed} ${at} ${role}`),
      }),
    )
  const ends = await drive(
    clock,
    Promise.all([
      device(0, 'inviter', hubs[0], true),
      device(1, 'joiner', hubs[1], true),
      device(2 + (run % 2), 'joiner', hubs[0], false),
      device(2 + (run % 2), 'inviter', hubs[1], false),
    ]),
  )
  expect(new Set(codesSeen).size, seed).toBe(2)
  expect(ends.slice(0, 2), seed).toEqual(['session/pairing-mismatch', 'session/pairing-mismatch'])
  for (const code of ends.slice(0, 2)) count(code)
  tally.refused += 2
}

it(`refuses ${RUNS} equivocations, swaps and people in between, and blames nobody for them who is honest`, async () => {
  for (let run = 0; run < RUNS; run++) await attack(run)
  console.info(`${tally.refused} parties refused: ${JSON.stringify([...codes])}`)
  expect(tally.refused).toBeGreaterThanOrEqual(RUNS * 2)
  // Each kind was met.
  for (const code of ['session/equivocation', 'session/setup-mismatch', 'session/pairing-mismatch']) expect(codes.has(code)).toBe(true)
}, 600_000)
