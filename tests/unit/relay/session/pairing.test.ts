import { describe, expect, it, vi } from 'vitest'
import { randomBytes, type Entropy } from '../../../../src/core/capabilities.ts'
import { createMemoryHub, createMemoryRelay, type MemoryHub } from '../../../../src/relay/memory.ts'
import type { DeviceCard } from '../../../../src/relay/session/card.ts'
import { createPairingInvite, parsePairingInvite } from '../../../../src/relay/session/invite.ts'
import { pairDevices, type PairDevicesOptions } from '../../../../src/relay/session/pair-devices.ts'
import { commitPairing, pairingCode } from '../../../../src/relay/session/pairing-code.ts'
import { withRelayFaults } from '../../../../src/testkit/faults/with-relay-faults.ts'
import { createFakeClock, type FakeClock } from '../../../../src/testkit/fake-clock.ts'
import { createSeededEntropy } from '../../../../src/testkit/seeded-entropy.ts'
import { codeOf, errorOf } from '../../../helpers/code-of.ts'
import { drive, identityAt, MINUTE_MS, turns } from '../../../helpers/session-world.ts'

vi.mock('@noble/curves/ed25519.js', () => import('../../../helpers/toy-curves.ts'))

const entropy = createSeededEntropy('pairing')

/** Two devices with an invitation between them, on hubs that may be two. */
function createPair(options: { readonly hubs?: readonly [MemoryHub, MemoryHub]; readonly clock?: FakeClock } = {}) {
  const clock = options.clock ?? createFakeClock()
  const one = createMemoryHub({ clock })
  const hubs = options.hubs ?? ([one, one] as const)
  const invite = createPairingInvite(entropy)
  const codes: string[][] = [[], []]
  const device = (position: number, changes: Partial<PairDevicesOptions> = {}, abort?: { readonly signal: AbortSignal }) =>
    pairDevices(
      {
        relay: createMemoryRelay({ hub: hubs[position] as MemoryHub }),
        identity: identityAt(position),
        invite,
        role: position === 0 ? 'inviter' : 'joiner',
        async compare(code) {
          codes[position]?.push(code)
          // The people talk until both have a code before them.
          while (codes.some((shown) => shown.length === 0)) await clock.sleep(1_000)
          return codes[0]?.[0] === codes[1]?.[0]
        },
        expiresAtMs: clock.nowMs() + 5 * MINUTE_MS,
        clock,
        entropy,
        ...changes,
      },
      abort,
    )
  return { clock, hubs, invite, codes, device }
}

describe('pairDevices', () => {
  it('gives each the other’s card, once both people read the same ten digits', async () => {
    const { clock, codes, device } = createPair()
    const [a, b] = await drive(clock, Promise.all([device(0), device(1)]))
    expect(a).toEqual(identityAt(1).card)
    expect(b).toEqual(identityAt(0).card)
    expect(codes[0]).toEqual(codes[1])
    expect(codes[0]?.[0]).toMatch(/^\d{5} \d{5}$/)
    expect(clock.sleeperCount).toBe(0)
  })

  it('gets there over a relay that loses, alters, delays and reorders', async () => {
    const { clock, hubs, device } = createPair()
    const lossy = (position: number) =>
      withRelayFaults(createMemoryRelay({ hub: hubs[position] as MemoryHub }), {
        seed: `pairing ${position}`,
        clock,
        drop: 0.4,
        tamper: 0.1,
        duplicate: 0.2,
        reorder: 0.5,
        delayMs: 5_000,
      })
    const cards = await drive(clock, Promise.all([device(0, { relay: lossy(0) }), device(1, { relay: lossy(1) })]))
    expect(cards).toEqual([identityAt(1).card, identityAt(0).card])
  })

  it('shows different codes, a hundred times over, when a relay that has the invitation puts its own cards in between', async () => {
    for (let run = 0; run < 100; run++) {
      const clock = createFakeClock()
      const hubs = [createMemoryHub({ clock }), createMemoryHub({ clock })] as const
      const { codes, device, invite } = createPair({ hubs, clock })
      // The relay keeps the two apart, and plays the other for each with a card of its own.
      const between = (hub: MemoryHub, role: 'inviter' | 'joiner') =>
        pairDevices({
          relay: createMemoryRelay({ hub }),
          identity: identityAt(2),
          invite,
          role,
          compare: async () => true,
          expiresAtMs: clock.nowMs() + 5 * MINUTE_MS,
          clock,
          entropy,
        })
      const victims = Promise.all([codeOf(device(0)), codeOf(device(1))])
      const cards = await drive(clock, Promise.all([between(hubs[0], 'joiner'), between(hubs[1], 'inviter')]))
      expect(cards.map((card: DeviceCard) => card)).toEqual([identityAt(0).card, identityAt(1).card])
      expect(await drive(clock, victims)).toEqual(['session/pairing-mismatch', 'session/pairing-mismatch'])
      expect(codes[0]).not.toEqual(codes[1])
    }
  })

  it('refuses an inviter that opens another value than it committed to', async () => {
    const { clock, hubs, invite, device } = createPair()
    // Its random bytes change once it has committed to them, as those of one that tries codes would.
    let own: Uint8Array | undefined
    const wavering: Entropy = {
      fill(out) {
        entropy.fill(out)
        if (out.length === 32) own = out
        // The nonce of the first frame is drawn once the commitment is made.
        else if (own !== undefined) [own[0], own] = [(own[0] as number) ^ 1, undefined]
      },
    }
    const compare = vi.fn(async () => true)
    const inviter = pairDevices({
      relay: createMemoryRelay({ hub: hubs[0] }),
      identity: identityAt(0),
      invite,
      role: 'inviter',
      compare: () => new Promise(() => {}),
      expiresAtMs: clock.nowMs() + MINUTE_MS,
      clock,
      entropy: wavering,
    })
    expect(await drive(clock, Promise.all([codeOf(device(1, { compare })), codeOf(inviter)]))).toEqual([
      'session/pairing-mismatch',
      'session/timeout',
    ])
    expect(compare).not.toHaveBeenCalled()
  })

  it('commits to the card and the value alike', () => {
    const random = randomBytes(entropy, 32)
    const commitment = commitPairing(identityAt(0).card, random)
    expect(commitPairing(identityAt(1).card, random)).not.toEqual(commitment)
    expect(commitPairing(identityAt(0).card, randomBytes(entropy, 32))).not.toEqual(commitment)
  })

  it('refuses what the person says differs, and pairs with nobody', async () => {
    const { clock, device } = createPair()
    const outcome = await drive(
      clock,
      errorOf(Promise.all([device(0, { compare: async () => false }), device(1, { compare: async () => false })])),
    )
    expect(outcome.code).toBe('session/pairing-mismatch')
  })

  it('does not pair a device with itself', async () => {
    const { clock, device } = createPair()
    const outcomes = await drive(clock, Promise.all([codeOf(device(0)), codeOf(device(1, { identity: identityAt(0) }))]))
    expect(outcomes).toContain('session/pairing-mismatch')
    expect(clock.sleeperCount).toBe(0)
  })

  it('ends at its deadline, at an abort, and with the relay', async () => {
    const { clock, hubs, device } = createPair()
    expect(await drive(clock, codeOf(device(0)))).toBe('session/timeout')
    expect(await codeOf(device(0, { expiresAtMs: clock.nowMs() }))).toBe('session/expired')
    const abort = new AbortController()
    const waiting = codeOf(device(1, {}, { signal: abort.signal }))
    await turns()
    abort.abort(new Error('never mind'))
    expect(await waiting).toBe('never mind')
    const relay = createMemoryRelay({ hub: hubs[0] })
    const closing = codeOf(device(1, { relay }))
    await turns()
    await relay.close()
    expect(await drive(clock, closing)).toBe('usage/closed')
    await turns()
    expect(clock.sleeperCount).toBe(0)
  })

  it('takes only an invitation’s text for one', async () => {
    const { device, invite } = createPair()
    expect(parsePairingInvite(invite)).toHaveLength(16)
    for (const text of ['', invite.slice(1), `${invite}A`, invite.slice(0, -2), 'locket-pair:!']) {
      expect(await codeOf(device(0, { invite: text as never }))).toBe('codec/invalid')
    }
  })
})

describe('pairingCode', () => {
  const [inviter, joiner] = [identityAt(0).card, identityAt(1).card]
  const inputs = () => ({ inviter, joiner, inviterRandom: randomBytes(entropy, 32), joinerRandom: randomBytes(entropy, 32) })

  it('depends on both cards, who invited, and both random values', () => {
    const base = inputs()
    const codes = [
      base,
      { ...base, inviter: identityAt(2).card },
      { ...base, joiner: identityAt(2).card },
      { ...base, inviter: joiner, joiner: inviter },
      { ...base, inviterRandom: randomBytes(entropy, 32) },
      { ...base, joinerRandom: randomBytes(entropy, 32) },
    ].map(pairingCode)
    expect(new Set(codes).size).toBe(6)
    expect(pairingCode(base)).toBe(codes[0])
  })

  it('uses all ten digits evenly', () => {
    const counts = Array.from({ length: 10 }, () => Array.from({ length: 10 }, () => 0))
    const draws = 4_000
    for (let i = 0; i < draws; i++) {
      const digits = pairingCode(inputs()).replace(' ', '')
      for (const [place, digit] of Array.from(digits).entries()) (counts[place] as number[])[Number(digit)]! += 1
    }
    // Five standard deviations from a tenth of the draws.
    const tolerance = 5 * Math.sqrt(draws * 0.1 * 0.9)
    for (const place of counts) for (const count of place) expect(Math.abs(count - draws / 10)).toBeLessThan(tolerance)
  })
})
