import cliTruncate from 'cli-truncate'
import stringWidth from 'string-width'

/** Blanks between columns. */
const GAP = 2
/** No column is cut to less, however narrow the terminal. */
const LEAST = 6

/**
 * Columns of text with a head, one line a row, cut so that no line is wider than the terminal. The first column is what a
 * row is called by, which somebody may want to copy: it is cut only where the others cannot give more.
 *
 * @param width columns of the terminal; undefined where there is none, and nothing is cut
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], width?: number): string {
  const lines = [head, ...rows]
  const widths = fitted(
    head.map((_, at) => Math.max(...lines.map((row) => stringWidth(row[at] ?? '')))),
    width,
  )
  return lines
    .map((row) => {
      const cells = widths.map((space, at) => {
        const text = cut(row[at] ?? '', space)
        return text + ' '.repeat(space - stringWidth(text))
      })
      return `${cells.join(' '.repeat(GAP)).trimEnd()}\n`
    })
    .join('')
}

/** Takes from the widest column again and again, from the first last of all. */
function fitted(natural: readonly number[], width: number | undefined): number[] {
  const widths = [...natural]
  if (width === undefined) return widths
  const over = () => widths.reduce((sum, each) => sum + each, GAP * (widths.length - 1)) - width
  const others = widths.slice(1).map((_, at) => at + 1)
  for (const group of [others, [0]]) {
    while (over() > 0) {
      const widest = group.reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a), group[0] ?? 0)
      const now = widths[widest] ?? 0
      if (now <= LEAST) break
      widths[widest] = now - 1
    }
  }
  return widths
}

function cut(text: string, width: number): string {
  return stringWidth(text) > width ? cliTruncate(text, width) : text
}
