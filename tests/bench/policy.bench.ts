import { createPolicy } from '../../src/policy/create-policy.ts'
import { evaluate } from '../../src/policy/evaluate.ts'
import type { Effect } from '../../src/policy/intent.ts'
import { createLedger, reserve } from '../../src/policy/ledger.ts'
import type { AllowRule, ApproveRule, Condition, DenyRule, Rule } from '../../src/policy/policy.ts'
import type { EvaluateRequest } from '../../src/policy/request.ts'
import { percentile } from './cpu.ts'
import { row, type Row } from './row.ts'

const CHAIN = 'eip155:1'
const NOW = Date.UTC(2026, 10, 25, 12)
const address = (number: number) => `0x${number.toString(16).padStart(8, '0').repeat(5)}`
const token = (number: number) => `${CHAIN}/erc20:${address(number)}`

/** What is measured, smaller if a shorter run is wanted. */
export type PolicyBenchOptions = { readonly calls?: number }

/**
 * Verdicts about a payment with its fee and call under a policy of 100 rules of every kind, with 200 payments of the week
 * in the ledger. CPU time of each call, the process's other threads included: the wall clock of a call this short measures
 * who else was let run.
 */
export async function benchPolicy({ calls = 20_000 }: PolicyBenchOptions = {}): Promise<Row[]> {
  const allowed = ask(99)
  const denied = ask(1_000)
  if (evaluate(allowed).decision !== 'allow' || evaluate(denied).decision !== 'deny') throw new Error('another verdict than expected')
  const rows: Row[] = []
  for (const [name, request] of [
    ['allowed by the last', allowed],
    ['denied', denied],
  ] as const) {
    const times: number[] = []
    for (let call = -2_000; call < calls; call++) {
      const before = process.cpuUsage()
      evaluate(request)
      const { user, system } = process.cpuUsage(before)
      if (call >= 0) times.push((user + system) / 1_000)
    }
    rows.push(row(`a verdict under 100 rules, ${name}, CPU: p50`, percentile(times, 0.5), 'ms'))
    rows.push(row(`a verdict under 100 rules, ${name}, CPU: p99`, percentile(times, 0.99), 'ms', { below: 0.1 }))
  }
  return Promise.resolve(rows)
}

/** A payment that the last of the rules for payments covers, or none of them. */
function ask(asset: number): EvaluateRequest {
  const rules = Array.from({ length: 100 }, (_, index) => ruleOf(index))
  const policy = createPolicy({
    version: 1,
    id: 'bench',
    chains: [CHAIN],
    accounts: [address(1)],
    devices: [{ device: 'phone', parts: 1 }],
    rules,
  })
  let spent = createLedger('phone')
  for (let payment = 0; payment < 200; payment++) {
    spent = reserve(spent, {
      id: `payment ${payment}`,
      account: address(1),
      spends: [{ asset: token(asset), amount: 1n }],
      nowMs: NOW - payment,
    })
  }
  const effects: Effect[] = [
    { kind: 'call', target: address(7), method: '0xa9059cbb', arguments: [{ name: 'amount', value: 10n }] },
    { kind: 'transfer', asset: token(asset), amount: 10n, to: address(50) },
    { kind: 'fee', asset: token(asset), amount: 1n },
  ]
  const facts = { requester: { id: 'agent', roles: ['agent'], attributes: {} }, approvals: [], requestedAtMs: NOW, policyChangedAtMs: 0 }
  return { policy, intent: { chain: CHAIN, account: address(1), effects, bytes: new Uint8Array(512) }, facts, nowMs: NOW, spent }
}

function ruleOf(index: number): Rule {
  const name = `rule ${index}`
  const hours: Condition = { kind: 'time', compare: 'in', zone: 'Europe/Berlin', days: [1, 2, 3, 4, 5], from: '08:00', until: '18:00' }
  const about = (on: AllowRule['on'], ...when: readonly Condition[]) => ({ name, on, when })
  const amount = (compare: '<=' | '>', per: 'transaction' | 'day' | 'week', most: bigint): Condition => ({
    kind: 'spend',
    asset: token(index),
    per,
    compare,
    amount: most,
  })
  const people: Condition = { kind: 'to', compare: 'in', addresses: Array.from({ length: 20 }, (_, at) => address(index * 100 + at)) }
  switch (index % 5) {
    case 0:
      return {
        effect: 'allow',
        ...about(['call'], {
          kind: 'call',
          method: '0xa9059cbb',
          arguments: [{ name: 'amount', type: 'integer', compare: '<=', value: BigInt(index) }],
        }),
      }
    case 1:
      return { effect: 'deny', ...about(['transfer'], people) } satisfies DenyRule
    case 2:
      return {
        effect: 'approve',
        ...about(['transfer'], amount('>', 'transaction', 5n)),
        approvers: ['ann'],
        threshold: 1,
        delayMs: 0,
        quietMs: 0,
      } satisfies ApproveRule
    case 3:
      return { effect: 'allow', ...about(['transfer'], people, hours) }
    default:
      return {
        effect: 'allow',
        ...about(['transfer', 'fee'], amount('<=', 'day', 1_000n), amount('<=', 'week', 3_000n), hours, {
          kind: 'role',
          compare: 'in',
          roles: ['agent'],
        }),
      }
  }
}
