/** Numbers and dates as people read them. */

const whole = new Intl.NumberFormat('en')
// No weekday: the diary's dates are of the old calendar, ten days behind ours.
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })

export const count = (value: number): string => whole.format(value)

/** “1 memory”, “2 memories”. */
export const plural = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`

export const date = (ms: number): string => day.format(ms)

export function bytes(value: number): string {
  if (value < 1000) return plural(value, 'byte')
  if (value < 1_000_000) return `${(value / 1000).toFixed(1)} kB`
  return `${(value / 1_000_000).toFixed(1)} MB`
}

/** FROST or MIST as WAL or SUI: four significant digits, no more. */
export function coins(units: bigint, name: 'WAL' | 'SUI'): string {
  const value = Number(units) / 1e9
  return `${value.toLocaleString('en', { maximumSignificantDigits: 4, maximumFractionDigits: 9 })} ${name}`
}

export const decimals = (value: number | undefined, digits = 2): string => (value === undefined ? '–' : value.toFixed(digits))

/** “0x5ea1…0001” */
export const shortId = (id: string): string => (id.length <= 12 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`)
