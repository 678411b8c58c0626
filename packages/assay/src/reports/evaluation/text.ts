import { plainText } from '../../terminal/index.ts'
import { provenanceInBrief } from '../provenance.ts'
import { type EvaluationReport, findingOf, nameOf, placeOf, summaryOf, testsOf } from './evaluation-report.ts'

/** For people: the verdict, and where each category stands. */
export function evaluationAsText(report: EvaluationReport): string {
  const tests = testsOf(report).map((test) => `  ${nameOf(test)}: ${findingOf(test.result)}`)
  return `${evaluationInBrief(report)}${tests.join('\n')}\n\n${provenanceInBrief(report)}, seed ${report.seed}\n`
}

/** What a pipeline's log needs to say where the report itself goes to a file. */
export function evaluationInBrief(report: EvaluationReport): string {
  const { assessment, conversations } = report.evaluation
  const head = `${assessment.outcome.toUpperCase()}  ${plainText(report.model)} ${typeof report.at === 'string' ? 'at' : 'on'} ${plainText(placeOf(report))} (${conversations} conversations)`
  return `${[head, ...summaryOf(report)].join('\n')}\n`
}
