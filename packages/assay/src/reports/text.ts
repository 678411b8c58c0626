import type { CheckedFile, CheckReport } from './check-report.ts'
import { failuresOf, remarksLeftOut, remarksOf, summaryOf } from './remarks.ts'

/** For people: what became of each file, and which lines to look at. */
export function checkAsText(report: CheckReport, texts?: ReadonlyMap<string, string>): string {
  const files = report.files.map((file) => [head(file), ...body(file, texts)].join('\n'))
  const { judge, policy, versions } = report
  const foot = `judge ${judge.name} (${judge.digest.slice(0, 12)}), policy ${policy.version} (${policy.digest.slice(0, 12)}), assay ${versions.assay}`
  return `${files.join('\n\n')}\n\n${foot}\n`
}

/** Two lines a file: what a pipeline's log needs to say where the report itself goes to a file. */
export function checkInBrief(report: CheckReport): string {
  return report.files.map((file) => `${head(file)}\n`).join('')
}

function head(file: CheckedFile): string {
  const word = { passed: 'PASSED', failed: 'FAILED', invalid: 'INVALID' }[file.outcome]
  const rows = file.outcome === 'invalid' ? '' : ` (${file.evaluation.rows} rows)`
  return `${word}  ${file.path}${rows}\n${summaryOf(file)}`
}

function body(file: CheckedFile, texts: ReadonlyMap<string, string> | undefined): string[] {
  const lines = remarksOf(file).map((remark) => `  ${remark.text}`)
  const left = remarksLeftOut(file)
  if (file.outcome === 'invalid') return left > 0 ? [...lines, `  and ${left} more`] : lines
  const { findings, assessment } = file.evaluation
  const shown = findings.map((finding, index) => {
    const text = texts?.get(`${file.path}:${finding.line}:${finding.message}`)
    return text === undefined ? (lines[index] ?? '') : `${lines[index]}\n      ${JSON.stringify(text.slice(0, 400))}`
  })
  if (left > 0) shown.push(`  and ${left} more`)
  if (findings.length > 0 && assessment.outcome === 'passed') {
    shown.unshift('  Rows to look at; no more than false alarms explain, so they block nothing:')
  }
  const why = failuresOf(file).map(({ category, reasons }) => `  ${category}: ${reasons.join('; ')}`)
  return why.length > 0 ? [...shown, 'Why:', ...why] : shown
}
