import type { DataEvaluation } from '../../data-evaluation/index.ts'
import { CATEGORIES } from '../../harm/index.ts'

const LANE = 34
const LEFT = 130
const WIDTH = 800
const PLOT = 640

/** Where in the file the findings lie: a lane a category, a mark a finding. `undefined` where there are none. */
export function findingsChart({ findings, categories, rows }: DataEvaluation, id: string): string | undefined {
  if (findings.length === 0) return undefined
  // Blank lines count as lines, so the last finding may lie beyond the number of rows.
  const lastLine = Math.max(rows, ...findings.map((finding) => finding.line))
  const height = CATEGORIES.length * LANE + 30
  const x = (line: number) => LEFT + ((line - 1) / Math.max(1, lastLine - 1)) * PLOT
  const lanes = CATEGORIES.map((category, place) => {
    const middle = place * LANE + 20
    const over = categories[category].failed
    const lines = [...new Set(findings.flatMap((each) => (each.category === category ? [each.line] : [])))]
    // One path a lane: a thousand marks are one element. Crosses where the category failed, bars where it passed.
    const marks = lines.map((line) => {
      const at = Number(x(line).toFixed(1))
      return over ? `M${at - 4} ${middle - 4}l8 8m0-8l-8 8` : `M${at} ${middle - 6}v12`
    })
    const path = marks.length > 0 ? `<path class="mark${over ? ' over' : ''}" d="${marks.join('')}"/>` : ''
    return `<text x="${LEFT - 14}" y="${middle + 4}" text-anchor="end">${category}</text><line class="axis" x1="${LEFT}" y1="${middle}" x2="${LEFT + PLOT}" y2="${middle}"/>${path}`
  })
  const counts = CATEGORIES.map((category) => {
    const lines = new Set(findings.flatMap((each) => (each.category === category ? [each.line] : [])))
    return `${category} ${lines.size}`
  })
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-description">`,
    `<title id="${id}-title">Where in the file the findings lie, by category</title>`,
    `<desc id="${id}-description">Rows found: ${counts.join(', ')}. The table below has the lines.</desc>`,
    ...lanes,
    `<text class="faint" x="${LEFT}" y="${height - 4}" text-anchor="middle">line 1</text>`,
    `<text class="faint" x="${LEFT + PLOT}" y="${height - 4}" text-anchor="middle">line ${lastLine}</text>`,
    '</svg>',
  ].join('')
}
