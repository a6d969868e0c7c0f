import type { Effect, Intent } from '../../src/policy/intent.ts'
import { createLedger } from '../../src/policy/ledger.ts'
import { createPolicy } from '../../src/policy/create-policy.ts'
import type { AllowRule, ApproveRule, Condition, DenyRule, EffectKind, Policy, Rule } from '../../src/policy/policy.ts'
import type { EvaluateRequest, Facts } from '../../src/policy/request.ts'

export const CHAIN = 'eip155:1'
export const ETH = 'eip155:1/slip44:60'
export const USDC = `eip155:1/erc20:0x${'a0'.repeat(20)}`
export const ACCOUNT = `0x${'11'.repeat(20)}`
export const ANN = `0x${'aa'.repeat(20)}`
export const BOB = `0x${'bb'.repeat(20)}`
/** Wednesday, 2026-11-25 12:00 UTC. */
export const NOW = Date.UTC(2026, 10, 25, 12)

export function allow(name: string, on: readonly EffectKind[], ...when: readonly Condition[]): AllowRule {
  return { effect: 'allow', name, on, when }
}

export function deny(name: string, on: readonly EffectKind[], ...when: readonly Condition[]): DenyRule {
  return { effect: 'deny', name, on, when }
}

export function approve(name: string, on: readonly EffectKind[], asks: Partial<ApproveRule>, ...when: readonly Condition[]): ApproveRule {
  return { effect: 'approve', name, on, when, approvers: [], threshold: 0, delayMs: 0, quietMs: 0, ...asks }
}

export function within(amount: bigint, per: 'transaction' | 'day' | 'week', asset: string = ETH): Condition {
  return { kind: 'spend', asset, per, compare: '<=', amount }
}

export function policyOf(rules: readonly Rule[], rest: Partial<Policy> = {}): Policy {
  const devices = [{ device: 'phone', parts: 1 }]
  return createPolicy({ version: 1, id: 'test', chains: [CHAIN], accounts: [ACCOUNT], devices, rules, ...rest })
}

export function intentOf(effects: readonly Effect[], rest: Partial<Intent> = {}): Intent {
  return { chain: CHAIN, account: ACCOUNT, effects, bytes: new Uint8Array([1, 2, 3]), ...rest }
}

export function pay(amount: bigint, to: string = ANN, asset: string = ETH): Effect {
  return { kind: 'transfer', asset, amount, to }
}

export function factsOf(rest: Partial<Facts> = {}): Facts {
  return { requester: { id: 'agent', roles: [], attributes: {} }, approvals: [], requestedAtMs: NOW, policyChangedAtMs: 0, ...rest }
}

export function request(policy: Policy, effects: readonly Effect[], rest: Partial<EvaluateRequest> = {}): EvaluateRequest {
  return { policy, intent: intentOf(effects), facts: factsOf(), nowMs: NOW, spent: createLedger('phone'), ...rest }
}
