import { z } from 'zod'
import { commandLine } from './command-line.ts'

/** What a verdict rests on, and what holds its evaluation again. */
export interface Provenance {
  readonly policy: { readonly version: string; readonly digest: string }
  readonly judge: { readonly name: string; readonly digest: string }
  readonly versions: { readonly assay: string; readonly node: string }
  /** What holds it again: program, command, options on which the verdict rests, files. */
  readonly command: readonly string[]
  readonly startedAt: Date
}

/** SHA-256, lower-case hex. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/)

export const provenanceSchema = {
  policy: z.object({ version: z.string(), digest: digestSchema }),
  judge: z.object({ name: z.string(), digest: digestSchema }),
  versions: z.object({ assay: z.string(), node: z.string() }),
  command: z
    .array(z.string())
    .describe(
      'What holds it again: program, command, options on which the verdict rests, files. Of a job empty: its model stays in the service.',
    ),
  started_at: z.iso.datetime(),
}

export function provenanceAsJson({ policy, judge, versions, command, startedAt }: Provenance) {
  return { policy, judge, versions, command: [...command], started_at: startedAt.toISOString() }
}

/** As properties of a test suite. */
export function provenanceAsProperties({ policy, judge, versions, command }: Provenance): Record<string, string> {
  return {
    policy: policy.version,
    'policy.digest': policy.digest,
    judge: judge.name,
    'judge.digest': judge.digest,
    'assay.version': versions.assay,
    'node.version': versions.node,
    command: commandLine(command),
  }
}

/** As terms and facts of a page. */
export function provenanceAsFacts({ policy, judge, versions, command, startedAt }: Provenance): [string, string][] {
  return [
    ['Policy', `${policy.version}, SHA-256 ${policy.digest}`],
    ['Judge', `${judge.name}, SHA-256 ${judge.digest}`],
    ['Versions', `assay ${versions.assay}, Node ${versions.node}`],
    ...(command.length > 0 ? [['Command', commandLine(command)] as [string, string]] : []),
    ['Held', startedAt.toISOString()],
  ]
}

/** As the last line of a text. */
export function provenanceInBrief({ policy, judge, versions }: Provenance): string {
  return `judge ${judge.name} (${judge.digest.slice(0, 12)}), policy ${policy.version} (${policy.digest.slice(0, 12)}), assay ${versions.assay}`
}
