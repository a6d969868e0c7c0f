/** A clock on the wall: 1 is Monday, and `HH:MM`. */
export type LocalTime = { readonly day: number; readonly clock: string }

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

const MAX_FORMATS = 64

// PERF: making one takes longer than a verdict. Made by the first to need it, one for each zone.
let formats: Map<string, Intl.DateTimeFormat> | undefined

/**
 * What clocks in `zone` show at an instant. The platform's own table of time zones decides, and so about daylight
 * saving: an hour that is skipped never comes, one that is repeated comes twice.
 *
 * Throws a RangeError for a zone or an instant the platform does not know.
 */
export function localTime(zone: string, nowMs: number): LocalTime {
  formats ??= new Map()
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    if (formats.size >= MAX_FORMATS) formats.clear()
    formats.set(zone, format)
  }
  const parts: { [type: string]: string } = {}
  for (const { type, value } of format.formatToParts(nowMs)) parts[type] = value
  return { day: DAYS.indexOf(parts['weekday'] as string) + 1, clock: `${parts['hour']}:${parts['minute']}` }
}

/** Minutes from midnight of `HH:MM`; `undefined` for anything else. */
export function minuteOf(text: string): number | undefined {
  return /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/.test(text) ? Number(text.slice(0, 2)) * 60 + Number(text.slice(3)) : undefined
}
