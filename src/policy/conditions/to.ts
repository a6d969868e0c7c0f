import type { Answer } from '../context.ts'
import type { Effect } from '../intent.ts'
import type { ToCondition } from '../policy.ts'

export function testTo({ compare, addresses }: ToCondition, effect: Effect): Answer {
  const beneficiary = beneficiaryOf(effect)
  if (beneficiary === undefined) return 'no'
  return addresses.includes(beneficiary.address) === (compare === 'in') ? 'yes' : 'no'
}

/** Who gets something by an effect, and the field that says so. */
export function beneficiaryOf(effect: Effect): { readonly address: string; readonly field: 'to' | 'spender' } | undefined {
  if (effect.kind === 'allow') return { address: effect.spender, field: 'spender' }
  return effect.kind === 'transfer' || effect.kind === 'give' ? { address: effect.to, field: 'to' } : undefined
}
