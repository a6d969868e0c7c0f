import type { Answer, Context } from '../context.ts'
import type { LocalTime } from '../local-time.ts'
import type { TimeCondition } from '../policy.ts'

export function testTime(condition: TimeCondition, context: Pick<Context, 'timeIn'>): Answer {
  return isWithin(condition, context.timeIn(condition.zone)) === (condition.compare === 'in') ? 'yes' : 'no'
}

/** Two clocks of the form `HH:MM` are in the order of their texts. */
function isWithin({ days, from, until }: TimeCondition, { day, clock }: LocalTime): boolean {
  if (from === until) return days.includes(day)
  if (from < until) return clock >= from && clock < until && days.includes(day)
  if (clock >= from) return days.includes(day)
  // After midnight, in the window of the day before.
  return clock < until && days.includes(day === 1 ? 7 : day - 1)
}
