const number = new Intl.NumberFormat('en')
const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' })
const moment = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' })
const minute = { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' } as const
const ofThisYear = new Intl.DateTimeFormat('en', minute)
const ofAnyYear = new Intl.DateTimeFormat('en', { ...minute, year: 'numeric' })
const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium' })

export const count = (value: number) => number.format(value)

export function money(value: number, currency: string): string {
  // Training a small model costs fractions of a cent: they are shown, not rounded to nothing.
  const digits = value !== 0 && Math.abs(value) < 0.01 ? 6 : 2
  return new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits: digits }).format(value)
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`
  const units = ['kB', 'MB', 'GB']
  const power = Math.min(units.length, Math.floor(Math.log10(value) / 3))
  return `${(value / 1000 ** power).toFixed(value / 1000 ** power < 10 ? 1 : 0)} ${units[power - 1]}`
}

export const percent = (share: number, digits = 1) => `${(share * 100).toFixed(digits)} %`
/** Of seconds since 1970, as the API gives times; shown in the reader's own time zone. */
export const date = (seconds: number) => day.format(seconds * 1000)
export const dateTime = (seconds: number) => moment.format(seconds * 1000)
/** To the minute; the year only where it is not this one. */
export function shortDateTime(seconds: number): string {
  const at = new Date(seconds * 1000)
  return (at.getFullYear() === new Date().getFullYear() ? ofThisYear : ofAnyYear).format(at)
}

export const timeOfDay = (seconds: number) => clock.format(seconds * 1000)

export function duration(seconds: number): string {
  const whole = Math.floor(seconds)
  if (whole < 1) return 'under 1 s'
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${whole % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
