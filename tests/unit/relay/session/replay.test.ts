import { describe, expect, it, vi } from 'vitest'
import { utf8 } from '../../../../src/core/bytes.ts'
import { createMemoryRelay } from '../../../../src/relay/memory.ts'
import type { Relay } from '../../../../src/relay/port.ts'
import type { Session } from '../../../../src/relay/session/types.ts'
import { createSessionWorld, turns, type SessionWorld } from '../../../helpers/session-world.ts'

vi.mock('@noble/curves/ed25519.js', () => import('../../../helpers/toy-curves.ts'))

const tally = vi.hoisted(() => ({ tried: 0, opened: 0 }))
vi.mock('@noble/ciphers/chacha.js', async (load) => {
  const real = await load<typeof import('@noble/ciphers/chacha.js')>()
  return {
    ...real,
    xchacha20poly1305: (...given: Parameters<typeof real.xchacha20poly1305>) => {
      const cipher = real.xchacha20poly1305(...given)
      return {
        ...cipher,
        decrypt(ciphertext: Uint8Array) {
          tally.tried++
          const opened = cipher.decrypt(ciphertext)
          tally.opened++
          return opened
        },
      }
    },
  }
})

type Sent = { readonly mailbox: Uint8Array; readonly body: Uint8Array }
const STEP_AT = 12

/** A world of two, one session in it that has exchanged round 1, and everything the relay carried for it. */
async function recorded(seed: string): Promise<{ world: SessionWorld; sessions: readonly Session[]; sent: Sent[] }> {
  const sent: Sent[] = []
  const world = createSessionWorld(2, {
    seed,
    relay: (_, inner: Relay) => ({
      ...inner,
      send(mailbox, body, options) {
        sent.push({ mailbox: mailbox.slice(), body: body.slice() })
        return inner.send(mailbox, body, options)
      },
    }),
  })
  const sessions = await world.openAll()
  await world.drive(Promise.all(sessions.map(({ exchange, party }) => exchange({ round: 1, broadcast: utf8(`${seed} ${party}`) }))))
  return { world, sessions, sent }
}

/** Puts each body into a mailbox `count` times altogether, each a message of its own to the relay. */
async function flood(world: SessionWorld, given: readonly Sent[], count: number): Promise<void> {
  const relay = createMemoryRelay({ hub: world.hub, maxMessagesPerMailbox: count })
  for (let i = 0; i < count; i++) {
    const { mailbox, body } = given[i % given.length] as Sent
    // The attempt is all that may be changed unseen.
    const again = body.slice()
    again[10] = i & 255
    again[11] = 128 + ((i >> 8) & 127)
    await relay.send(mailbox, again)
    if (i % 100 === 99) await turns()
  }
  await turns()
}

const reasonsOf = (world: SessionWorld) => {
  const counts: Record<string, number> = {}
  for (const event of world.events.flat()) if (event.type === 'dropped') counts[event.reason] = (counts[event.reason] ?? 0) + 1
  return counts
}

async function goesOn(world: SessionWorld, sessions: readonly Session[]): Promise<void> {
  const heard = await world.drive(Promise.all(sessions.map(({ exchange }) => exchange({ round: 2, broadcast: utf8('still here') }))))
  expect(heard.flatMap((incoming) => Array.from(incoming.values(), ({ broadcast }) => broadcast))).toEqual([
    utf8('still here'),
    utf8('still here'),
  ])
  await world.drive(Promise.all(sessions.map(({ finish }) => finish())))
  await Promise.all(sessions.map(({ close }) => close()))
}

describe('what a relay replays', () => {
  it('into another session or the other direction is told by its route, before any decryption', async () => {
    const [one, two] = [await recorded('one'), await recorded('two')]
    const mailboxes = [two.sent[0] as Sent, two.sent.find(({ mailbox }) => mailbox.join() !== two.sent[0]?.mailbox.join()) as Sent]
    const across = one.sent.flatMap(({ body }) => mailboxes.map(({ mailbox }) => ({ mailbox, body })))
    const back = two.sent.map(({ mailbox, body }) => {
      const other = mailboxes.find((each) => each.mailbox.join() !== mailbox.join()) as Sent
      return { mailbox: other.mailbox, body }
    })
    const before = { ...tally }
    await flood(two.world, across, 3_000)
    await flood(two.world, back, 2_000)
    expect(reasonsOf(two.world)).toEqual({ foreign: 5_000 })
    expect(tally).toEqual(before)
    await goesOn(two.world, two.sessions)
    await Promise.all(one.sessions.map(({ close }) => close()))
  })

  it('within the session, or from another relay, is told by its tag, before it is decrypted', async () => {
    const { world, sessions, sent } = await recorded('again')
    const messages = sent.filter(({ body }) => (body[1] as number) < 4)
    const before = { ...tally }
    await flood(world, messages, 2_500)
    // Each is acknowledged again, for an acknowledgement may have been lost; that is all that is decrypted.
    expect(reasonsOf(world)).toEqual({ replayed: 2_500 + 2_500 })
    expect(tally).toEqual({ tried: before.tried + 2_500, opened: before.opened + 2_500 })
    await goesOn(world, sessions)
  })

  it('in another round, as another kind or as another piece does not open', async () => {
    const { world, sessions, sent } = await recorded('elsewhere')
    const moved = sent
      .filter(({ body }) => (body[1] as number) < 4)
      .flatMap(({ mailbox, body }) => [
        { mailbox, body: body.with(STEP_AT, ((body[STEP_AT] as number) + 1) % 3) },
        { mailbox, body: body.with(1, body[1] === 2 ? 3 : ((body[1] as number) + 1) % 2) },
        { mailbox, body: body.with(16, 2) },
        { mailbox, body: body.with(16, 2).with(14, 1) },
      ])
    const { opened } = tally
    await flood(world, moved, 2_500)
    expect(reasonsOf(world)).toEqual({ unauthenticated: 2_500 })
    expect(tally.opened).toBe(opened)
    await goesOn(world, sessions)
  })
})
