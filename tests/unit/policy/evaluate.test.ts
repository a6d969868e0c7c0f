import { describe, expect, it } from 'vitest'
import { createPolicy, formatPolicy, hashPolicy, parsePolicy } from '../../../src/policy/create-policy.ts'
import { evaluate } from '../../../src/policy/evaluate.ts'
import { evaluateAndReserve } from '../../../src/policy/evaluate-and-reserve.ts'
import { explain } from '../../../src/policy/explain.ts'
import { hashIntent } from '../../../src/policy/hash-intent.ts'
import type { Effect } from '../../../src/policy/intent.ts'
import { commit, createLedger, reserve } from '../../../src/policy/ledger.ts'
import type { CallCondition, Condition, TimeCondition } from '../../../src/policy/policy.ts'
import {
  ACCOUNT,
  allow,
  ANN,
  approve,
  BOB,
  CHAIN,
  deny,
  ETH,
  factsOf,
  intentOf,
  NOW,
  pay,
  policyOf,
  request,
  USDC,
  within,
} from '../../helpers/policy.ts'

const toAnn: Condition = { kind: 'to', compare: 'in', addresses: [ANN] }
const openPolicy = policyOf([allow('all', ['transfer', 'allow', 'fee', 'call', 'give'])])
const codes = (...input: Parameters<typeof request>) => evaluate(request(...input)).reasons.map(({ code }) => code)
const decision = (...input: Parameters<typeof request>) => evaluate(request(...input)).decision
const call = (method: string, ...args: { name: string; value: bigint | string | boolean }[]): Effect => ({
  kind: 'call',
  target: BOB,
  method,
  arguments: args,
})

describe('a verdict', () => {
  it('denies what no rule covers, even under a policy without rules', () => {
    expect(codes(policyOf([]), [pay(0n)])).toEqual(['not-covered'])
  })

  it('covers each effect by itself: one that is not covered denies all', () => {
    const policy = policyOf([allow('ann', ['transfer'], toAnn)])
    expect(decision(policy, [pay(1n)])).toBe('allow')
    const verdict = evaluate(request(policy, [pay(1n), pay(1n, BOB)]))
    expect(verdict.decision).toBe('deny')
    expect(verdict.reasons).toEqual([
      { code: 'not-covered', path: 'effects[1]', details: {} },
      { code: 'recipient-not-listed', rule: 'ann', path: 'effects[1]', details: {} },
    ])
    expect(verdict.spends).toEqual([])
  })

  it('lets deny win over allow, wherever it stands', () => {
    const never = deny('never bob', ['transfer'], { kind: 'to', compare: 'in', addresses: [BOB] })
    const all = allow('all', ['transfer'])
    for (const rules of [
      [never, all],
      [all, never],
    ]) {
      expect(codes(policyOf(rules), [pay(1n, BOB)])).toEqual(['denied-by-rule'])
      expect(decision(policyOf(rules), [pay(1n)])).toBe('allow')
    }
  })

  it('denies no effects, unknown effects and kinds nobody has heard of', () => {
    expect(codes(openPolicy, [])).toEqual(['no-effects'])
    expect(codes(openPolicy, [{ kind: 'unknown', reason: 'calldata is 3 bytes short' }])).toEqual(['unknown-effect', 'not-covered'])
    expect(codes(openPolicy, [{ kind: 'delegatecall' } as unknown as Effect])).toEqual(['unknown-effect', 'not-covered'])
  })

  it('denies amounts that cannot be', () => {
    for (const amount of [-1n, 2n ** 256n, 1 as unknown as bigint, undefined as unknown as bigint]) {
      expect(codes(openPolicy, [pay(amount)])).toContain('invalid-amount')
    }
    expect(codes(openPolicy, [pay(2n ** 255n), pay(2n ** 255n)])).toEqual(['invalid-amount'])
  })

  it('denies other chains, other accounts, and assets of another chain', () => {
    const verdictFor = (rest: object) => codes(openPolicy, [pay(1n)], { intent: intentOf([pay(1n)], rest) })
    expect(verdictFor({ account: BOB })).toEqual(['other-account'])
    expect(verdictFor({ chain: 'eip155:10' })).toEqual(['other-chain', 'other-chain'])
    expect(codes(openPolicy, [pay(1n, ANN, 'eip155:10/slip44:60')])).toEqual(['other-chain'])
  })

  it('denies where the request is not one, and says so without a word of what was thrown', () => {
    expect(codes(openPolicy, [pay(1n)], { nowMs: Number.NaN })).toEqual(['invalid-request'])
    expect(codes(openPolicy, [pay(1n)], { facts: factsOf({ requestedAtMs: Number.NaN }) })).toEqual(['invalid-request'])
    expect(codes(openPolicy, [pay(1n)], { facts: factsOf({ requester: { id: '', roles: [], attributes: {} } }) })).toEqual([
      'invalid-request',
    ])
    expect(codes(openPolicy, [pay(1n, '')])).toEqual(['invalid-request'])
    expect(codes(openPolicy, [pay(1n)], { intent: intentOf([pay(1n)], { bytes: new Uint8Array() }) })).toEqual(['invalid-request'])
    const trap = {
      ...intentOf([]),
      get effects(): never {
        throw new Error('secret')
      },
    }
    const verdict = evaluate(request(openPolicy, [], { intent: trap }))
    expect(verdict).toEqual({
      decision: 'deny',
      policyHash: hashPolicy(openPolicy),
      intentHash: '',
      reasons: [{ code: 'failed', path: '', details: {} }],
      waitsFor: [],
      spends: [],
    })
  })

  it('denies under a policy that was not read, and under an edited copy of one that was', () => {
    expect(codes({ ...openPolicy }, [pay(1n)])).toEqual(['unread-policy'])
    expect(() => (openPolicy.rules as unknown[]).push('more')).toThrow(TypeError)
  })

  it('has the hash of the policy and of what is signed, so that a change between two signers is seen', () => {
    const edited = createPolicy({ ...openPolicy, rules: [...openPolicy.rules, deny('late', ['give'])] })
    const [one, two] = [evaluate(request(openPolicy, [pay(1n)])), evaluate(request(edited, [pay(1n)]))]
    expect(one.policyHash).toBe(hashPolicy(openPolicy))
    expect(two.policyHash).not.toBe(one.policyHash)
    expect(two.intentHash).toBe(one.intentHash)
    const otherBytes = { ...request(openPolicy, [pay(1n)]), intent: intentOf([pay(1n)], { bytes: new Uint8Array([9]) }) }
    expect(evaluate(otherBytes).intentHash).not.toBe(one.intentHash)
  })

  it('decides the same after a reload from JSON', () => {
    const again = parsePolicy(formatPolicy(openPolicy))
    expect(evaluate(request(again, [pay(1n)]))).toEqual(evaluate(request(openPolicy, [pay(1n)])))
  })

  it('explains itself to people, and lets nothing it quotes hide', () => {
    const text = explain(evaluate(request(policyOf([allow('small', ['transfer'], within(10n, 'day'))]), [pay(11n)])))
    expect(text).toBe(
      'Denied.\n- effects[0]: no rule allows it\n- effects[0], rule "small": it is over the limit (per day, limit 10, spent 11)',
    )
    const hidden = explain(evaluate(request(openPolicy, [{ kind: 'unknown', reason: 'a\u202Eb\n- allowed' }])))
    expect(hidden).toContain('a\\u{202e}b\\u{a}- allowed')
    const asked = policyOf([allow('all', ['transfer']), approve('ask', ['transfer'], { approvers: ['me', 'you'], threshold: 1 })])
    expect(explain(evaluate(request(asked, [pay(1n)])))).toContain('1 more of me, you must approve')
  })
})

describe('a limit', () => {
  it('holds for transfers, allowances and fees of one asset together', () => {
    const policy = policyOf([allow('ten', ['transfer', 'allow', 'fee'], within(10n, 'transaction'))])
    const fee: Effect = { kind: 'fee', asset: ETH, amount: 2n }
    const permit: Effect = { kind: 'allow', asset: ETH, amount: 3n, spender: BOB }
    expect(decision(policy, [pay(5n), permit, fee])).toBe('allow')
    expect(decision(policy, [pay(6n), permit, fee])).toBe('deny')
    expect(evaluate(request(policy, [pay(5n), permit, fee])).spends).toEqual([{ asset: ETH, amount: 10n }])
  })

  it('is below an allowance without limit, whatever it is, and reserves all there can be', () => {
    const unlimited: Effect = { kind: 'allow', asset: USDC, amount: undefined, spender: BOB }
    const limited = policyOf([allow('much', ['allow'], within(2n ** 256n - 1n, 'transaction', USDC))])
    expect(codes(limited, [unlimited])).toEqual(['not-covered', 'over-limit'])
    expect(evaluate(request(openPolicy, [unlimited, { ...unlimited, amount: 1n }])).spends).toEqual([
      { asset: USDC, amount: 2n ** 256n - 1n },
    ])
  })

  it('counts the first transaction of the day as any other', () => {
    expect(decision(policyOf([allow('day', ['transfer'], within(10n, 'day'))]), [pay(11n)])).toBe('deny')
  })

  it('counts a token transfer whose transaction has the value zero', () => {
    const policy = policyOf([
      allow('token', ['transfer', 'call']),
      deny('much', ['transfer'], { kind: 'spend', asset: USDC, per: 'transaction', compare: '>', amount: 10n }),
    ])
    expect(decision(policy, [pay(0n, USDC.slice(-42)), call('0xa9059cbb'), pay(11n, ANN, USDC)])).toBe('deny')
    expect(decision(policy, [pay(0n, USDC.slice(-42)), call('0xa9059cbb'), pay(10n, ANN, USDC)])).toBe('allow')
  })

  it('counts every transfer of a multicall', () => {
    const policy = policyOf([allow('day', ['transfer'], within(10n, 'day'))])
    expect(
      decision(
        policy,
        Array.from({ length: 10 }, () => pay(1n)),
      ),
    ).toBe('allow')
    expect(
      decision(
        policy,
        Array.from({ length: 11 }, () => pay(1n)),
      ),
    ).toBe('deny')
  })

  it('rolls: a day after a payment, to the millisecond, its room is back; a week later that of the week', () => {
    const policy = policyOf([allow('both', ['transfer'], within(10n, 'day'), within(15n, 'week'))])
    const ledger = commit(
      reserve(createLedger('phone'), { id: 'a', account: ACCOUNT, spends: [{ asset: ETH, amount: 10n }], nowMs: NOW }),
      { id: 'a', nowMs: NOW },
    )
    const at = (hours: number, minusMs: number, amount: bigint) =>
      decision(policy, [pay(amount)], { spent: ledger, nowMs: NOW + hours * 3_600_000 - minusMs })
    expect([at(24, 1, 1n), at(24, 0, 5n), at(24, 0, 6n), at(168, 1, 6n), at(168, 0, 6n)]).toEqual([
      'deny',
      'allow',
      'deny',
      'deny',
      'allow',
    ])
  })

  it('is not given back by a clock that is set back', () => {
    const policy = policyOf([allow('day', ['transfer'], within(10n, 'day'))])
    const ledger = reserve(createLedger('phone'), { id: 'a', account: ACCOUNT, spends: [{ asset: ETH, amount: 10n }], nowMs: NOW })
    expect(codes(policy, [pay(1n)], { spent: ledger, nowMs: NOW - 30_000 })).toEqual(['not-covered', 'over-limit'])
    expect(codes(policy, [pay(0n)], { spent: ledger, nowMs: NOW - 60_001 })).toEqual(['clock-set-back'])
  })

  it('is divided among devices, and nothing of it is for one that is not listed', () => {
    const policy = policyOf([allow('day', ['transfer'], within(10n, 'day'))], {
      devices: [
        { device: 'phone', parts: 2 },
        { device: 'laptop', parts: 1 },
      ],
    })
    const may = (device: string, amount: bigint) => decision(policy, [pay(amount)], { spent: createLedger(device) })
    expect([may('phone', 6n), may('phone', 7n), may('laptop', 3n), may('laptop', 4n), may('stranger', 1n)]).toEqual([
      'allow',
      'deny',
      'allow',
      'deny',
      'deny',
    ])
  })

  it('counts one intent once, and another of the same amount again', () => {
    const policy = policyOf([allow('day', ['transfer'], within(10n, 'day'))])
    const first = evaluateAndReserve(request(policy, [pay(10n)]))
    expect(first.verdict.decision).toBe('allow')
    const again = evaluateAndReserve(request(policy, [pay(10n)], { spent: first.ledger }))
    expect(again.verdict.decision).toBe('allow')
    expect(again.ledger).toBe(first.ledger)
    const other = evaluateAndReserve(
      request(policy, [pay(10n)], { spent: first.ledger, intent: intentOf([pay(10n)], { bytes: new Uint8Array([7]) }) }),
    )
    expect(other.verdict.decision).toBe('deny')
    expect(other.ledger).toBe(first.ledger)
  })

  it('lets one of fifty requests at the limit through', () => {
    const policy = policyOf([allow('day', ['transfer'], within(10n, 'day'))])
    let ledger = createLedger('phone')
    const decisions = Array.from({ length: 50 }, (_, index) => {
      const asked = evaluateAndReserve(
        request(policy, [pay(10n)], { spent: ledger, intent: intentOf([pay(10n)], { bytes: new Uint8Array([index]) }) }),
      )
      ledger = asked.ledger
      return asked.verdict.decision
    })
    expect(decisions.filter((one) => one === 'allow')).toHaveLength(1)
  })
})

describe('a recipient', () => {
  const policy = policyOf([
    allow('ann', ['transfer', 'give'], toAnn),
    allow('small', ['transfer', 'allow'], within(10n, 'transaction')),
    allow('alice', ['transfer'], { kind: 'to', compare: 'in', addresses: ['alice.sui', 'paypal'] }),
  ])

  it('is compared in one spelling', () => {
    expect(decision(policy, [{ kind: 'give', object: '0x1', to: ANN.toUpperCase().replace('0X', '0x') }])).toBe('allow')
  })

  it('is denied if its ends are those of one who is known', () => {
    const poisoned = `0xaaaa${'12'.repeat(16)}aaaa`
    for (const effect of [pay(1n, poisoned), { kind: 'allow', asset: ETH, amount: 1n, spender: poisoned } as const]) {
      expect(codes(policy, [effect])).toEqual(['look-alike'])
    }
    expect(decision(policy, [pay(1n, `0xaaab${'12'.repeat(16)}aaaa`)])).toBe('allow')
  })

  it('is denied if it hides or turns characters, mixes scripts, or is drawn like one who is known', () => {
    for (const name of ['ali\u202Ece.sui', 'alice.sui\u200B', 'al\u0456ce.sui', 'ａlice.sui'])
      expect(codes(policy, [pay(1n, name)])).toEqual(['deceptive-recipient'])
    for (const name of ['paypa1', 'PayPaI', '\u0440\u0430\u0443\u0440\u0430\u04CF'])
      expect(codes(policy, [pay(1n, name)])).toEqual(['look-alike'])
    expect(decision(policy, [pay(1n, 'ann.sui')])).toBe('allow')
    expect(decision(policy, [pay(1n, 'мария')])).toBe('allow')
  })

  it('is not made known by a rule that only tightens', () => {
    const poisoned = `0xaaaa${'12'.repeat(16)}aaaa`
    const listed: Condition = { kind: 'to', compare: 'in', addresses: [poisoned] }
    const tighter = [
      deny('night', ['transfer'], listed, { kind: 'role', compare: 'in', roles: ['nobody'] }),
      approve('ask', ['transfer'], { delayMs: 1 }, listed),
    ]
    for (const rule of tighter)
      expect(codes(createPolicy({ ...policy, rules: [...policy.rules, rule] }), [pay(1n, poisoned)])).toEqual(['look-alike'])
    const asked = createPolicy({
      ...policy,
      rules: [...policy.rules, approve('ask', ['transfer'], { delayMs: 1 }, { kind: 'to', compare: 'not-in', addresses: [poisoned] })],
    })
    expect(codes(asked, [pay(1n, poisoned)])).toEqual(['look-alike'])
  })
})

describe('hours', () => {
  const hours = (rest: Partial<TimeCondition>) =>
    policyOf([
      allow('hours', ['transfer'], {
        kind: 'time',
        compare: 'in',
        zone: 'Europe/Berlin',
        days: [1, 2, 3, 4, 5],
        from: '09:00',
        until: '17:00',
        ...rest,
      }),
    ])
  const at = (policy: ReturnType<typeof hours>, iso: string) => decision(policy, [pay(1n)], { nowMs: Date.parse(iso) })

  it('are those of the zone, in winter and in summer', () => {
    const policy = hours({})
    expect([
      at(policy, '2026-01-14T07:59:59.999Z'),
      at(policy, '2026-01-14T08:00Z'),
      at(policy, '2026-01-14T15:59:59Z'),
      at(policy, '2026-01-14T16:00Z'),
    ]).toEqual(['deny', 'allow', 'allow', 'deny'])
    expect([at(policy, '2026-07-15T06:59Z'), at(policy, '2026-07-15T07:00Z'), at(policy, '2026-07-15T15:00Z')]).toEqual([
      'deny',
      'allow',
      'deny',
    ])
    expect(at(policy, '2026-07-18T09:00Z')).toBe('deny')
  })

  it('never come where a clock skips them, and come twice where it repeats them', () => {
    const policy = hours({ days: [7], from: '02:00', until: '03:00' })
    const allowed = (from: string, minutes: number) =>
      Array.from({ length: minutes }, (_, minute) => decision(policy, [pay(1n)], { nowMs: Date.parse(from) + minute * 60_000 })).filter(
        (one) => one === 'allow',
      ).length
    expect(allowed('2026-03-28T23:00Z', 6 * 60)).toBe(0)
    expect(allowed('2026-10-24T22:00Z', 6 * 60)).toBe(120)
  })

  it('that run past midnight are of the day they begin on', () => {
    const policy = hours({ zone: 'UTC', days: [7], from: '22:00', until: '06:00' })
    expect([
      at(policy, '2026-11-22T22:00Z'),
      at(policy, '2026-11-23T05:59Z'),
      at(policy, '2026-11-23T06:00Z'),
      at(policy, '2026-11-22T05:00Z'),
    ]).toEqual(['allow', 'allow', 'deny', 'deny'])
  })

  it('that end when they begin are the whole day; outside them is the rest', () => {
    expect(at(hours({ zone: 'UTC', days: [3], from: '12:00', until: '12:00' }), '2026-11-25T00:00Z')).toBe('allow')
    const outside = hours({ compare: 'not-in' })
    expect([at(outside, '2026-01-14T12:00Z'), at(outside, '2026-01-14T20:00Z')]).toEqual(['deny', 'allow'])
    expect(codes(hours({}), [pay(1n)], { nowMs: Date.parse('2026-11-22T12:00Z') })).toEqual(['not-covered', 'outside-hours'])
  })
})

describe('a call', () => {
  const on = (condition: Partial<CallCondition>) => policyOf([allow('call', ['call'], { kind: 'call', arguments: [], ...condition })])

  it('is matched by its selector with and without 0x, in either case', () => {
    for (const method of ['a9059cbb', '0xA9059CBB']) {
      const policy = on({ target: BOB, method })
      expect(['0xa9059cbb', 'A9059CBB', '0XA9059cbb'].map((given) => decision(policy, [call(given)]))).toEqual(['allow', 'allow', 'allow'])
      expect(codes(policy, [call('0xa9059cbc')])).toEqual(['not-covered', 'other-call'])
    }
    expect(decision(on({ method: 'transfer' }), [call('Transfer')])).toBe('deny')
    expect(decision(on({ target: ANN }), [call('transfer')])).toBe('deny')
  })

  it.each([
    ['=', 5n, [false, true, false]],
    ['!=', 5n, [true, false, true]],
    ['<', 5n, [true, false, false]],
    ['<=', 5n, [true, true, false]],
    ['>', 5n, [false, false, true]],
    ['>=', 5n, [false, true, true]],
  ] as const)('is compared by an argument %s', (compare, value, expected) => {
    const policy = on({ arguments: [{ name: 'n', type: 'integer', compare, value }] })
    expect([4n, 5n, 6n].map((n) => decision(policy, [call('f', { name: 'n', value: n })]) === 'allow')).toEqual(expected)
  })

  it('compares texts and flags, addresses in one spelling', () => {
    const text = on({ arguments: [{ name: 'to', type: 'text', compare: '=', value: ANN.replaceAll('a', 'A') }] })
    expect([ANN, BOB].map((value) => decision(text, [call('f', { name: 'to', value })]))).toEqual(['allow', 'deny'])
    const flag = on({ arguments: [{ name: 'ok', type: 'flag', compare: '!=', value: true }] })
    expect([true, false].map((value) => decision(flag, [call('f', { name: 'ok', value })]))).toEqual(['deny', 'allow'])
  })

  it('whose argument is missing, of another type or there twice is neither allowed nor spared', () => {
    const test = { name: 'n', type: 'integer', compare: '>', value: 5n } as const
    const condition: Condition = { kind: 'call', arguments: [test] }
    const denying = policyOf([allow('all', ['call']), deny('much', ['call'], condition)])
    for (const args of [
      [],
      [{ name: 'n', value: '6' }],
      [
        { name: 'n', value: 1n },
        { name: 'n', value: 9n },
      ],
    ]) {
      expect(decision(on({ arguments: [test] }), [call('f', ...args)])).toBe('deny')
      expect(codes(denying, [call('f', ...args)])).toEqual(['denied-by-rule'])
    }
    expect(decision(denying, [call('f', { name: 'n', value: 5n })])).toBe('allow')
  })
})

describe('a requester', () => {
  const requester = { id: 'agent', roles: ['agent'], attributes: { device: 'managed' } }
  const by = (condition: Condition, rest: object = {}) =>
    decision(policyOf([allow('who', ['transfer'], condition)]), [pay(1n)], { facts: factsOf({ requester: { ...requester, ...rest } }) })

  it('is known by its roles', () => {
    expect(by({ kind: 'role', compare: 'in', roles: ['owner', 'agent'] })).toBe('allow')
    expect(by({ kind: 'role', compare: 'in', roles: ['owner'] })).toBe('deny')
    expect(by({ kind: 'role', compare: 'not-in', roles: ['agent'] })).toBe('deny')
  })

  it('is known by attributes; what is not said of it cannot be told', () => {
    expect(by({ kind: 'attribute', name: 'device', compare: '=', value: 'managed' })).toBe('allow')
    expect(by({ kind: 'attribute', name: 'device', compare: '!=', value: 'managed' })).toBe('deny')
    expect(by({ kind: 'attribute', name: 'device', compare: '!=', value: 'lost' }, { attributes: {} })).toBe('deny')
    expect(by({ kind: 'attribute', name: 'constructor', compare: '!=', value: 'x' })).toBe('deny')
    const spared = policyOf([
      allow('all', ['transfer']),
      deny('lost', ['transfer'], { kind: 'attribute', name: 'device', compare: '=', value: 'lost' }),
    ])
    expect(codes(spared, [pay(1n)])).toEqual(['denied-by-rule'])
  })
})

describe('an approval', () => {
  const rule = approve(
    'two',
    ['transfer'],
    { approvers: ['ann', 'bob', 'agent'], threshold: 2 },
    { kind: 'spend', asset: ETH, per: 'transaction', compare: '>', amount: 10n },
  )
  const policy = policyOf([allow('all', ['transfer']), rule])
  const by = (name: string, rest: object = {}) => ({
    by: name,
    policyHash: hashPolicy(policy),
    intentHash: hashIntent(intentOf([])),
    expiresAtMs: NOW + 1,
    ...rest,
  })
  const verdict = (approvals: ReturnType<typeof by>[], rest: object = {}) =>
    evaluate(request(policy, [pay(11n)], { facts: factsOf({ approvals, ...rest }) }))

  it('is waited for only where the rule says so', () => {
    expect(decision(policy, [pay(10n)])).toBe('allow')
    expect(verdict([])).toMatchObject({ decision: 'wait', waitsFor: [{ rule: 'two', missing: 2, approvers: ['ann', 'bob'] }] })
    expect(verdict([by('ann')])).toMatchObject({ decision: 'wait', waitsFor: [{ missing: 1, approvers: ['bob'] }] })
    expect(verdict([by('ann'), by('bob')]).decision).toBe('allow')
  })

  it('does not count twice, from the requester, from a stranger, or when it has expired', () => {
    for (const second of [by('ann'), by('agent'), by('eve'), by('bob', { expiresAtMs: NOW })])
      expect(verdict([by('ann'), second]).decision).toBe('wait')
  })

  it('does not count for another intent or under another policy', () => {
    for (const second of [
      by('bob', { intentHash: hashIntent(intentOf([], { bytes: new Uint8Array([9]) })) }),
      by('bob', { policyHash: hashPolicy(openPolicy) }),
    ]) {
      expect(verdict([by('ann'), second]).decision).toBe('wait')
    }
  })

  it('that cannot come denies', () => {
    const impossible = policyOf([allow('all', ['transfer']), approve('one', ['transfer'], { approvers: ['agent'], threshold: 1 })])
    expect(codes(impossible, [pay(1n)])).toEqual(['approval-impossible'])
  })

  it('waits for a delay from the request and a quiet time from the last change of policy', () => {
    const slow = policyOf([allow('all', ['transfer']), approve('slow', ['transfer'], { delayMs: 1_000, quietMs: 5_000 })])
    const at = (rest: object) => evaluate(request(slow, [pay(1n)], { facts: factsOf(rest) }))
    expect(at({ requestedAtMs: NOW - 999 })).toMatchObject({
      decision: 'wait',
      waitsFor: [{ missing: 0, approvers: [], notBeforeMs: NOW + 1 }],
    })
    expect(at({ requestedAtMs: NOW - 1_000 }).decision).toBe('allow')
    expect(at({ requestedAtMs: 0, policyChangedAtMs: NOW - 4_999 })).toMatchObject({
      decision: 'wait',
      waitsFor: [{ notBeforeMs: NOW + 1 }],
    })
    expect(at({ requestedAtMs: 0, policyChangedAtMs: NOW + 9_000 }).decision).toBe('wait')
  })

  it('does not help against a denial', () => {
    const verdictOf = evaluate(request(policyOf([rule]), [pay(11n)]))
    expect(verdictOf.decision).toBe('deny')
    expect(verdictOf.waitsFor).toEqual([])
  })
})

describe('a check', () => {
  const checked = policyOf([allow('all', ['transfer']), { effect: 'check', name: 'sanctions' }])

  it('must be there if the policy asks for it, and must let pass', () => {
    expect(codes(checked, [pay(1n)])).toEqual(['check-missing'])
    expect(decision(checked, [pay(1n)], { checks: { sanctions: () => 'pass' } })).toBe('allow')
    expect(codes(checked, [pay(1n)], { checks: { sanctions: () => 'deny' } })).toEqual(['check-denied'])
  })

  it('denies if it throws, promises, or says anything else; also one the policy does not ask for', () => {
    const saying = (check: () => unknown) => codes(openPolicy, [pay(1n)], { checks: { extra: check as () => 'pass' } })
    expect(
      saying(() => {
        throw new Error('no')
      }),
    ).toEqual(['check-failed'])
    for (const answer of [undefined, true, 'PASS', Promise.resolve('pass')]) expect(saying(() => answer)).toEqual(['check-denied'])
  })

  it('is given a copy it cannot change anything with', () => {
    const intent = intentOf([pay(5n)])
    const verdict = evaluate(
      request(openPolicy, [], {
        intent,
        checks: {
          meddles: (given) => {
            ;(given.effects as Effect[])[0] = pay(0n)
            given.bytes.fill(0)
            return 'pass'
          },
        },
      }),
    )
    expect(verdict.spends).toEqual([{ asset: ETH, amount: 5n }])
    expect(intent).toEqual(intentOf([pay(5n)]))
    expect(CHAIN).toBe(intent.chain)
  })
})
