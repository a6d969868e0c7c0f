import { describe, expect, it } from 'vitest'
import { isLocketError } from '../../../src/core/errors.ts'
import { createPolicy, formatPolicy, hashPolicy, MAX_POLICY_CHARS, parsePolicy } from '../../../src/policy/create-policy.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { ACCOUNT, ANN, BOB, CHAIN, ETH } from '../../helpers/policy.ts'
import { everything } from '../../helpers/policy-everything.ts'

type Json = { [name: string]: unknown }

/** The path that is blamed when a policy is changed, or what happened instead. */
function blamed(change: (policy: Json) => unknown): unknown {
  const json = JSON.parse(formatPolicy(everything)) as Json
  const changed = change(json) ?? json
  try {
    parsePolicy(JSON.stringify(changed))
  } catch (error) {
    return isLocketError(error, 'policy/invalid') ? error.details['path'] : error
  }
  return 'nothing'
}

const rule = (policy: Json, index: number) => (policy['rules'] as Json[])[index] as Json
const condition = (policy: Json, index: number, place = 0) => (rule(policy, index)['when'] as Json[])[place] as Json
const put = (target: Json, name: string, value: unknown) => void (target[name] = value)

describe('a policy', () => {
  it('comes back from its text, with the same text and hash', () => {
    const again = parsePolicy(formatPolicy(everything))
    expect(again).toEqual(everything)
    expect(formatPolicy(again)).toBe(formatPolicy(everything))
    expect(hashPolicy(again)).toBe(hashPolicy(everything))
    expect(hashPolicy(everything)).toMatch(/^[0-9a-f]{64}$/)
  })

  it('has one hash however its sets are ordered and its hexadecimal is spelled', () => {
    const one = {
      version: 1,
      id: 'a',
      chains: [CHAIN, 'sui:mainnet'],
      accounts: [ACCOUNT, BOB],
      devices: [
        { device: 'a', parts: 1 },
        { device: 'b', parts: 2 },
      ],
      rules: [],
    } as const
    const other = {
      rules: [],
      devices: [
        { parts: 2, device: 'b' },
        { parts: 1, device: 'a' },
      ],
      accounts: [BOB.toUpperCase(), ACCOUNT],
      chains: ['sui:mainnet', CHAIN],
      id: 'a',
      version: 1,
    } as const
    expect(hashPolicy(createPolicy(other))).toBe(hashPolicy(createPolicy(one)))
    expect(hashPolicy(other)).toBe(hashPolicy(one))
    expect(formatPolicy(other)).toBe(formatPolicy(createPolicy(one)))
  })

  it('has another hash for every other policy, and for another order of rules', () => {
    const turned = createPolicy({ ...everything, rules: everything.rules.toReversed() })
    const renamed = createPolicy({ ...everything, id: 'other' })
    expect(new Set([everything, turned, renamed].map(hashPolicy)).size).toBe(3)
  })

  it('is a frozen copy', () => {
    const given = { version: 1, id: 'a', chains: [CHAIN], accounts: [ACCOUNT], devices: [], rules: [] } as unknown as Policy
    const policy = createPolicy(given)
    expect(policy).not.toBe(given)
    expect(Object.isFrozen(policy.accounts)).toBe(true)
    expect(Object.isFrozen(given)).toBe(false)
  })

  it.each<[string, (policy: Json) => unknown]>([
    ['', () => []],
    ['', () => 7],
    ['more', (policy) => put(policy, 'more', 1)],
    ['id', (policy) => delete policy['id'] && undefined],
    ['id', (policy) => put(policy, 'id', '')],
    ['id', (policy) => put(policy, 'id', 'a\u202Eb')],
    ['version', (policy) => put(policy, 'version', 2)],
    ['chains', (policy) => put(policy, 'chains', [])],
    ['chains[0]', (policy) => put(policy, 'chains', ['eip155'])],
    ['accounts', (policy) => put(policy, 'accounts', [ACCOUNT, ACCOUNT.toUpperCase()])],
    ['accounts[0]', (policy) => put(policy, 'accounts', ['0x11'])],
    ['accounts[0]', (policy) => put(policy, 'accounts', ['al\u0456ce'])],
    ['devices', (policy) => put(policy, 'devices', [])],
    [
      'devices',
      (policy) =>
        put(policy, 'devices', [
          { device: 'a', parts: 1 },
          { device: 'a', parts: 1 },
        ]),
    ],
    ['devices', (policy) => put(policy, 'devices', [{ device: 'a', parts: 0 }])],
    ['devices[0].parts', (policy) => put(policy, 'devices', [{ device: 'a', parts: -1 }])],
    ['devices[0].parts', (policy) => put(policy, 'devices', [{ device: 'a', parts: 0.5 }])],
    ['rules', (policy) => put(policy, 'rules', {})],
    ['rules[0].effect', (policy) => put(rule(policy, 0), 'effect', 'permit')],
    ['rules[0].effect', (policy) => put(policy, 'rules', [null])],
    ['rules[0].approvers', (policy) => put(rule(policy, 0), 'approvers', [])],
    ['rules[0].on', (policy) => put(rule(policy, 0), 'on', [])],
    ['rules[0].on[0]', (policy) => put(rule(policy, 0), 'on', ['unknown'])],
    ['rules[1].name', (policy) => put(rule(policy, 1), 'name', rule(policy, 0)['name'])],
    ['rules[0].when[0].kind', (policy) => put(condition(policy, 0), 'kind', '__proto__')],
    ['rules[0].when[0].kind', (policy) => put(rule(policy, 0), 'on', ['transfer', 'call'])],
    ['rules[0].when[0].over', (policy) => put(condition(policy, 0), 'over', 1)],
    ['rules[0].when[0].per', (policy) => put(condition(policy, 0), 'per', 'month')],
    ['rules[0].when[0].compare', (policy) => put(condition(policy, 0), 'compare', '<')],
    ['rules[0].when[0].asset', (policy) => put(condition(policy, 0), 'asset', 'ETH')],
    ['rules[0].when[0].asset', (policy) => put(condition(policy, 0), 'asset', 'eip155:10/slip44:60')],
    ...['-1', '+1', '01', '1e3', '1.0', '', 5, (2n ** 256n).toString(), '9'.repeat(81)].map(
      (amount): [string, (policy: Json) => unknown] => ['rules[0].when[0].amount', (policy) => put(condition(policy, 0), 'amount', amount)],
    ),
    ['rules[1].when[0].addresses', (policy) => put(condition(policy, 1), 'addresses', [])],
    ['rules[1].when[0].addresses', (policy) => put(condition(policy, 1), 'addresses', [ANN, ANN])],
    ['rules[1].when[0].addresses[0]', (policy) => put(condition(policy, 1), 'addresses', ['0xaa'])],
    ['rules[1].when[1].zone', (policy) => put(condition(policy, 1, 1), 'zone', 'Europe/Atlantis')],
    ['rules[1].when[1].days[0]', (policy) => put(condition(policy, 1, 1), 'days', [0])],
    ['rules[1].when[1].from', (policy) => put(condition(policy, 1, 1), 'from', '24:00')],
    ['rules[1].when[1].until', (policy) => put(condition(policy, 1, 1), 'until', '9:00')],
    ['rules[2].when[0].target', (policy) => put(condition(policy, 2), 'target', '')],
    ['rules[2].when[0].arguments[0].type', (policy) => put((condition(policy, 2)['arguments'] as Json[])[0] as Json, 'type', 'float')],
    ['rules[2].when[0].arguments[0].compare', (policy) => put((condition(policy, 2)['arguments'] as Json[])[0] as Json, 'compare', '~')],
    ['rules[2].when[0].arguments[1].compare', (policy) => put((condition(policy, 2)['arguments'] as Json[])[1] as Json, 'compare', '<')],
    ['rules[2].when[0].arguments[2].value', (policy) => put((condition(policy, 2)['arguments'] as Json[])[2] as Json, 'value', 1)],
    ['rules[3].threshold', (policy) => put(rule(policy, 3), 'threshold', 3)],
    ['rules[3].approvers', (policy) => put(rule(policy, 3), 'approvers', ['a', 'a'])],
    ['rules[3]', (policy) => Object.assign(rule(policy, 3), { threshold: 0, delayMs: 0, quietMs: 0 }) && undefined],
    ['rules[3].delayMs', (policy) => put(rule(policy, 3), 'delayMs', 1e12)],
    ['rules[4].when', (policy) => put(rule(policy, 4), 'when', [])],
  ])('is refused at %s', (path, change) => {
    expect(blamed(change)).toBe(path)
  })

  it('is refused if its text is not JSON, or longer than a policy is', () => {
    for (const text of ['', '{', '[]]', ' '.repeat(MAX_POLICY_CHARS + 1), '['.repeat(500_000)])
      expect(() => parsePolicy(text)).toThrow('policy/invalid')
  })

  it('is refused with a field that only looks like one of an object', () => {
    expect(() => parsePolicy(formatPolicy(everything).replace('"version"', '"__proto__":{},"version"'))).toThrow('__proto__ is not known')
  })

  it('takes the largest amount there can be', () => {
    const text = (2n ** 256n - 1n).toString()
    expect(blamed((policy) => put(condition(policy, 0), 'amount', text))).toBe('nothing')
    expect(ETH).toBe(condition(JSON.parse(formatPolicy(everything)) as Json, 0)['asset'])
  })
})
