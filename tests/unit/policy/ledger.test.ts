import { describe, expect, it } from 'vitest'
import { isLocketError } from '../../../src/core/errors.ts'
import { commit, createLedger, pruneLedger, release, reserve, spentOf, type Reservation } from '../../../src/policy/ledger.ts'
import { decodeLedger, encodeLedger } from '../../../src/policy/ledger-codec.ts'
import { ACCOUNT, ANN, ETH, NOW, USDC } from '../../helpers/policy.ts'

const reservation = (id: string, amount: bigint, rest: Partial<Reservation> = {}): Reservation => ({
  id,
  account: ACCOUNT,
  spends: [{ asset: ETH, amount }],
  nowMs: NOW,
  ...rest,
})
const WEEK_MS = 7 * 86_400_000
const spent = (ledger: Parameters<typeof spentOf>[0], rest: Partial<Parameters<typeof spentOf>[1]> = {}) =>
  spentOf(ledger, { account: ACCOUNT, asset: ETH, nowMs: NOW, ...rest }).week

function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return isLocketError(error) ? error.code : String(error)
  }
  return 'no error'
}

describe('a ledger', () => {
  it('counts what is reserved and committed, by account and asset', () => {
    let ledger = reserve(
      reserve(createLedger('phone'), reservation('a', 5n)),
      reservation('b', 7n, {
        spends: [
          { asset: ETH, amount: 7n },
          { asset: USDC, amount: 9n },
        ],
      }),
    )
    ledger = commit(ledger, { id: 'a', nowMs: NOW + 1 })
    expect([spent(ledger), spent(ledger, { asset: USDC }), spent(ledger, { account: ANN }), spent(ledger, { exceptId: 'b' })]).toEqual([
      12n,
      9n,
      0n,
      5n,
    ])
  })

  it('counts a reservation however old it is, and a commit from when it came', () => {
    const reserved = reserve(createLedger('phone'), reservation('a', 5n))
    const later = NOW + 10 * WEEK_MS
    expect(spent(reserved, { nowMs: later })).toBe(5n)
    const committed = commit(reserved, { id: 'a', nowMs: later })
    expect([spent(committed, { nowMs: later + WEEK_MS - 1 }), spent(committed, { nowMs: later + WEEK_MS })]).toEqual([5n, 0n])
  })

  it('never dates anything before what it has seen', () => {
    const ledger = reserve(reserve(createLedger('phone'), reservation('a', 5n)), reservation('b', 5n, { nowMs: NOW - 1_000 }))
    expect(ledger.entries.map(({ atMs }) => atMs)).toEqual([NOW, NOW])
    expect(commit(ledger, { id: 'b', nowMs: 0 }).entries[1]?.atMs).toBe(NOW)
  })

  it('is changed by each of its acts once', () => {
    const reserved = reserve(createLedger('phone'), reservation('a', 5n))
    expect(reserve(reserved, reservation('a', 5n, { nowMs: NOW + 5 }))).toBe(reserved)
    const committed = commit(reserved, { id: 'a', nowMs: NOW })
    expect(commit(committed, { id: 'a', nowMs: NOW + 5 })).toBe(committed)
    const released = release(reserved, { id: 'a' })
    expect(released.entries).toEqual([])
    expect(release(released, { id: 'a' })).toBe(released)
    expect(reserved.entries).toHaveLength(1)
  })

  it('refuses what would hide or undo a spend', () => {
    const reserved = reserve(createLedger('phone'), reservation('a', 5n))
    for (const other of [
      reservation('a', 4n),
      reservation('a', 5n, { account: ANN }),
      reservation('a', 5n, { spends: [] }),
      reservation('a', 5n, { spends: [{ asset: USDC, amount: 5n }] }),
    ]) {
      expect(codeOf(() => reserve(reserved, other))).toBe('policy/reservation-conflict')
    }
    expect(codeOf(() => release(commit(reserved, { id: 'a', nowMs: NOW }), { id: 'a' }))).toBe('policy/reservation-conflict')
    expect(codeOf(() => commit(release(reserved, { id: 'a' }), { id: 'a', nowMs: NOW }))).toBe('policy/unknown-reservation')
    for (const bad of [
      reservation('a', -1n),
      reservation('a', 2n ** 256n),
      reservation('', 1n),
      reservation('\ud800', 1n),
      reservation('b', 1n, { nowMs: 0.5 }),
    ]) {
      expect(codeOf(() => reserve(createLedger('phone'), bad))).toBe('usage/invalid-argument')
    }
    expect(codeOf(() => createLedger(''))).toBe('usage/invalid-argument')
  })

  it('does not let a negative amount somebody wrote into it make room', () => {
    const forged = {
      ...createLedger('phone'),
      entries: [{ id: 'a', account: ACCOUNT, spends: [{ asset: ETH, amount: -100n }], atMs: NOW, isCommitted: true }],
    }
    expect(spent(forged)).toBe(0n)
    expect(() => encodeLedger(forged)).toThrow(RangeError)
  })

  it('forgets only what was committed a week ago', () => {
    const ledger = commit(reserve(reserve(createLedger('phone'), reservation('a', 1n)), reservation('b', 2n)), { id: 'a', nowMs: NOW })
    expect(pruneLedger(ledger, NOW + WEEK_MS - 1).entries).toHaveLength(2)
    expect(pruneLedger(ledger, NOW + WEEK_MS).entries.map(({ id }) => id)).toEqual(['b'])
  })

  it('comes back from its bytes', () => {
    const ledger = commit(
      reserve(reserve(createLedger('phone'), reservation('a', 2n ** 256n - 1n)), reservation('ä', 0n, { spends: [] })),
      { id: 'a', nowMs: NOW },
    )
    expect(decodeLedger(encodeLedger(ledger))).toEqual(ledger)
    expect(codeOf(() => decodeLedger(Uint8Array.of(2)))).toBe('codec/unknown-version')
    expect(codeOf(() => decodeLedger(encodeLedger({ ...ledger, entries: [...ledger.entries, ...ledger.entries] })))).toBe('codec/invalid')
    expect(codeOf(() => decodeLedger(encodeLedger({ ...ledger, latestMs: NOW - 1 })))).toBe('codec/invalid')
  })
})
