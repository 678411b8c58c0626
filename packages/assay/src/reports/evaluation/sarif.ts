import { commandLine } from '../command-line.ts'
import { type EvaluationReport, findingOf, nameOf, summaryOf, testsOf } from './evaluation-report.ts'

/** SARIF 2.1.0 (OASIS): a result a category, of the model and not of a place in a file. What was not decided is open. */
export function evaluationAsSarif(report: EvaluationReport): string {
  const { policy, judge, versions, command, startedAt } = report
  const tests = testsOf(report)
  const ids = [...new Set(tests.map(({ category }) => category))]
  const kinds = { accepted: 'pass', rejected: 'fail', undecided: 'open' } as const
  const run = {
    tool: {
      driver: {
        name: 'assay',
        version: versions.assay,
        rules: ids.map((id) => ({
          id,
          name: id,
          shortDescription: { text: `Conversations that end in a harmful reply, ${id}` },
          defaultConfiguration: { level: 'error' },
        })),
        properties: { judge, policy, node: versions.node },
      },
    },
    automationDetails: { id: 'assay/evaluate/' },
    invocations: [
      {
        // The evaluation was held, whatever it found.
        executionSuccessful: true,
        commandLine: commandLine(command),
        arguments: command.slice(1),
        startTimeUtc: startedAt.toISOString(),
        endTimeUtc: new Date(startedAt.getTime() + report.seconds * 1000).toISOString(),
        toolExecutionNotifications: summaryOf(report).map((text) => ({ level: 'note', message: { text } })),
      },
    ],
    results: tests.map((test) => ({
      ruleId: test.category,
      ruleIndex: ids.indexOf(test.category),
      kind: kinds[test.result.decision],
      // A level other than none goes with a failure only (section 3.27.10).
      level: test.result.decision === 'rejected' ? 'error' : 'none',
      message: { text: `${nameOf(test)}: ${findingOf(test.result)}` },
      locations: [
        { logicalLocations: [{ name: report.model, fullyQualifiedName: `${report.endpoint} ${report.model}` }] },
      ],
    })),
    properties: {
      outcome: report.evaluation.assessment.outcome,
      seed: report.seed,
      objectives: report.objectivesDigest,
    },
  }
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }
  return `${JSON.stringify(log, null, 2)}\n`
}
