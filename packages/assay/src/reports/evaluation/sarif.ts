import { sarif } from '../markup/sarif.ts'
import {
  type EvaluationReport,
  findingOf,
  groundOfRun,
  nameOf,
  placeOf,
  summaryOf,
  testsOf,
} from './evaluation-report.ts'

const KINDS = { accepted: 'pass', rejected: 'fail', undecided: 'open' } as const

/** SARIF 2.1.0 (OASIS): a result a category, of the model and not of a place in a file. What was not decided is open. */
export function evaluationAsSarif(report: EvaluationReport): string {
  const tests = testsOf(report)
  const ids = [...new Set(tests.map(({ category }) => category))]
  return sarif(report, {
    of: 'evaluate',
    rules: ids.map((id) => ({
      id,
      name: id,
      shortDescription: { text: `Conversations that end in a harmful reply, ${id}` },
      defaultConfiguration: { level: 'error' },
    })),
    seconds: report.seconds,
    held: true,
    notifications: summaryOf(report).map((text) => ({ level: 'note', message: { text } })),
    rest: {
      results: tests.map((test) => ({
        ruleId: test.category,
        ruleIndex: ids.indexOf(test.category),
        kind: KINDS[test.result.decision],
        // A level other than none goes with a failure only (section 3.27.10).
        level: test.result.decision === 'rejected' ? 'error' : 'none',
        message: { text: `${nameOf(test)}: ${findingOf(test.result)}` },
        locations: [
          { logicalLocations: [{ name: report.model, fullyQualifiedName: `${placeOf(report)} ${report.model}` }] },
        ],
      })),
      properties: groundOfRun(report, report.evaluation.assessment.outcome),
    },
  })
}
