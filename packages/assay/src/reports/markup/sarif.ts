import { commandLine } from '../command-line.ts'
import type { Provenance } from '../provenance.ts'

export interface SarifRun {
  /** The command of `assay` that it is a run of. */
  readonly of: 'check' | 'evaluate'
  readonly rules: readonly object[]
  readonly seconds: number
  /** Whether all was evaluated that was to be. */
  readonly held: boolean
  readonly notifications: readonly object[]
  /** The rest of the run, in the words of SARIF. */
  readonly rest: { readonly results: readonly object[]; readonly properties: object; readonly [more: string]: unknown }
}

/** A log of SARIF 2.1.0 (OASIS) that holds one run. */
export function sarif(report: Provenance, { of, rules, seconds, held, notifications, rest }: SarifRun): string {
  const { policy, judge, versions, command, startedAt } = report
  const run = {
    tool: {
      driver: {
        name: 'assay',
        version: versions.assay,
        rules,
        properties: { judge, policy, node: versions.node },
      },
    },
    automationDetails: { id: `assay/${of}/` },
    invocations: [
      {
        // Whatever it found.
        executionSuccessful: held,
        commandLine: commandLine(command),
        arguments: command.slice(1),
        startTimeUtc: startedAt.toISOString(),
        endTimeUtc: new Date(startedAt.getTime() + seconds * 1000).toISOString(),
        toolExecutionNotifications: notifications,
      },
    ],
    ...rest,
  }
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }
  return `${JSON.stringify(log, null, 2)}\n`
}
