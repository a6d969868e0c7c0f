import { describe, expect, it } from 'vitest'
import { createPolicy } from '../../src/policy/create-policy.ts'
import { evaluateAndReserve } from '../../src/policy/evaluate-and-reserve.ts'
import type { Intent } from '../../src/policy/intent.ts'
import { commit, createLedger, pruneLedger, release } from '../../src/policy/ledger.ts'
import { decodeLedger, encodeLedger } from '../../src/policy/ledger-codec.ts'
import { allow, ETH, intentOf, NOW, pay, policyOf, request, within } from '../helpers/policy.ts'
import { createChooser } from '../helpers/store.ts'

const SEED = Number(process.env['POLICY_SEED'] ?? 1)
const OPERATIONS = Number(process.env['POLICY_RUNS'] ?? 20_000)
const PER_LIFE = 500
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
const [DAY, WEEK] = [100n, 300n]
const parts = [1, 2, 3]

const policy = policyOf([allow('all', ['transfer', 'fee', 'allow'], within(DAY, 'day'), within(WEEK, 'week'))], {
  devices: parts.map((part, index) => ({ device: `device ${index}`, parts: part })),
})

type Pending = { readonly id: string; readonly intent: Intent; readonly amount: bigint; readonly reservedAtMs: number }
type Included = { readonly amount: bigint; readonly atMs: number }

/**
 * Some devices that do not hear of each other, each with a clock of its own that is wrong by some hours and is sometimes
 * set back. Whatever they let out is on the chain at a moment between its reservation and its commit, or never.
 */
function live(seed: number): readonly Included[] {
  const choose = createChooser(seed)
  const pick = <T>(list: readonly T[]): T => list[choose(list.length)] as T
  const devices = parts.map((_, index) => ({
    ledger: createLedger(`device ${index}`),
    skewMs: (choose(13) - 6) * 3_600_000,
    pending: [] as Pending[],
    last: undefined as Intent | undefined,
  }))
  const included: Included[] = []
  let nowMs = NOW
  let serial = 0
  for (let operation = 0; operation < PER_LIFE; operation++) {
    const device = pick(devices)
    const clockMs = nowMs + device.skewMs
    switch (choose(10)) {
      case 0:
        nowMs += pick([1, 60_000, 3_600_000, 4 * 3_600_000, 12 * 3_600_000])
        break
      case 1:
      case 2:
      case 3: {
        // Sometimes the same again, as after a crash between reservation and signature.
        const amount = BigInt(choose(40))
        const fresh = () =>
          intentOf([pay(amount), { kind: 'fee', asset: ETH, amount: 1n }], { bytes: new Uint8Array([++serial & 255, serial >> 8]) })
        const intent = choose(8) === 0 && device.last !== undefined ? device.last : fresh()
        const { verdict, ledger } = evaluateAndReserve(request(policy, [], { intent, nowMs: clockMs, spent: device.ledger }))
        const isNew = ledger !== device.ledger
        device.ledger = ledger
        device.last = intent
        if (verdict.decision === 'allow' && isNew) {
          device.pending.push({ id: verdict.intentHash, intent, amount: verdict.spends[0]?.amount ?? 0n, reservedAtMs: nowMs })
        }
        break
      }
      case 4:
      case 5:
      case 6: {
        const [one] = device.pending.splice(choose(Math.max(1, device.pending.length)), 1)
        if (one === undefined) break
        device.ledger = commit(device.ledger, { id: one.id, nowMs: clockMs })
        if (choose(3) === 0) device.ledger = commit(device.ledger, { id: one.id, nowMs: clockMs + 1_000 })
        included.push({ amount: one.amount, atMs: one.reservedAtMs + choose(nowMs - one.reservedAtMs + 1) })
        break
      }
      case 7: {
        const [one] = device.pending.splice(choose(Math.max(1, device.pending.length)), 1)
        if (one !== undefined) device.ledger = release(release(device.ledger, one), one)
        if (one?.intent === device.last) device.last = undefined
        break
      }
      case 8:
        device.ledger = pick([() => decodeLedger(encodeLedger(device.ledger)), () => pruneLedger(device.ledger, clockMs)])()
        // What is pruned is forgotten with its id: a transaction of a week ago is not signed again.
        device.last = undefined
        break
      default:
        if (choose(20) === 0) device.skewMs -= choose(50_000)
    }
  }
  // What is still pending may be on the chain by now.
  for (const { pending } of devices)
    for (const one of pending) included.push({ amount: one.amount, atMs: one.reservedAtMs + choose(nowMs - one.reservedAtMs + 1) })
  return included
}

/** The most that was on the chain in any window. */
function fullest(included: readonly Included[], windowMs: number): bigint {
  let most = 0n
  for (const { atMs: endMs } of included) {
    const sum = included.reduce((total, { amount, atMs }) => (atMs > endMs - windowMs && atMs <= endMs ? total + amount : total), 0n)
    if (sum > most) most = sum
  }
  return most
}

describe('what devices spend that do not hear of each other', () => {
  it(`never exceeds the limit of any day or week, in ${OPERATIONS} operations (seed ${SEED})`, () => {
    let [day, week, count] = [0n, 0n, 0]
    for (let life = 0; life * PER_LIFE < OPERATIONS; life++) {
      const seed = SEED * 1_000_000 + life
      const included = live(seed)
      const [ofDay, ofWeek] = [fullest(included, DAY_MS), fullest(included, WEEK_MS)]
      if (ofDay > DAY || ofWeek > WEEK) throw new Error(`seed ${seed}: ${ofDay} in a day, ${ofWeek} in a week`)
      count += included.length
      if (ofDay > day) day = ofDay
      if (ofWeek > week) week = ofWeek
    }
    // And it is not by refusing everything.
    expect(count).toBeGreaterThan(OPERATIONS / 50)
    expect(Number(day)).toBeGreaterThan(Number(DAY) * 0.8)
    expect(Number(week)).toBeGreaterThan(Number(WEEK) * 0.8)
  })

  it('would exceed it if each had the whole', () => {
    const whole = createPolicy({ ...policy, devices: [{ device: 'a', parts: 1 }] })
    const { verdict } = evaluateAndReserve(request(whole, [pay(DAY)], { spent: createLedger('a') }))
    expect(verdict.decision).toBe('allow')
    const shares = parts.map(
      (_, index) => evaluateAndReserve(request(policy, [pay(DAY)], { spent: createLedger(`device ${index}`) })).verdict.decision,
    )
    expect(shares).toEqual(['deny', 'deny', 'deny'])
  })
})
