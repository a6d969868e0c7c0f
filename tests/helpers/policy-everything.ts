import type { Policy } from '../../src/policy/policy.ts'
import { allow, ANN, approve, BOB, deny, ETH, policyOf, within } from './policy.ts'

/** A policy with every kind of rule and condition. */
export const everything: Policy = policyOf(
  [
    allow('small', ['transfer', 'fee'], within(100n, 'day'), within(300n, 'week')),
    deny(
      'bob at night',
      ['transfer', 'give'],
      { kind: 'to', compare: 'in', addresses: [BOB] },
      { kind: 'time', compare: 'in', zone: 'Europe/Berlin', days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', until: '06:00' },
    ),
    allow('swap', ['call'], {
      kind: 'call',
      target: ANN,
      method: '0xa9059cbb',
      arguments: [
        { name: 'most', type: 'integer', compare: '<=', value: -5n },
        { name: 'to', type: 'text', compare: '=', value: ANN },
        { name: 'exact', type: 'flag', compare: '!=', value: true },
      ],
    }),
    approve(
      'large',
      ['transfer', 'allow'],
      { approvers: ['ann', 'bob'], threshold: 1, delayMs: 60_000, quietMs: 3_600_000 },
      { kind: 'spend', asset: ETH, per: 'transaction', compare: '>', amount: 50n },
      { kind: 'role', compare: 'not-in', roles: ['owner'] },
      { kind: 'attribute', name: 'device', compare: '!=', value: 'trusted' },
    ),
    { effect: 'check', name: 'sanctions' },
  ],
  {
    devices: [
      { device: 'phone', parts: 2 },
      { device: 'laptop', parts: 1 },
    ],
  },
)
