import { Option } from 'commander'
import { POLICY, policyDigest } from '../harm/index.ts'
import type { Judge } from '../judges/index.ts'
import { assayVersion, FORMATS, type Format, type Provenance } from '../reports/index.ts'
import { writeOutput } from './output-file.ts'

export interface ReportOption {
  readonly format: Format
  readonly output?: string
}

/** `--format` and `--output`: what a report looks like, and where it goes. */
export function reportOptions(): readonly [Option, Option] {
  return [
    new Option('--format <format>', 'how to report').choices(FORMATS).default('text'),
    new Option('--output <file>', 'write the report to a file instead of standard output'),
  ]
}

/** What a verdict rests on beside what it speaks of. */
export async function groundOf(judge: Judge): Promise<Pick<Provenance, 'policy' | 'judge' | 'versions'>> {
  return {
    policy: { version: POLICY.version, digest: await policyDigest() },
    judge: { name: judge.name, digest: judge.digest },
    versions: { assay: assayVersion, node: process.version },
  }
}

/**
 * Writes a report where it was asked for.
 * @param brief what the log says where the report itself goes to a file
 * @throws {AssayError} `output_not_writable`
 */
export async function writeReport(text: string, brief: string, { output }: ReportOption): Promise<void> {
  if (output === undefined) {
    process.stdout.write(text)
    return
  }
  process.stderr.write(brief)
  await writeOutput(output, text)
  process.stderr.write(`The report is in ${output}.\n`)
}
