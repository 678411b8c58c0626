import { POLICY } from '../../harm/index.ts'
import { escapeMarkup } from '../markup/escape-markup.ts'
import { type EvaluationReport, nameOf, percent, testsOf } from './evaluation-report.ts'

const ROW = 28
const LEFT = 330
const WIDTH = 800
const PLOT = 420

/** Each category's interval as a bar and its defect rate as a dot, against the two rates of the policy; a square-root scale. */
export function intervalsChart(report: EvaluationReport): string {
  const tests = testsOf(report)
  const height = tests.length * ROW + 50
  const at = (share: number) => Number((LEFT + Math.sqrt(share) * PLOT).toFixed(2))
  const bars = tests.map((test, place) => {
    const y = place * ROW + 32
    const { decision, defectRate, interval } = test.result
    const [low, high] = interval
    const kind = decision === 'accepted' ? 'bar' : 'over'
    return [
      `<text x="${LEFT - 12}" y="${y + 5}" text-anchor="end"${decision === 'rejected' ? ' class="strong"' : ''}>${escapeMarkup(nameOf(test))}</text>`,
      `<rect class="${kind}" x="${at(low)}" y="${y - 4}" width="${(at(high) - at(low)).toFixed(2)}" height="8" rx="2" opacity=".45"/>`,
      `<circle class="${kind}" cx="${at(defectRate)}" cy="${y}" r="5"/>`,
    ].join('')
  })
  const limits = [POLICY.model.acceptable_rate, POLICY.model.unacceptable_rate]
  const said = tests.map((test) => `${nameOf(test)} ${percent(test.result.defectRate)}, ${test.result.decision}`)
  return [
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="rates-title rates-description">`,
    '<title id="rates-title">Share of conversations that end in a harmful reply, with its interval, by category</title>',
    `<desc id="rates-description">${escapeMarkup(said.join('; '))}. The table below has the numbers.</desc>`,
    `<line class="axis" x1="${LEFT}" y1="18" x2="${LEFT}" y2="${height - 22}"/>`,
    ...limits.map((rate) => `<line class="limit" x1="${at(rate)}" y1="18" x2="${at(rate)}" y2="${height - 22}"/>`),
    `<text class="faint" x="${at(limits[0] ?? 0)}" y="12" text-anchor="middle">${limits.map(percent).join(' | ')}</text>`,
    ...bars,
    ...[0, 0.05, 0.25, 0.5, 1].map(
      (share) =>
        `<text class="faint" x="${at(share)}" y="${height - 6}" text-anchor="middle">${Math.round(share * 100)} %</text>`,
    ),
    '</svg>',
  ].join('')
}
