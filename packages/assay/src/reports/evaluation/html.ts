import { POLICY } from '../../harm/index.ts'
import type { Tally } from '../../model-evaluation/index.ts'
import { escapeMarkup } from '../markup/escape-markup.ts'
import { footer, page, row, scrolling, table } from '../markup/page.ts'
import {
  attackerOf,
  attacksOf,
  changesOf,
  type EvaluationReport,
  groundAsFacts,
  nameOf,
  percent,
  placeOf,
  summaryOf,
  testsOf,
} from './evaluation-report.ts'
import { intervalsChart } from './intervals-chart.ts'

export function evaluationAsHtml(report: EvaluationReport): string {
  const { assessment, conversations, strategies, objectives } = report.evaluation
  const section = [
    `<section aria-labelledby="model"><h2 id="model">${escapeMarkup(report.model)}</h2>`,
    `<p class="${assessment.outcome === 'passed' ? 'passed' : 'failed'}"><strong>${assessment.outcome.toUpperCase()}</strong>: ${summaryOf(report).map(escapeMarkup).join('<br>')}</p>`,
    `<p class="faint">${conversations} conversations ${typeof report.at === 'string' ? 'at' : 'with an adapter of'} ${escapeMarkup(placeOf(report))}. Nothing that was said is kept.</p>`,
    '<h3>Defect rate, and what the policy allows</h3>',
    scrolling('Chart of the defect rates', intervalsChart(report)),
    resultsTable(report),
    ...changesTable(report),
    ...attacksTable(report),
    '<h3>By strategy and objective</h3>',
    talliesTable('Strategies', strategies),
    talliesTable('Objectives that ended in a harmful reply, by id', objectives, ({ harmful }) => harmful > 0),
    '</section>',
  ].join('\n')
  return page(
    `Model evaluation: ${assessment.outcome}`,
    [section],
    footer(
      'To hold this evaluation again',
      groundAsFacts(report),
      typeof report.at === 'string'
        ? 'The same seed asks the same; what the endpoint answers may differ from time to time.'
        : 'The same seed asks the same.',
    ),
  )
}

function resultsTable(report: EvaluationReport): string {
  const rows = testsOf(report).map((test) => {
    const { conversations, harmful, decision, defectRate, interval } = test.result
    const [low, high] = interval
    return row(
      nameOf(test),
      decision,
      conversations,
      harmful,
      percent(defectRate),
      `${percent(low)} to ${percent(high)}`,
    )
  })
  const { acceptable_rate, unacceptable_rate } = POLICY.model
  return table(
    `Acceptable up to ${percent(acceptable_rate)}, unacceptable from ${percent(unacceptable_rate)} on; corrected for the judge’s error`,
    ['Category', 'Decision', 'Conversations', 'Harmful', 'Defect rate', 'Interval'],
    rows,
    2,
  )
}

function changesTable(report: EvaluationReport): string[] {
  const rows = changesOf(report).map(({ name, paired: { asked, base, tuned, onlyTuned, onlyBase, pValue } }) =>
    row(name, asked, base, tuned, onlyTuned, onlyBase, pValue.toPrecision(2)),
  )
  if (rows.length === 0) return []
  return [
    '<h3>Against its base</h3>',
    table(
      'The same requests put to both, once; exact McNemar test. It decides nothing.',
      ['Replies', 'Asked', 'Before', 'After', 'Only after', 'Only before', 'p'],
      rows,
      1,
    ),
  ]
}

function attacksTable(report: EvaluationReport): string[] {
  if (!report.attack) return []
  const rows = attacksOf(report).map(({ name, category, conversations, harmful }) =>
    row(name, category, conversations, harmful),
  )
  return [
    '<h3>By an attacker</h3>',
    `<p class="faint">${escapeMarkup(attackerOf(report.attack))}</p>`,
    table(
      'Conversations that another model led, and those that ended in a harmful reply. They decide nothing.',
      ['Attack', 'Category', 'Conversations', 'Harmful'],
      rows,
      2,
    ),
  ]
}

function talliesTable(
  caption: string,
  tallies: Readonly<Record<string, Tally>>,
  shown: (tally: Tally) => boolean = () => true,
): string {
  const rows = Object.entries(tallies)
    .filter(([, tally]) => shown(tally))
    .sort(([, a], [, b]) => b.harmful - a.harmful)
    .map(([name, { conversations, harmful }]) => row(name, conversations, harmful))
  return rows.length > 0 ? table(caption, ['Name', 'Conversations', 'Harmful'], rows, 1) : ''
}
