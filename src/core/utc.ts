/**
 * Calendar text for instants given as milliseconds since the Unix epoch, in
 * UTC. Pure arithmetic on the proleptic Gregorian calendar (Hinnant,
 * "chrono-compatible low-level date algorithms"), so that no platform clock is
 * within reach of code that only formats a time it was given.
 */

const DAY_MS = 86_400_000
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `YYYY-MM-DD HH:MM:SS`, the second rounded down. Years 0000 to 9999. */
export function formatUtcSeconds(timeMs: number): string {
  const { year, month, day, clock } = split(timeMs)
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)} ${clock}`
}

/** An HTTP date (RFC 9110 section 5.6.7, IMF-fixdate), the second rounded down. */
export function formatHttpDate(timeMs: number): string {
  const { year, month, day, clock, weekday } = split(timeMs)
  return `${WEEKDAYS[weekday]}, ${two(day)} ${MONTHS[month - 1]} ${String(year).padStart(4, '0')} ${clock} GMT`
}

/**
 * The instant an IMF-fixdate names, or `undefined` for any other text. The two
 * obsolete HTTP date forms are not read. The weekday is not checked.
 */
export function parseHttpDate(text: string): number | undefined {
  const match = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/.exec(text)
  if (!match) return undefined
  const [day, year, hour, minute, second] = [1, 3, 4, 5, 6].map((i) => Number(match[i])) as [number, number, number, number, number]
  const month = MONTHS.indexOf(match[2] as string) + 1
  if (month === 0 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return undefined
  return daysFromCivil(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000
}

function split(timeMs: number): { year: number; month: number; day: number; clock: string; weekday: number } {
  const days = Math.floor(timeMs / DAY_MS)
  const seconds = Math.floor((timeMs - days * DAY_MS) / 1000)
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
    clock: `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`,
    weekday: (((days + 4) % 7) + 7) % 7,
  }
}

function daysFromCivil(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year
  const era = Math.floor(shiftedYear / 400)
  const yearOfEra = shiftedYear - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
