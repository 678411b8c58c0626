import { plainText } from '../../terminal/index.ts'
import { provenanceInBrief } from '../provenance.ts'
import type { CheckedFile, CheckReport } from './check-report.ts'
import { ADVICE_TITLE, adviceInWords, adviceOf, failuresOf, leftOut, remarksOf, summaryOf } from './remarks.ts'

/** Messages of an advice whose text is shown, where texts are. */
const MESSAGES_SHOWN = 3

/** For people: what became of each file, and which lines to look at. */
export function checkAsText(report: CheckReport, texts?: ReadonlyMap<string, string>): string {
  const files = report.files.map((file) => [head(file), ...body(file, texts), ...advice(file, texts)].join('\n'))
  return `${files.join('\n\n')}\n\n${provenanceInBrief(report)}\n`
}

/** Two lines a file: what a pipeline's log needs to say where the report itself goes to a file. */
export function checkInBrief(report: CheckReport): string {
  return report.files.map((file) => `${head(file)}\n`).join('')
}

function head(file: CheckedFile): string {
  const word = file.outcome.replaceAll('_', ' ').toUpperCase()
  const rows = 'evaluation' in file ? ` (${file.evaluation.rows} rows)` : ''
  return `${word}  ${plainText(file.path)}${rows}\n${summaryOf(file)}`
}

function body(file: CheckedFile, texts: ReadonlyMap<string, string> | undefined): string[] {
  const lines = remarksOf(file).map(({ text }) => `  ${text}`)
  const more = leftOut(file).map((text) => `  ${text}`)
  if (!('evaluation' in file)) return [...lines, ...more]
  const { findings } = file.evaluation
  const shown = findings.flatMap(({ line, message }, index) => {
    return [lines[index] ?? '', ...quoted(texts?.get(`${file.path}:${line}:${message}`))]
  })
  if (file.outcome === 'passed') {
    const title = '  Rows to look at; no more than false alarms explain, so they block nothing:'
    return findings.length > 0 ? [title, ...shown, ...more] : []
  }
  // The first reason of a category says enough here; the other formats have them all.
  const why = failuresOf(file).map(({ category, reasons }) => `  ${category}: ${reasons[0]}`)
  return [...shown, ...more, 'Why:', ...why]
}

function advice(file: CheckedFile, texts: ReadonlyMap<string, string> | undefined): string[] {
  const said = adviceOf(file).flatMap((each) => {
    const { found, known, remedy } = adviceInWords(each)
    const shown = each.messages.slice(0, MESSAGES_SHOWN)
    return [
      `  ${found}`,
      ...shown.flatMap(({ line, message }) => quoted(texts?.get(`${file.path}:${line}:${message}`))),
      `    ${known}`,
      `    ${remedy}`,
    ]
  })
  return said.length > 0 ? [`${ADVICE_TITLE}:`, ...said] : []
}

function quoted(text: string | undefined): string[] {
  return text === undefined ? [] : [`      ${plainText(JSON.stringify(text.slice(0, 400)))}`]
}
