import type { AllowRule, ApproveRule, DenyRule, EffectKind, Policy } from './policy.ts'
import { knownRecipients, type KnownRecipients } from './recipient.ts'

/** What is worked out of a policy once, so that a verdict need not. */
export type Prepared = {
  /** The policy's one JSON text, and its hash. */
  readonly text: string
  readonly hash: string
  /** Recipients that `allow` rules name. Only those: an added rule of another kind must not make an address look honest. */
  readonly known: KnownRecipients
  /** PERF: of each kind of effect, the rules that are on it, so that a verdict passes over no others. */
  readonly on: { readonly [K in EffectKind]: RulesOn }
}

export type RulesOn = { readonly allow: readonly AllowRule[]; readonly deny: readonly DenyRule[]; readonly approve: readonly ApproveRule[] }

// SECURITY: only policies that were read, and so are checked and frozen, are in here; any other object is no policy.
let prepared: WeakMap<Policy, Prepared> | undefined

export function preparedOf(policy: Policy): Prepared | undefined {
  return prepared?.get(policy)
}

export function prepare(policy: Policy, text: string, hash: string): void {
  const addresses = policy.rules.flatMap((rule) =>
    rule.effect === 'allow'
      ? rule.when.flatMap((condition) => (condition.kind === 'to' && condition.compare === 'in' ? condition.addresses : []))
      : [],
  )
  prepared ??= new WeakMap()
  const on = {
    transfer: rulesOn(policy, 'transfer'),
    allow: rulesOn(policy, 'allow'),
    fee: rulesOn(policy, 'fee'),
    call: rulesOn(policy, 'call'),
    give: rulesOn(policy, 'give'),
  }
  prepared.set(policy, { text, hash, known: knownRecipients(addresses), on })
}

function rulesOn({ rules }: Policy, kind: EffectKind): RulesOn {
  const on: { allow: AllowRule[]; deny: DenyRule[]; approve: ApproveRule[] } = { allow: [], deny: [], approve: [] }
  for (const rule of rules) {
    if (rule.effect === 'check' || !rule.on.includes(kind)) continue
    if (rule.effect === 'allow') on.allow.push(rule)
    else if (rule.effect === 'deny') on.deny.push(rule)
    else on.approve.push(rule)
  }
  return on
}
