import { describe, expect, it } from 'vitest'
import { backtest } from '../../../src/policy/backtest.ts'
import { createPolicy } from '../../../src/policy/create-policy.ts'
import { diffPolicies } from '../../../src/policy/diff-policies.ts'
import { evaluate } from '../../../src/policy/evaluate.ts'
import type { Condition, Policy, Rule } from '../../../src/policy/policy.ts'
import { allow, ANN, approve, BOB, deny, ETH, factsOf, intentOf, NOW, pay, policyOf, within } from '../../helpers/policy.ts'
import { everything } from '../../helpers/policy-everything.ts'

const WEEK_MS = 7 * 86_400_000
const toAnn: Condition = { kind: 'to', compare: 'in', addresses: [ANN] }
const diff = (before: Policy, after: Policy) => diffPolicies(before, after, { nowMs: NOW })

describe('the difference of two policies', () => {
  it('is nothing of a policy to itself, or to one with a rule that changes nothing', () => {
    for (const policy of [everything, policyOf([])])
      expect(diff(policy, policy)).toMatchObject({ allows: [], denies: [], isComplete: true })
    const more = createPolicy({ ...everything, rules: [...everything.rules, deny('never', ['give'])] })
    expect(diff(everything, more)).toMatchObject({ allows: [], denies: [] })
  })

  it.each<[string, Rule[], Rule[]]>([
    ['a higher limit', [allow('a', ['transfer'], within(10n, 'transaction'))], [allow('a', ['transfer'], within(11n, 'transaction'))]],
    ['a higher limit of a day', [allow('a', ['transfer'], within(10n, 'day'))], [allow('a', ['transfer'], within(11n, 'day'))]],
    ['one more recipient', [allow('a', ['give'], toAnn)], [allow('a', ['give'], { ...toAnn, addresses: [ANN, BOB] })]],
    ['allowances too', [allow('a', ['transfer'], toAnn)], [allow('a', ['allow', 'transfer'], toAnn)]],
    ['another method', [], [allow('a', ['call'], { kind: 'call', method: '0xa9059cbb', arguments: [] })]],
    [
      'any target',
      [allow('a', ['call'], { kind: 'call', target: ANN, arguments: [] })],
      [allow('a', ['call'], { kind: 'call', arguments: [] })],
    ],
    [
      'an argument one higher',
      [allow('a', ['call'], { kind: 'call', arguments: [{ name: 'n', type: 'integer', compare: '<=', value: 5n }] })],
      [allow('a', ['call'], { kind: 'call', arguments: [{ name: 'n', type: 'integer', compare: '<=', value: 6n }] })],
    ],
    ['anybody', [allow('a', ['transfer'], { kind: 'role', compare: 'in', roles: ['owner'] })], [allow('a', ['transfer'])]],
    [
      'one role more',
      [allow('a', ['transfer'], { kind: 'role', compare: 'in', roles: ['a'] })],
      [allow('a', ['transfer'], { kind: 'role', compare: 'in', roles: ['a', 'b'] })],
    ],
    [
      'an attribute less',
      [allow('a', ['transfer'], { kind: 'attribute', name: 'x', compare: '=', value: 'y' })],
      [allow('a', ['transfer'])],
    ],
    [
      'a minute longer',
      [allow('a', ['transfer'], { kind: 'time', compare: 'in', zone: 'Asia/Tokyo', days: [2], from: '09:00', until: '17:00' })],
      [allow('a', ['transfer'], { kind: 'time', compare: 'in', zone: 'Asia/Tokyo', days: [2], from: '09:00', until: '17:01' })],
    ],
    ['no check', [allow('a', ['transfer']), { effect: 'check', name: 'c' }], [allow('a', ['transfer'])]],
    ['no approval', [allow('a', ['transfer']), approve('b', ['transfer'], { delayMs: 5 })], [allow('a', ['transfer'])]],
    [
      'fewer approvals',
      [allow('a', ['transfer']), approve('b', ['transfer'], { approvers: ['x', 'y'], threshold: 2 })],
      [allow('a', ['transfer']), approve('b', ['transfer'], { approvers: ['x', 'y'], threshold: 1 })],
    ],
    [
      'a shorter delay',
      [allow('a', ['transfer']), approve('b', ['transfer'], { delayMs: 5 })],
      [allow('a', ['transfer']), approve('b', ['transfer'], { delayMs: 4 })],
    ],
  ])('is shown where the second allows %s, and the other way round', (_, less, more) => {
    const [before, after] = [policyOf(less), policyOf(more)]
    const there = diff(before, after)
    expect(there.allows.length).toBeGreaterThan(0)
    expect(there.denies).toEqual([])
    expect(there.isComplete).toBe(true)
    const back = diff(after, before)
    expect(back.denies.length).toBeGreaterThan(0)
    expect(back.allows).toEqual([])
    const [example] = there.allows
    if (example === undefined) throw new Error('no example')
    expect(evaluate({ ...example.request, policy: before })).toEqual(example.before)
    expect(evaluate({ ...example.request, policy: after })).toEqual(example.after)
  })

  it('is shown both ways where another person may approve', () => {
    const asking = (name: string) => policyOf([allow('a', ['give']), approve('b', ['give'], { approvers: [name], threshold: 1 })])
    const { allows, denies } = diff(asking('x'), asking('y'))
    expect([allows.length > 0, denies.length > 0]).toEqual([true, true])
  })

  it('finds what a larger part of a limit allows a device', () => {
    const rules = [allow('a', ['transfer'], within(10n, 'day'))]
    const parts = (phone: number) =>
      policyOf(rules, {
        devices: [
          { device: 'phone', parts: phone },
          { device: 'laptop', parts: 1 },
        ],
      })
    const { allows, denies } = diff(parts(1), parts(2))
    expect(allows[0]?.request.spent.device).toBe('phone')
    expect(denies[0]?.request.spent.device).toBe('laptop')
  })

  it('says so if it has not tried everything', () => {
    expect(diffPolicies(policyOf([]), everything, { nowMs: NOW, limitCount: 3, exampleCount: 1 })).toMatchObject({
      triedCount: 3,
      isComplete: false,
    })
  })
})

describe('a backtest', () => {
  it('decides about the past by its own limits', () => {
    const policy = policyOf([allow('a', ['transfer'], within(10n, 'day')), approve('b', ['give'], { delayMs: 5 }), allow('c', ['give'])])
    const past = (number: number, amount: bigint, nowMs: number) => ({
      intent: intentOf([pay(amount)], { bytes: new Uint8Array([number]) }),
      facts: factsOf(),
      nowMs,
      decision: 'allow' as const,
    })
    const gift = {
      ...past(5, 0n, NOW + 3),
      intent: intentOf([{ kind: 'give', object: '0x1', to: ANN }]),
      facts: factsOf({ requestedAtMs: NOW }),
    }
    const { outcomes, changed } = backtest(policy, [
      past(1, 6n, NOW),
      past(2, 5n, NOW + 1),
      past(3, 4n, NOW + 2),
      gift,
      past(4, 10n, NOW + WEEK_MS),
    ])
    expect(outcomes.map(({ was, verdict }) => [was, verdict.decision])).toEqual([
      ['allow', 'allow'],
      ['allow', 'deny'],
      ['allow', 'allow'],
      ['allow', 'wait'],
      ['allow', 'allow'],
    ])
    expect(changed).toEqual([1, 3])
    expect(outcomes[1]?.verdict.reasons[1]).toMatchObject({ code: 'over-limit', details: { limit: '10', spent: '11' } })
    expect(outcomes[0]?.verdict.spends).toEqual([{ asset: ETH, amount: 6n }])
  })

  it('leaves a device that is not listed nothing of a limit', () => {
    const policy = policyOf([allow('a', ['transfer'], within(10n, 'day'))])
    const history = [{ intent: intentOf([pay(1n)]), facts: factsOf(), nowMs: NOW, decision: 'allow' as const }]
    expect(backtest(policy, history, { device: 'stranger', checks: {} }).changed).toEqual([0])
  })
})
