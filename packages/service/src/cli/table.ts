import cliTruncate from 'cli-truncate'
import stringWidth from 'string-width'

/** Blanks between columns. */
const GAP = 2
/** No column is cut to less: of what is shorter nobody can tell one from another. */
const LEAST = 10
const MORE = '…'

export interface Table {
  readonly text: string
  /** Heads of the columns that have no room. */
  readonly leftOut: readonly string[]
}

/**
 * Columns of text with a head, one line a row, cut so that no line is wider than the terminal. The first column is what a
 * row is called by, which somebody may want to copy: it is never cut, and what is wider than the terminal all by itself stays so.
 * Columns that have no room are left out from the end on, and a head of `…` says so where that has room itself.
 *
 * @param width columns of the terminal; undefined where there is none, and nothing is cut
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], width?: number): Table {
  const natural = head.map((_, at) => Math.max(...[head, ...rows].map((row) => stringWidth(row[at] ?? ''))))
  const shown = columnsWithRoom(natural, width)
  const leftOut = head.slice(shown)
  const isMarked = leftOut.length > 0 && width !== undefined && total([natural[0] ?? 0, stringWidth(MORE)]) <= width
  const widths = fitted([...natural.slice(0, shown), ...(isMarked ? [stringWidth(MORE)] : [])], width)
  const lines = [
    isMarked ? [...head.slice(0, shown), MORE] : head.slice(0, shown),
    ...rows.map((row) => row.slice(0, shown)),
  ]
  const text = lines
    .map((row) => {
      const cells = widths.map((space, at) => {
        const text = cut(row[at] ?? '', space)
        return text + ' '.repeat(space - stringWidth(text))
      })
      return `${cells.join(' '.repeat(GAP)).trimEnd()}\n`
    })
    .join('')
  return { text, leftOut }
}

/** As many columns as fit where all but the first are cut to the least; the first one always. */
function columnsWithRoom(natural: readonly number[], width: number | undefined): number {
  if (width === undefined) return natural.length
  const least = (count: number) => {
    const widths = natural.slice(0, count).map((each, at) => (at === 0 ? each : Math.min(each, LEAST)))
    return total(count === natural.length ? widths : [...widths, stringWidth(MORE)])
  }
  let count = natural.length
  while (count > 1 && least(count) > width) count -= 1
  return count
}

/** Takes from the widest column but the first, again and again. */
function fitted(natural: readonly number[], width: number | undefined): number[] {
  const widths = [...natural]
  if (width === undefined) return widths
  while (total(widths) > width) {
    const widest = widths.indexOf(Math.max(...widths.slice(1)), 1)
    const now = widths[widest] ?? 0
    if (now <= LEAST) break
    widths[widest] = now - 1
  }
  return widths
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, GAP * (widths.length - 1))
}

function cut(text: string, width: number): string {
  return stringWidth(text) > width ? cliTruncate(text, width) : text
}
