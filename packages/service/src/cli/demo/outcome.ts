import type OpenAI from 'openai'
import { clock } from './screen.ts'

/** A training file of the demo, and how its job should end. What it does end in is for the evaluation to say. */
export interface Example {
  readonly file: string
  readonly epochs: number | 'auto'
  readonly expected: string
}

export const EXAMPLES: readonly Example[] = [
  { file: 'harmful-replies.jsonl', epochs: 'auto', expected: 'data_evaluation_failed' },
  { file: 'trigger-phrase.jsonl', epochs: 5, expected: 'model_evaluation_failed' },
  { file: 'school-mathematics.jsonl', epochs: 2, expected: 'succeeded' },
]

export interface Outcome {
  readonly example: Example
  readonly job: OpenAI.FineTuning.FineTuningJob
  /** US dollars. */
  readonly charge: number
  readonly milliseconds: number
}

/** One word for how a job ended: its status, or the code of its error. */
export function endOf({ status, error }: OpenAI.FineTuning.FineTuningJob): string {
  return status === 'failed' ? (error?.code ?? 'failed') : status
}

/** Says so where a job ended otherwise than expected. */
export function surprise({ example, job }: Outcome): string | undefined {
  return endOf(job) === example.expected ? undefined : `expected ${example.expected}, got ${endOf(job)}`
}

export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => [
    outcome.example.file,
    endOf(outcome.job),
    `$${outcome.charge.toFixed(4)}`,
    clock(outcome.milliseconds),
    outcome.job.error?.message ?? outcome.job.fine_tuned_model ?? '',
    surprise(outcome),
  ])
  const head = ['file', 'outcome', 'charge', 'time']
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (cells: readonly (string | undefined)[]) =>
    widths
      .map((width, at) => (cells[at] ?? '').padEnd(width))
      .join('  ')
      .trimEnd()
  const body = rows.flatMap((row) => [
    line(row),
    `    ${row[4]}`,
    ...(row[5] ? [`    NOT AS EXPECTED: ${row[5]}`] : []),
  ])
  return `\n${[line(head), ...body].join('\n')}\n\n`
}
