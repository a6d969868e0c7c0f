import { describe, expect, it } from 'vitest'
import { equalBytes, toHex, utf8, type Bytes } from '../../../../src/core/bytes.ts'
import type { Entropy } from '../../../../src/core/capabilities.ts'
import { createMemoryRelay } from '../../../../src/relay/memory.ts'
import type { Relay } from '../../../../src/relay/port.ts'
import { decodeEvidence, encodeEvidence, verifyEvidence, type Evidence } from '../../../../src/relay/session/evidence.ts'
import { KIND } from '../../../../src/relay/session/frame.ts'
import { deriveLanes } from '../../../../src/relay/session/lanes.ts'
import { openSession } from '../../../../src/relay/session/open-session.ts'
import { decodeStatement } from '../../../../src/relay/session/statement.ts'
import type { Session } from '../../../../src/relay/session/types.ts'
import { errorOf } from '../../../helpers/code-of.ts'
import { createSessionWorld, identityAt, type SessionWorld } from '../../../helpers/session-world.ts'

/** Randomness of a party that wants to be two: each of its selves draws the same. */
const constant = (byte: number): Entropy => ({ fill: (out) => void out.fill(byte) })

/** The relay of one self of the third party: it sends only what `may` lets pass, and leaves its mail to the other self. */
function selfRelay(world: SessionWorld, may: (kind: number, to: number) => boolean): Relay {
  const inner = createMemoryRelay({ hub: world.hub })
  const mailboxes = [1, 2].map((party) => {
    const other = identityAt(party - 1).card
    return toHex(deriveLanes({ identity: identityAt(2), other, ceremonyId: world.setup.ceremonyId }).out.mailbox)
  })
  return {
    ...inner,
    async send(mailbox, body, options) {
      if (may(body[1] as number, mailboxes.indexOf(toHex(mailbox)) + 1)) await inner.send(mailbox, body, options)
    },
    async *receive(mailbox, options) {
      for await (const delivery of inner.receive(mailbox, options)) yield { ...delivery, acknowledge: async () => {} }
    },
  }
}

/** What the first two parties end with, when both selves of the third have their way in round 1. */
async function twoFaced(
  world: SessionWorld,
  may: (self: number, kind: number, to: number) => boolean,
  options: { readonly bytes?: readonly [number, number]; readonly honest?: (inner: Relay) => Relay } = {},
) {
  const { bytes = [7, 7], honest = (inner: Relay) => inner } = options
  const third = [0, 1].map((self) =>
    openSession(world.options(2, { entropy: constant(bytes[self] as number), relay: selfRelay(world, (kind, to) => may(self, kind, to)) })),
  )
  const speak = async ({ party, exchange }: Session, word: string) => {
    const direct = new Map([[party === 1 ? 2 : 1, utf8(`${word} to one alone`)]])
    for (const round of [1, 2, 3]) await exchange({ round, broadcast: utf8(word), direct })
  }
  for (const [self, opening] of third.entries()) void opening.then((session) => speak(session, `self ${self}`)).catch(() => {})
  const victim = async (position: number) => {
    const relay = honest(createMemoryRelay({ hub: world.hub }))
    await speak(await openSession(world.options(position, { relay })), `party ${position + 1}`)
  }
  return world.drive(Promise.all([0, 1].map((position) => errorOf(victim(position)))))
}

const evidenceOf = (world: SessionWorld, position: number): Evidence[] =>
  (world.events[position] ?? []).flatMap((event) => (event.type === 'evidence' && event.party === 3 ? [event.evidence] : []))

const isHandshake = (kind: number) => kind <= KIND.confirm || kind === KIND.ack

describe('a party that says two different things', () => {
  it('to two others in one round is convicted by both', async () => {
    const world = createSessionWorld(3)
    const errors = await twoFaced(world, (self, kind, to) => (isHandshake(kind) ? self === 0 : to === self + 1))
    for (const { code, details } of errors)
      expect([code, details]).toEqual(['session/equivocation', { party: 3, round: 1, isProvable: true }])
    for (const position of [0, 1]) {
      const [evidence] = evidenceOf(world, position) as [Evidence]
      expect(verifyEvidence(identityAt(2).card, decodeEvidence(encodeEvidence(evidence)))).toBe(true)
      for (const innocent of [0, 1]) expect(verifyEvidence(identityAt(innocent).card, evidence)).toBe(false)
      expect([evidence.first, evidence.second].map(({ bytes }) => decodeStatement(bytes).step)).toEqual([2, 2])
    }
    expect(world.clock.sleeperCount).toBeLessThanOrEqual(4)
  })

  it('to one other in one round is convicted at once', async () => {
    const world = createSessionWorld(3)
    const errors = await twoFaced(world, (self, kind, to) => (isHandshake(kind) ? self === 0 : to === 1 || self === 0))
    expect(errors.map(({ code, details }) => [code, details['party'], details['isProvable']])).toEqual([
      ['session/equivocation', 3, true],
      ['session/equivocation', 3, true],
    ])
    expect(evidenceOf(world, 0).every((evidence) => verifyEvidence(identityAt(2).card, evidence))).toBe(true)
  })

  it('in its hello makes two session ids, of which nobody goes on with either', async () => {
    const world = createSessionWorld(3)
    const errors = await twoFaced(world, (self, _, to) => to === self + 1, { bytes: [7, 8] })
    for (const { code, details } of errors)
      expect([code, details]).toEqual(['session/equivocation', { party: 3, round: 0, isProvable: true }])
    const [evidence] = evidenceOf(world, 0) as [Evidence]
    expect(verifyEvidence(identityAt(2).card, evidence)).toBe(true)
    expect(decodeStatement(evidence.first.bytes).kind).toBe(KIND.hello)
  })

  it('is not convicted where the relay keeps back what others saw; but nobody goes on', async () => {
    const world = createSessionWorld(3)
    const honest = (inner: Relay): Relay => ({
      ...inner,
      send: (mailbox, body, options) => (body[1] === KIND.gone ? Promise.resolve() : inner.send(mailbox, body, options)),
    })
    const errors = await twoFaced(world, (self, kind, to) => (isHandshake(kind) ? self === 0 : to === self + 1), { honest })
    for (const { code, details } of errors) expect([code, details['field'], details['round']]).toEqual(['session/disagreement', 'view', 2])
    expect(world.events.flat().filter(({ type }) => type === 'evidence')).toEqual([])
  })
})

describe('verifyEvidence', () => {
  it('takes nothing for proof that is none', async () => {
    const world = createSessionWorld(3)
    await twoFaced(world, (self, kind, to) => (isHandshake(kind) ? self === 0 : to === self + 1))
    const [evidence] = evidenceOf(world, 0) as [Evidence]
    const { card } = identityAt(2)
    const { first, second } = evidence
    expect(verifyEvidence(card, { first, second: first })).toBe(false)
    const altered = (bytes: Bytes, at: number) => bytes.with(at, (bytes[at] as number) ^ 1)
    for (const at of [0, 33, 35, 40, 70]) {
      expect(verifyEvidence(card, { first, second: { ...second, bytes: altered(second.bytes, at) } })).toBe(false)
    }
    expect(verifyEvidence(card, { first, second: { ...second, signature: altered(second.signature, 3) } })).toBe(false)
    expect(verifyEvidence(card, { first, second: { ...second, bytes: second.bytes.slice(1) } })).toBe(false)
    expect(equalBytes(first.bytes, second.bytes)).toBe(false)
  })
})

describe('a party that says something else after the end', () => {
  it('changes nothing for those who are finished', async () => {
    const world = createSessionWorld(3)
    let isLate = false
    const late = openSession(world.options(2, { entropy: constant(7), relay: selfRelay(world, (_, to) => isLate && to === 1) })).then(
      async (session) => {
        await session.exchange({ round: 1, broadcast: utf8('another word') })
      },
    )
    late.catch(() => {})
    const opened = [0, 1].map((position) => openSession(world.options(position)))
    const relay = selfRelay(world, () => true)
    const sessions = await world.drive(Promise.all([...opened, openSession(world.options(2, { entropy: constant(7), relay }))]))
    await world.drive(Promise.all(sessions.map(({ exchange }) => exchange({ round: 1, broadcast: utf8('a word') }))))
    await world.drive(Promise.all(sessions.map(({ finish }) => finish())))
    isLate = true
    await world.clock.advance(60_000)
    expect(
      world.events[0]?.filter(({ type }) => type !== 'waiting').map((event) => (event.type === 'dropped' ? event.reason : event.type)),
    ).toContain('late')
    await sessions[0]?.finish()
    await sessions[0]?.publishResult(utf8('still open'))
    await Promise.all(sessions.map(({ close }) => close()))
  })
})
