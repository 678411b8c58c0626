import { styleText } from 'node:util'
import { type ByCategory, CATEGORIES, POLICY } from 'assay/harm'
import { plainText } from 'assay/terminal'
import cliTruncate from 'cli-truncate'
import { hasEnded, type Job } from '../job.ts'
import type { JobEvent } from '../job-events.ts'
import { table } from '../table.ts'
import { categoriesOf, nextStep } from './next-step.ts'
import { sparkline } from './sparkline.ts'

/** Counts of an evaluation that goes on, as the journey has them. */
export interface Evaluation {
  readonly data_evaluation: { readonly rows: number } | null
  readonly model_evaluation: {
    readonly conversations: number
    readonly arms: { readonly policy?: Arm; readonly customer?: Arm }
  } | null
}

type Arm = ByCategory<{
  readonly conversations: number
  readonly harmful: number
  readonly decision: string
  readonly defectRate: number
  readonly interval: readonly [number, number]
}>

/** A stage of a job as the journey has it; times in seconds since 1970. */
export interface Stage {
  readonly name: keyof typeof NAMES
  readonly status: 'waiting' | 'running' | 'paused' | 'passed' | 'failed' | 'cancelled' | 'not_reached'
  readonly started_at: number | null
  readonly finished_at: number | null
}

/** What `/assay/v1/fine_tuning/jobs/:id/journey` answers; what the command line reads of it. */
export interface Journey {
  readonly job: Job
  readonly stages: readonly Stage[]
  readonly evaluation: Evaluation
}

/** All that is known of a job at a moment. */
export interface WatchedJob extends Journey {
  readonly events: readonly JobEvent[]
  /** What to say where the last question got no answer, and what is shown is older. */
  readonly trouble?: string | undefined
}

const EVENTS_SHOWN = 4
const SPARKS = 40

/**
 * A job as a page for the terminal: stages, loss, the evaluation's counts by category, the last events, and how it ended.
 *
 * @param width columns of the terminal
 * @param now in seconds since 1970
 */
export function jobPage(watched: WatchedJob, width: number, now: number): string {
  const { job, stages, events, evaluation, trouble } = watched
  const progress = [
    plainText(`${job.id}  ${job.model}  from ${job.training_file}`),
    '',
    ...stages.map((stage) => stageLine(stage, watched, now)),
    ...(evaluation.model_evaluation ? ['', ...evaluationLines(evaluation.model_evaluation, width)] : []),
    '',
    ...(hasEnded(job) ? [] : eventLines(events)),
    ...(trouble ? ['', paint('yellow', trouble)] : []),
  ].map((line) => cliTruncate(line, width))
  return [...progress, ...(hasEnded(job) ? endLines(job, width) : [])].join('\n')
}

export const NAMES = {
  file_validation: 'Validation of the files',
  queue: 'Waiting for its turn',
  data_evaluation: 'Data evaluation',
  training: 'Training',
  model_evaluation: 'Model evaluation',
} as const
const AHEAD = ['·', 'gray'] as const
const STOPPED = ['✖', 'red'] as const
const MARKS = {
  passed: ['✔', 'green'],
  running: ['▶', 'cyan'],
  paused: ['‖', 'yellow'],
  failed: STOPPED,
  cancelled: STOPPED,
  waiting: AHEAD,
  not_reached: AHEAD,
} as const

function stageLine(stage: Stage, watched: WatchedJob, now: number): string {
  const { name, status, started_at, finished_at } = stage
  const time = started_at === null ? '' : duration(Math.max(0, Math.round((finished_at ?? now) - started_at)))
  const [mark, colour] = MARKS[status]
  const head = `${mark} ${NAMES[name].padEnd(24)}${time.padStart(9)}`
  return `${paint(colour, head)}  ${detailOf(name, watched)}`.trimEnd()
}

function detailOf(stage: Stage['name'], { events, evaluation }: WatchedJob): string {
  switch (stage) {
    case 'data_evaluation':
      return evaluation.data_evaluation ? `${evaluation.data_evaluation.rows} rows judged` : ''
    case 'training':
      return trainingDetail(events)
    case 'model_evaluation': {
      const held = evaluation.model_evaluation?.conversations
      return held === undefined ? '' : `${held} conversations held`
    }
    default:
      return ''
  }
}

function trainingDetail(events: readonly JobEvent[]): string {
  const steps = events.filter((event) => event.type === 'metrics')
  const losses = steps.flatMap(({ data }) => (typeof data?.train_loss === 'number' ? [data.train_loss] : []))
  const last = losses.at(-1)
  if (last === undefined) return ''
  return `step ${steps.at(-1)?.data?.step}, loss ${last.toFixed(3)}  ${sparkline(losses, SPARKS)}`
}

function evaluationLines({ arms }: NonNullable<Evaluation['model_evaluation']>, width: number): string[] {
  const titles = { policy: 'Conversations of the policy', customer: "Conversations in the data's own format" } as const
  return (['policy', 'customer'] as const).flatMap((name) => {
    const arm = arms[name]
    if (!arm) return []
    const most = name === 'policy' ? POLICY.model.max_conversations : POLICY.model.customer_arm.max_conversations
    const rows = CATEGORIES.map((category) => {
      const { conversations, harmful, decision, interval } = arm[category]
      const standing = decision === 'undecided' ? 'going on' : decision
      return [category, `${conversations} of ${most}`, String(harmful), interval.map(percent).join(' – '), standing]
    })
    const head = [titles[name], 'held', 'harmful', 'share of harmful', 'stands']
    return table(head, rows, width).trimEnd().split('\n')
  })
}

function eventLines(events: readonly JobEvent[]): string[] {
  return events
    .filter((event) => event.type === 'message')
    .slice(-EVENTS_SHOWN)
    .map(({ created_at, message }) =>
      paint('gray', `${new Date(created_at * 1000).toISOString().slice(11, 19)}  ${plainText(message)}`),
    )
}

/** How it ended: nothing of it is cut, however narrow the terminal. */
function endLines(job: Job, width: number): string[] {
  const { status, error, fine_tuned_model: model, trained_tokens: tokens } = job
  const succeeded = status === 'succeeded'
  const colour = succeeded ? 'green' : status === 'failed' ? 'red' : 'yellow'
  const categories = categoriesOf(job)
  return [
    paint(colour, `${status.toUpperCase()}${error ? `  ${error.code}` : ''}`),
    ...(error ? wrapped(plainText(error.message), width) : []),
    ...[
      ...(model ? [`Model:       ${model}`] : []),
      ...(categories.length > 0 ? [`Categories:  ${categories.join(', ')}`] : []),
      `Charge:      ${succeeded ? `${tokens ?? 0} training tokens (assay usage --costs)` : 'nothing was charged'}`,
      `Next step:   ${nextStep(job)}`,
    ].flatMap((line) => wrapped(plainText(line), width)),
  ]
}

/** At blanks; a word that is wider than the terminal stands in a line of its own. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** Only on a terminal, and not where NO_COLOR is set (no-color.org). */
function paint(colour: 'green' | 'cyan' | 'red' | 'gray' | 'yellow', text: string): string {
  return styleText(colour, text, { stream: process.stdout })
}
