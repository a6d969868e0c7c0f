import type { Answer, Context } from '../context.ts'
import { minuteOf, type LocalTime } from '../local-time.ts'
import type { TimeCondition } from '../policy.ts'

export function testTime(condition: TimeCondition, context: Pick<Context, 'timeIn'>): Answer {
  return isWithin(condition, context.timeIn(condition.zone)) === (condition.compare === 'in') ? 'yes' : 'no'
}

function isWithin({ days, from, until }: TimeCondition, { day, minute }: LocalTime): boolean {
  const [begin, end] = [minuteOf(from) as number, minuteOf(until) as number]
  if (begin === end) return days.includes(day)
  if (begin < end) return minute >= begin && minute < end && days.includes(day)
  if (minute >= begin) return days.includes(day)
  // After midnight, in the window of the day before.
  return minute < end && days.includes(day === 1 ? 7 : day - 1)
}
