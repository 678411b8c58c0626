import { pathToFileURL } from 'node:url'
import type { CheckReport } from './check-report.ts'
import { remarksOf } from './remarks.ts'

/** For code review: a result a line (SARIF 2.1.0, OASIS). Findings of a file that passed are notes. */
export function checkAsSarif(report: CheckReport): string {
  const remarks = report.files.flatMap((file) => remarksOf(file).map((remark) => ({ file, remark })))
  const rules = [...new Set(remarks.map(({ remark }) => remark.rule))].sort().map((id) => ({ id }))
  const results = remarks.map(({ file, remark }) => ({
    ruleId: remark.rule,
    level: file.outcome === 'passed' ? 'note' : 'error',
    message: { text: remark.text },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file.path.startsWith('/') ? pathToFileURL(file.path).href : encodeURI(file.path) },
          region: { startLine: Math.max(1, remark.line) },
        },
      },
    ],
  }))
  const driver = { name: 'assay', rules, properties: { judge: report.judge, policy: report.policy } }
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, results }],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}
