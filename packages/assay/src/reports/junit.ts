import type { CheckReport } from './check-report.ts'
import { escapeMarkup } from './escape-markup.ts'
import { remarksOf, summaryOf } from './remarks.ts'

/** A test case a file, as CI systems read it (testmoapp/junitxml). */
export function checkAsJunit(report: CheckReport): string {
  const cases = report.files.map((file) => {
    const name = `name="${escapeMarkup(file.path)}" classname="assay.check"`
    if (file.outcome === 'passed') return `    <testcase ${name}/>`
    const kind = file.outcome === 'failed' ? 'failure' : 'error'
    const remarks = remarksOf(file).map((remark) => remark.text)
    return `    <testcase ${name}>\n      <${kind} message="${escapeMarkup(summaryOf(file))}">${escapeMarkup(remarks.join('\n'))}</${kind}>\n    </testcase>`
  })
  const count = (outcome: string) => report.files.filter((file) => file.outcome === outcome).length
  const totals = `tests="${report.files.length}" failures="${count('failed')}" errors="${count('invalid')}"`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${totals}>\n  <testsuite name="assay check" ${totals}>\n${cases.join('\n')}\n  </testsuite>\n</testsuites>\n`
}
