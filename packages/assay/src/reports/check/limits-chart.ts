import type { DataEvaluation } from '../../data-evaluation/index.ts'
import { CATEGORIES } from '../../harm/index.ts'
import { escapeMarkup } from '../markup/escape-markup.ts'

const ROW = 22
const LEFT = 250
const WIDTH = 800
const PLOT = 360
/** Counts are drawn as multiples of the number that fails the file; more than this is cut off, and its number says so. */
const MOST = 3

interface Limit {
  readonly label: string
  readonly rows: number
  readonly failsFrom: number
}

/** What is counted of each category, with the number from which on it fails the file; in the order of the page. */
export function limitsOf({ categories }: DataEvaluation): Limit[] {
  return CATEGORIES.flatMap((category) => {
    const { lower, higher, withRepeats } = categories[category]
    return [
      { label: `${category}, lower cut`, ...lower },
      { label: `${category}, higher cut`, ...higher },
      { label: `${category}, with repeats`, ...withRepeats },
    ].map(({ label, rows, failsFrom }) => ({ label, rows, failsFrom }))
  })
}

/** Rows above each cut as a bar, against one line for all: the number that fails a file of this size. */
export function limitsChart(evaluation: DataEvaluation, id: string): string {
  const limits = limitsOf(evaluation)
  const height = limits.length * ROW + 40
  const at = (multiple: number) => LEFT + (Math.min(multiple, MOST) / MOST) * PLOT
  const bars = limits.map(({ label, rows, failsFrom }, place) => {
    const y = place * ROW + 24
    const over = rows >= failsFrom
    const width = at(rows / failsFrom) - LEFT
    const bar =
      rows > 0
        ? `<rect class="${over ? 'over' : 'bar'}" x="${LEFT}" y="${y}" ${of('width', width)} height="14" rx="2"/>`
        : ''
    const numbers = over ? `${rows}: fails, from ${failsFrom} on` : `${rows}; fails from ${failsFrom} on`
    return `<text x="${LEFT - 10}" y="${y + 11}" text-anchor="end">${escapeMarkup(label)}</text>${bar}<text x="${LEFT + PLOT + 12}" y="${y + 11}"${over ? ' class="strong"' : ''}>${numbers}</text>`
  })
  const failing = limits.filter(({ rows, failsFrom }) => rows >= failsFrom).map(({ label }) => label)
  const description = failing.length > 0 ? `At or beyond the line: ${failing.join('; ')}.` : 'Nothing reaches the line.'
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-description">`,
    `<title id="${id}-title">Rows above each cut, as a multiple of the number that fails the file</title>`,
    `<desc id="${id}-description">${escapeMarkup(description)} The table below has the numbers.</desc>`,
    `<line class="axis" x1="${LEFT}" y1="18" x2="${LEFT}" y2="${height - 16}"/>`,
    ...bars,
    `<line class="limit" ${of('x1', at(1))} y1="18" ${of('x2', at(1))} y2="${height - 16}"/>`,
    `<text class="faint" ${of('x', at(1))} y="12" text-anchor="middle">fails from here on</text>`,
    ...[0, 1, 2, MOST].map(
      (multiple) =>
        `<text class="faint" ${of('x', at(multiple))} y="${height - 2}" text-anchor="middle">${multiple === MOST ? `${MOST}× or more` : `${multiple}×`}</text>`,
    ),
    '</svg>',
  ].join('')
}

function of(name: string, value: number): string {
  return `${name}="${Number(value.toFixed(2))}"`
}
