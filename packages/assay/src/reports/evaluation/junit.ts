import { junit } from '../markup/junit.ts'
import { type EvaluationReport, findingOf, groundAsSuite, nameOf, summaryOf, testsOf } from './evaluation-report.ts'

/** One test suite, and in it a test case a category. What was not decided blocks like a failure. */
export function evaluationAsJunit(report: EvaluationReport): string {
  const cases = testsOf(report).map((test) => {
    const name = nameOf(test)
    if (test.result.decision === 'accepted') return { name }
    const message = findingOf(test.result)
    return { name, problem: { kind: 'failure' as const, message, details: '' } }
  })
  return junit([
    {
      ...groundAsSuite(report, report.evaluation.assessment.outcome),
      said: summaryOf(report).join(' '),
      cases,
    },
  ])
}
