import type { Answer, Context } from '../context.ts'
import type { Effect } from '../intent.ts'
import type { SpendCondition } from '../policy.ts'

export function testSpend(condition: SpendCondition, effect: Effect, context: Context): Answer {
  if (!('asset' in effect) || effect.asset !== condition.asset) return 'no'
  const { spent, limit } = context.spending(condition)
  const isWithin = spent !== undefined && spent <= limit
  return isWithin === (condition.compare === '<=') ? 'yes' : 'no'
}
