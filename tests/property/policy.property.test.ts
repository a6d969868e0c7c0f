import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPolicy, formatPolicy, hashPolicy, parsePolicy } from '../../src/policy/create-policy.ts'
import { evaluate } from '../../src/policy/evaluate.ts'
import { explain } from '../../src/policy/explain.ts'
import type { Effect, Intent } from '../../src/policy/intent.ts'
import { createLedger, reserve } from '../../src/policy/ledger.ts'
import type { ArgumentTest, Condition, EffectKind, Policy, Rule } from '../../src/policy/policy.ts'
import type { Check, EvaluateRequest } from '../../src/policy/request.ts'
import type { Verdict } from '../../src/policy/verdict.ts'
import { ACCOUNT, ANN, BOB, ETH, factsOf, intentOf, NOW, policyOf, USDC } from '../helpers/policy.ts'

const RUNS = Number(process.env['POLICY_RUNS'] ?? 20_000)
const SEED = Number(process.env['POLICY_SEED'] ?? 1)
const options = { numRuns: RUNS, seed: SEED }

// Few of everything, so that rules and requests meet.
const asset = fc.constantFrom(ETH, USDC)
const amount = fc.constantFrom(0n, 1n, 9n, 10n, 11n, 100n, 2n ** 256n - 1n)
const poisoned = `0xaaaa${'12'.repeat(16)}aaaa`
const recipient = fc.constantFrom(ANN, BOB, poisoned, 'alice', 'al\u0456ce', 'a1ice')
const listed = fc.uniqueArray(fc.constantFrom(ANN, BOB, poisoned, 'alice'), { minLength: 1 })
const membership = fc.constantFrom('in' as const, 'not-in' as const)
const method = fc.constantFrom('transfer', '0xa9059cbb', 'A9059CBB')
const name = fc.constantFrom('x', 'y')

const effect: fc.Arbitrary<Effect> = fc.oneof(
  fc.record({ kind: fc.constant('transfer' as const), asset, amount, to: recipient }),
  fc.record({ kind: fc.constant('allow' as const), asset, amount: fc.option(amount, { nil: undefined }), spender: recipient }),
  fc.record({ kind: fc.constant('fee' as const), asset, amount }),
  fc.record({ kind: fc.constant('give' as const), object: fc.constant('0x1'), to: recipient }),
  fc.record({
    kind: fc.constant('call' as const),
    target: fc.constantFrom(ANN, BOB),
    method,
    arguments: fc.array(fc.record({ name, value: fc.constantFrom<bigint | string | boolean>(4n, 5n, 'a', true) }), { maxLength: 2 }),
  }),
  { arbitrary: fc.record({ kind: fc.constant('unknown' as const), reason: fc.constant('short calldata') }), weight: 1 },
)

const argument: fc.Arbitrary<ArgumentTest> = fc.oneof(
  fc.record({
    name,
    type: fc.constant('integer' as const),
    compare: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
    value: fc.constantFrom(4n, 5n),
  }),
  fc.record({ name, type: fc.constant('text' as const), compare: fc.constantFrom('=', '!='), value: fc.constant('a') }),
) as fc.Arbitrary<ArgumentTest>

const anywhere: readonly fc.Arbitrary<Condition>[] = [
  fc.record({ kind: fc.constant('role' as const), compare: membership, roles: fc.constantFrom(['agent'], ['owner']) }),
  fc.record({
    kind: fc.constant('attribute' as const),
    name,
    compare: fc.constantFrom('=' as const, '!=' as const),
    value: fc.constant('a'),
  }),
  fc.record({
    kind: fc.constant('time' as const),
    compare: membership,
    zone: fc.constantFrom('UTC', 'Asia/Tokyo'),
    days: fc.constantFrom([3], [1, 7]),
    from: fc.constantFrom('12:00', '22:00'),
    until: fc.constantFrom('06:00', '22:00'),
  }),
]
const spend: fc.Arbitrary<Condition> = fc.record({
  kind: fc.constant('spend' as const),
  asset,
  per: fc.constantFrom('transaction' as const, 'day' as const, 'week' as const),
  compare: fc.constantFrom('<=' as const, '>' as const),
  amount,
})
const to: fc.Arbitrary<Condition> = fc.record({ kind: fc.constant('to' as const), compare: membership, addresses: listed })
const called: fc.Arbitrary<Condition> = fc.record({
  kind: fc.constant('call' as const),
  method,
  arguments: fc.array(argument, { maxLength: 1 }),
})

/** Kinds of effects, and conditions that can be about them. */
const about: fc.Arbitrary<{ on: readonly EffectKind[]; when: readonly Condition[] }> = fc.oneof(
  fc.record({ on: fc.constant<EffectKind[]>(['transfer', 'allow']), when: fc.array(fc.oneof(spend, to, ...anywhere), { maxLength: 3 }) }),
  fc.record({ on: fc.constant<EffectKind[]>(['fee']), when: fc.array(fc.oneof(spend, ...anywhere), { maxLength: 2 }) }),
  fc.record({ on: fc.constant<EffectKind[]>(['call']), when: fc.array(fc.oneof(called, ...anywhere), { maxLength: 2 }) }),
  fc.record({
    on: fc.constant<EffectKind[]>(['give', 'transfer', 'fee', 'call']),
    when: fc.array(fc.oneof(...anywhere), { maxLength: 1 }),
  }),
)
type WithoutName<R> = R extends unknown ? Omit<R, 'name'> : never
type Nameless = WithoutName<Rule>
const allowing: fc.Arbitrary<Nameless> = about.map((one) => ({ effect: 'allow', ...one }))
const tightening: fc.Arbitrary<Nameless> = fc.oneof(
  about.map((one): Nameless => ({ effect: 'deny', ...one })),
  fc.tuple(about, fc.constantFrom(0, 1, 2), fc.constantFrom(0, 1, 10)).map(
    ([one, threshold, delayMs]): Nameless => ({
      effect: 'approve',
      ...one,
      approvers: ['ann', 'agent', 'bob'],
      threshold,
      delayMs,
      quietMs: 1,
    }),
  ),
  fc.constant<Nameless>({ effect: 'check' }),
)

const named = (rules: readonly Nameless[]) => rules.map((rule, index) => ({ ...rule, name: `rule ${index}` }) as Rule)
const policies = fc.tuple(fc.array(allowing, { maxLength: 4 }), fc.array(tightening, { maxLength: 1 })).map(([first, second]) =>
  policyOf(named([...first, ...second]), {
    devices: [
      { device: 'phone', parts: 2 },
      { device: 'laptop', parts: 1 },
    ],
  }),
)
const checks: fc.Arbitrary<{ [name: string]: Check }> = fc.constantFrom<{ [name: string]: Check }[]>(
  {},
  { 'rule 1': () => 'pass' },
  { 'rule 4': () => 'pass' },
)

const requests: fc.Arbitrary<Omit<EvaluateRequest, 'policy'>> = fc
  .record({
    effects: fc.array(effect, { minLength: 1, maxLength: 3 }),
    before: amount,
    device: fc.constantFrom('phone', 'laptop', 'stranger'),
    roles: fc.constantFrom([], ['agent'], ['owner']),
    attributes: fc.constantFrom({}, { x: 'a' }, { x: 'b', y: 'a' }),
    requestedAtMs: fc.constantFrom(0, NOW),
    checks,
  })
  .map(({ effects, before, device, roles, attributes, requestedAtMs, checks: given }) => ({
    intent: intentOf(effects),
    facts: factsOf({ requester: { id: 'agent', roles, attributes }, requestedAtMs }),
    nowMs: NOW,
    spent: reserve(createLedger(device), { id: 'before', account: ACCOUNT, spends: [{ asset: ETH, amount: before }], nowMs: NOW - 1 }),
    checks: given,
  }))

const FREEDOM = { deny: 0, wait: 1, allow: 2 }
const freedom = ({ decision }: Verdict) => FREEDOM[decision]

describe('a policy engine', () => {
  it(
    `is never made to allow more by a rule that denies, asks or checks, nor by a check (seed ${SEED})`,
    () => {
      const decisions = new Set<string>()
      fc.assert(
        fc.property(
          policies,
          requests,
          tightening,
          fc.nat(),
          fc.constantFrom<Check>(
            () => 'pass',
            () => 'deny',
          ),
          (policy, given, added, place, check) => {
            const before = evaluate({ ...given, policy })
            decisions.add(before.decision)
            const at = place % (policy.rules.length + 1)
            const rules = [...policy.rules.slice(0, at), { ...added, name: 'added' } as Rule, ...policy.rules.slice(at)]
            const more = { ...given, policy: createPolicy({ ...policy, rules }) }
            expect(freedom(evaluate(more))).toBeLessThanOrEqual(freedom(before))
            const checked = { ...given, policy, checks: { ...given.checks, extra: check } }
            expect(freedom(evaluate(checked))).toBeLessThanOrEqual(freedom(before))
          },
        ),
        options,
      )
      expect([...decisions].sort()).toEqual(['allow', 'deny', 'wait'])
    },
    Math.max(60_000, RUNS * 5),
  )

  it(
    `is never made to allow more by one more effect, a larger amount or more spent before (seed ${SEED})`,
    () => {
      // Of rules that say "at most" only: one that begins above an amount allows more of more, and says so.
      const atMost = policies.filter(({ rules }) =>
        rules.every((rule) => rule.effect !== 'allow' || rule.when.every((one) => one.kind !== 'spend' || one.compare === '<=')),
      )
      fc.assert(
        fc.property(atMost, requests, effect, amount, (policy, given, added, before) => {
          const base = freedom(evaluate({ ...given, policy }))
          const more: Intent = { ...given.intent, effects: [...given.intent.effects, added] }
          expect(freedom(evaluate({ ...given, policy, intent: more }))).toBeLessThanOrEqual(base)
          const spent = reserve(given.spent, {
            id: 'more',
            account: ACCOUNT,
            spends: [
              { asset: ETH, amount: before },
              { asset: USDC, amount: before },
            ],
            nowMs: NOW,
          })
          expect(freedom(evaluate({ ...given, policy, spent }))).toBeLessThanOrEqual(base)
        }),
        { ...options, numRuns: Math.ceil(RUNS / 4) },
      )
    },
    Math.max(60_000, RUNS * 5),
  )

  it(
    `allows nothing that another reading of the rules does not (seed ${SEED})`,
    () => {
      let allowed = 0
      fc.assert(
        fc.property(policies, requests, (policy, given) => {
          const verdict = evaluate({ ...given, policy })
          expect(explain(verdict).length).toBeGreaterThan(0)
          if (verdict.decision === 'deny') return
          allowed++
          expect(given.intent.effects.every((one) => isCovered(one, policy, given))).toBe(true)
        }),
        options,
      )
      expect(allowed).toBeGreaterThan(RUNS / 50)
    },
    Math.max(60_000, RUNS * 5),
  )

  it('decides the same after a reload, and has the same hash', () => {
    fc.assert(
      fc.property(policies, requests, (policy, given) => {
        const again = parsePolicy(formatPolicy(policy))
        expect(hashPolicy(again)).toBe(hashPolicy(policy))
        expect(evaluate({ ...given, policy: again })).toEqual(evaluate({ ...given, policy }))
      }),
      { ...options, numRuns: Math.ceil(RUNS / 20) },
    )
  })
})

/** The rules read once more, in the plainest way, by nobody who wrote the engine's conditions. */
function isCovered(one: Effect, policy: Policy, { intent, facts, spent }: Omit<EvaluateRequest, 'policy'>): boolean {
  const parts = { phone: 2n, laptop: 1n, stranger: 0n }[spent.device] ?? 0n
  const holds = (condition: Condition): boolean => {
    switch (condition.kind) {
      case 'spend': {
        if (!('asset' in one) || one.asset !== condition.asset) return false
        let total = 0
        let isEndless = false
        for (const other of intent.effects) {
          if (!('asset' in other) || other.asset !== one.asset) continue
          if (other.amount === undefined) isEndless = true
          else total += Number(other.amount)
        }
        const isRolling = condition.per !== 'transaction'
        if (isRolling) for (const { asset: of, amount: gone } of spent.entries[0]?.spends ?? []) if (of === one.asset) total += Number(gone)
        const limit = isRolling ? Number((condition.amount * parts) / 3n) : Number(condition.amount)
        return condition.compare === '<=' ? !isEndless && total <= limit : isEndless || total > limit
      }
      case 'to': {
        const who = 'to' in one ? one.to : 'spender' in one ? one.spender : ''
        return condition.addresses.includes(who) ? condition.compare === 'in' : condition.compare === 'not-in'
      }
      case 'call': {
        if (one.kind !== 'call' || one.method.toLowerCase().replace('0x', '') !== condition.method?.replace('0x', '')) return false
        return condition.arguments.every(({ name: asked, compare, value }) => {
          const [first, second] = one.arguments.filter((given) => given.name === asked)
          if (first === undefined || second !== undefined || typeof first.value !== typeof value) return false
          const sign = first.value < value ? '<' : first.value > value ? '>' : '='
          return compare === '!=' ? sign !== '=' : compare.includes(sign)
        })
      }
      case 'role':
        return (facts.requester.roles[0] === condition.roles[0]) === (condition.compare === 'in')
      case 'attribute': {
        const value = facts.requester.attributes[condition.name]
        return value !== undefined && (value === condition.value) === (condition.compare === '=')
      }
      case 'time': {
        // It is Wednesday 12:00 in UTC, and 21:00 in Tokyo.
        const hour = condition.zone === 'UTC' ? 12 : 21
        const [from, until] = [Number(condition.from.slice(0, 2)), Number(condition.until.slice(0, 2))]
        const today = condition.days.includes(3)
        const isIn = from === until ? today : from < until ? today && hour >= from && hour < until : today && hour >= from
        return isIn === (condition.compare === 'in')
      }
    }
  }
  return policy.rules.some((rule) => rule.effect === 'allow' && rule.on.includes(one.kind as EffectKind) && rule.when.every(holds))
}
