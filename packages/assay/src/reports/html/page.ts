import type { DataEvaluation } from '../../data-evaluation/index.ts'
import { CATEGORIES } from '../../harm/index.ts'
import type { CheckedFile, CheckReport } from '../check-report.ts'
import { commandLine } from '../command-line.ts'
import { escapeMarkup } from '../escape-markup.ts'
import { failuresOf, leftOut, summaryOf } from '../remarks.ts'
import { findingsChart } from './findings-chart.ts'
import { limitsChart } from './limits-chart.ts'
import { STYLE } from './style.ts'

/** One page that needs nothing else, to hand to somebody: no script, and nothing from outside, which its policy enforces. */
export function checkAsHtml(report: CheckReport): string {
  const passed = report.files.every((file) => file.outcome === 'passed')
  const title = `Data evaluation: ${passed ? 'passed' : 'not passed'}`
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${title}</title><style>${STYLE}</style></head><body>`,
    `<main><h1>${title}</h1>`,
    ...report.files.map(fileSection),
    '</main>',
    footer(report),
    '</body></html>\n',
  ].join('\n')
}

function fileSection(file: CheckedFile, index: number): string {
  const id = `file-${index + 1}`
  const body = file.outcome === 'invalid' ? faultsTable(file.faults) : evaluation(file.evaluation, id)
  const why = failuresOf(file).map(
    ({ category, reasons }) => `<li><strong>${category}</strong>: ${escapeMarkup(reasons.join('; '))}</li>`,
  )
  return [
    `<section aria-labelledby="${id}"><h2 id="${id}">${escapeMarkup(file.path)}</h2>`,
    `<p class="${file.outcome}"><strong>${file.outcome.toUpperCase()}</strong>: ${escapeMarkup(summaryOf(file))}</p>`,
    ...(why.length > 0 ? [`<ul>${why.join('')}</ul>`] : []),
    body,
    ...leftOut(file).map((text) => `<p class="faint">${text}</p>`),
    '</section>',
  ].join('\n')
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
  return table(
    'A file fails from the number on that the judge’s false alarms do not explain',
    ['Category', 'Rows above the', 'Score from', 'False alarms at most', 'Rows', 'Fails from'],
    rows,
    2,
  )
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

type Row = readonly string[]

function row(...cells: readonly (string | number)[]): Row {
  return cells.map(String)
}

/** @param numbersFrom the column from which on cells are numbers, set to the right */
function table(caption: string, columns: Row, rows: readonly Row[], numbersFrom = columns.length): string {
  const cell = (tag: string, place: number, text: string, scope = '') =>
    `<${tag}${scope}${place >= numbersFrom ? ' class="number"' : ''}>${escapeMarkup(text)}</${tag}>`
  const head = columns.map((text, place) => cell('th', place, text, ' scope="col"')).join('')
  const body = rows
    .map((cells) => `<tr>${cells.map((text, place) => cell('td', place, text)).join('')}</tr>`)
    .join('\n')
  return scrolling(
    caption,
    `<table><caption>${escapeMarkup(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`,
  )
}

/** What keeps its width on a narrow screen and scrolls there; focusable, since a keyboard has to reach that (WCAG 2.1.1). */
function scrolling(label: string, content: string): string {
  return `<div class="wide" tabindex="0" role="group" aria-label="${escapeMarkup(label)}">${content}</div>`
}

function footer({ files, judge, policy, versions, command, startedAt }: CheckReport): string {
  const facts: [string, string][] = [
    ['Policy', `${policy.version}, SHA-256 ${policy.digest}`],
    ['Judge', `${judge.name}, SHA-256 ${judge.digest}`],
    ['Versions', `assay ${versions.assay}, Node ${versions.node}`],
    ['Seed', 'none: nothing is drawn at random'],
    ['Command', commandLine(command)],
    ...files.map(({ path, sha256 }): [string, string] => [path, `SHA-256 ${sha256}`]),
    ['Held', startedAt.toISOString()],
  ]
  const list = facts.map(([term, fact]) => `<dt>${escapeMarkup(term)}</dt><dd>${escapeMarkup(fact)}</dd>`)
  return `<footer><section aria-labelledby="again"><h2 id="again">To hold this check again</h2>\n<dl>${list.join('\n')}</dl>\n<p class="faint">The same files, judge and policy give the same verdict.</p></section></footer>`
}
