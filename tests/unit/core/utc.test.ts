import { describe, expect, it } from 'vitest'
import { formatHttpDate, formatUtcSeconds, parseHttpDate } from '../../../src/core/utc.ts'

/** Every 41 days and some seconds over 600 years, so that all months, leap years and weekdays occur. */
const instants = Array.from({ length: 5400 }, (_, i) => Date.UTC(1700, 0, 1) + i * (41 * 86_400_000 + 3_723_456))

describe('UTC text', () => {
  it('spells every instant as the platform does', () => {
    for (const ms of instants) {
      expect(formatHttpDate(ms)).toBe(new Date(ms).toUTCString())
      expect(formatUtcSeconds(ms)).toBe(new Date(ms).toISOString().slice(0, 19).replace('T', ' '))
    }
  })

  it('reads back what it spelled, to the second', () => {
    for (const ms of instants) expect(parseHttpDate(formatHttpDate(ms))).toBe(Math.floor(ms / 1000) * 1000)
  })

  it.each([
    '',
    'now',
    'Sun, 06 Nov 1994 08:49:37',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 40 Nov 1994 08:49:37 GMT',
  ])('reads %j as no date', (text) => {
    expect(parseHttpDate(text)).toBeUndefined()
  })
})
