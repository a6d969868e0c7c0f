import type { Answer, Context } from '../context.ts'
import type { Effect } from '../intent.ts'
import type { Condition } from '../policy.ts'
import type { Reason, ReasonCode } from '../verdict.ts'
import { testCall } from './call.ts'
import { testAttribute, testRole } from './requester.ts'
import { testSpend } from './spend.ts'
import { testTime } from './time.ts'
import { testTo } from './to.ts'

export function testCondition(condition: Condition, effect: Effect, context: Context): Answer {
  switch (condition.kind) {
    case 'spend':
      return testSpend(condition, effect, context)
    case 'to':
      return testTo(condition, effect)
    case 'time':
      return testTime(condition, context)
    case 'call':
      return testCall(condition, effect)
    case 'role':
      return testRole(condition, context.facts.requester)
    case 'attribute':
      return testAttribute(condition, context.facts.requester)
  }
}

const CODES: { readonly [K in Condition['kind']]: ReasonCode } = {
  spend: 'over-limit',
  to: 'recipient-not-listed',
  time: 'outside-hours',
  call: 'other-call',
  role: 'other-requester',
  attribute: 'other-requester',
}

/** Why a condition that does not hold for an effect keeps a rule from covering it. */
export function whyNot(condition: Condition, effect: Effect, context: Context): Pick<Reason, 'code' | 'details'> {
  const code = CODES[condition.kind]
  if (condition.kind === 'time') return { code, details: { zone: condition.zone, from: condition.from, until: condition.until } }
  if (condition.kind !== 'spend') return { code, details: {} }
  if (!('asset' in effect) || effect.asset !== condition.asset) return { code: 'not-covered', details: { asset: condition.asset } }
  const { spent, limit } = context.spending(condition)
  return { code, details: { per: condition.per, limit: limit.toString(), spent: spent?.toString() ?? 'unlimited' } }
}
