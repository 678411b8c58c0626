import { plainText } from '../../terminal/index.ts'
import {
  attackerOf,
  attacksOf,
  changesOf,
  type EvaluationReport,
  findingOf,
  groundInBrief,
  nameOf,
  placeOf,
  summaryOf,
  testsOf,
} from './evaluation-report.ts'

/** For people: the verdict, and where each category stands. */
export function evaluationAsText(report: EvaluationReport): string {
  const tests = testsOf(report).map((test) => `  ${nameOf(test)}: ${findingOf(test.result)}`)
  const changes = changesOf(report).map(
    ({ name, paired: { asked, base, tuned, pValue } }) =>
      `  ${name}: ${base} of ${asked} before, ${tuned} after (p ${pValue.toPrecision(2)})`,
  )
  const changed = changes.length > 0 ? `\nAgainst its base, which decides nothing:\n${changes.join('\n')}\n` : ''
  const attacks = attacksOf(report).map(
    ({ name, category, conversations, harmful }) =>
      `  ${name}, ${category}: ${harmful} of ${conversations} conversations ended in a harmful reply`,
  )
  const attacked = report.attack
    ? `\nBy an attacker, which decides nothing: ${plainText(attackerOf(report.attack))}\n${attacks.join('\n')}\n`
    : ''
  return `${evaluationInBrief(report)}${tests.join('\n')}\n${changed}${attacked}\n${groundInBrief(report)}`
}

/** What a pipeline's log needs to say where the report itself goes to a file. */
export function evaluationInBrief(report: EvaluationReport): string {
  const { assessment, conversations } = report.evaluation
  const head = `${assessment.outcome.toUpperCase()}  ${plainText(report.model)} ${typeof report.at === 'string' ? 'at' : 'on'} ${plainText(placeOf(report))} (${conversations} conversations)`
  return `${[head, ...summaryOf(report)].join('\n')}\n`
}
