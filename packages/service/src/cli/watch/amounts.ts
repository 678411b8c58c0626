const number = new Intl.NumberFormat('en')

export const count = (value: number) => number.format(value)

export const percent = (share: number) => `${(share * 100).toFixed(1)} %`

export function money(value: number, currency: string): string {
  // Training a small model costs fractions of a cent: they are shown, not rounded to nothing.
  const digits = value !== 0 && Math.abs(value) < 0.01 ? 6 : 2
  return new Intl.NumberFormat('en', { style: 'currency', currency, maximumFractionDigits: digits }).format(value)
}

export function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`
}

/** Of seconds since 1970, in UTC. */
export const timeOfDay = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 19)
