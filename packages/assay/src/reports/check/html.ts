import type { DataEvaluation } from '../../data-evaluation/index.ts'
import { CATEGORIES } from '../../harm/index.ts'
import { escapeMarkup } from '../markup/escape-markup.ts'
import { footer, page, row, scrolling, table } from '../markup/page.ts'
import { provenanceAsFacts } from '../provenance.ts'
import type { CheckedFile, CheckReport } from './check-report.ts'
import { findingsChart } from './findings-chart.ts'
import { limitsChart } from './limits-chart.ts'
import { ADVICE_TITLE, adviceInWords, adviceOf, failuresOf, leftOut, summaryOf } from './remarks.ts'

export function checkAsHtml(report: CheckReport): string {
  const passed = report.files.every((file) => file.outcome === 'passed')
  const facts = [
    ...provenanceAsFacts(report),
    ['Seed', 'none: nothing is drawn at random'] as const,
    ...report.files.map(({ path, sha256 }) => [path, `SHA-256 ${sha256}`] as const),
  ]
  return page(
    `Data evaluation: ${passed ? 'passed' : 'not passed'}`,
    report.files.map(fileSection),
    footer('To hold this check again', facts, 'The same files, judge and policy give the same verdict.'),
  )
}

function fileSection(file: CheckedFile, index: number): string {
  const id = `file-${index + 1}`
  const body = bodyOf(file, id)
  const why = failuresOf(file).map(
    ({ category, reasons }) => `<li><strong>${category}</strong>: ${escapeMarkup(reasons.join('; '))}</li>`,
  )
  return [
    `<section aria-labelledby="${id}"><h2 id="${id}">${escapeMarkup(file.path)}</h2>`,
    `<p class="${file.outcome === 'passed' ? 'passed' : 'failed'}"><strong>${file.outcome.replaceAll('_', ' ').toUpperCase()}</strong>: ${escapeMarkup(summaryOf(file))}</p>`,
    ...(why.length > 0 ? [`<ul>${why.join('')}</ul>`] : []),
    body,
    ...leftOut(file).map((text) => `<p class="faint">${text}</p>`),
    ...advice(file),
    '</section>',
  ].join('\n')
}

function bodyOf(file: CheckedFile, id: string): string {
  switch (file.outcome) {
    case 'invalid':
      return faultsTable(file.faults)
    case 'not_evaluated':
      return ''
    default:
      return evaluation(file.evaluation, id)
  }
}

function advice(file: CheckedFile): string[] {
  const items = adviceOf(file).map((each) => {
    const { found, known, remedy } = adviceInWords(each)
    return `<li><strong>${escapeMarkup(found)}</strong><p>${escapeMarkup(known)}</p><p>${escapeMarkup(remedy)}</p></li>`
  })
  return items.length > 0 ? [`<h3>${ADVICE_TITLE}</h3>`, `<ul>${items.join('')}</ul>`] : []
}

function evaluation(data: DataEvaluation, id: string): string {
  const where = findingsChart(data, `${id}-findings`)
  return [
    `<p class="faint">${data.rows} rows, ${data.distinctRows} of them distinct</p>`,
    '<h3>Rows above each cut, and what the rule allows</h3>',
    scrolling('Chart of the rows above each cut', limitsChart(data, `${id}-limits`)),
    limitsTable(data),
    ...(where
      ? ['<h3>Where in the file</h3>', scrolling('Chart of where the findings lie', where), findingsTable(data)]
      : []),
  ].join('\n')
}

function limitsTable({ categories }: DataEvaluation): string {
  const same = CATEGORIES.filter((category) => categories[category].lower.score === categories[category].higher.score)
  const rows = CATEGORIES.flatMap((category) => {
    const { lower, higher, withRepeats } = categories[category]
    const cut = (name: string, { score, falseAlarmRate, rows, failsFrom }: typeof lower) =>
      row(category, name, score.toFixed(3), `${Number((falseAlarmRate * 100).toPrecision(2))} %`, rows, failsFrom)
    return [
      cut('lower cut', lower),
      cut('higher cut', higher),
      row(
        category,
        'higher cut, repeated rows counted again',
        higher.score.toFixed(3),
        '',
        withRepeats.rows,
        withRepeats.failsFrom,
      ),
    ]
  })
  const limits = table(
    'A file fails from the number on that the judge’s false alarms do not explain',
    ['Category', 'Rows above the', 'Score from', 'False alarms at most', 'Rows', 'Fails from'],
    rows,
    2,
  )
  if (same.length === 0) return limits
  const note = `Both cuts of ${same.join(' and ')} are the same score: the one that fails from fewer rows decides.`
  return `${limits}\n<p class="faint">${note}</p>`
}

function findingsTable({ findings, categories }: DataEvaluation): string {
  const rows = findings.map(({ line, message, category, severity, probability }) =>
    row(category, categories[category].failed ? 'yes' : 'no', line, message, severity, probability.toFixed(3)),
  )
  const columns = ['Category', 'Fails the file', 'Line', 'Message', 'Severity', 'Probability']
  return table('Findings; the text of the rows is in your file only', columns, rows, 2)
}

function faultsTable(faults: Extract<CheckedFile, { outcome: 'invalid' }>['faults']): string {
  const rows = faults.map(({ line, path, code, reason }) => row(line > 0 ? `line ${line}` : '', path, code, reason))
  return table('Faults', ['Line', 'Field', 'Code', 'What is wrong'], rows)
}
