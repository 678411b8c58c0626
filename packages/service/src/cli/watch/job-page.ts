import { plainText } from 'assay/terminal'
import cliTruncate from 'cli-truncate'
import { hasEnded } from '../job.ts'
import type { JobEvent } from '../job-events.ts'
import { duration, timeOfDay } from './amounts.ts'
import { endLines } from './ending.ts'
import { evaluationLines } from './model-evaluation.ts'
import { paint } from './paint.ts'
import { trainingDetail, trainingLines } from './training.ts'
import type { Stage, WatchedJob } from './watched-job.ts'

/** Of a terminal. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

const EVENTS_SHOWN = 4

/**
 * A job as a page for the terminal: stages, training, the evaluation's counts by category, the last events as far as there
 * is room, and how it ended.
 *
 * @param now in seconds since 1970
 */
export function jobPage(watched: WatchedJob, { columns, rows }: Size, now: number): string {
  const { job, stages, events, evaluation, heardAt, trouble } = watched
  const cut = (lines: readonly string[]) => lines.map((line) => cliTruncate(line, columns))
  const progress = cut([
    plainText(`${job.id}  ${job.model}  from ${job.training_file}`),
    '',
    ...stages.flatMap((stage) => stageLines(stage, watched, columns, now)),
    ...(evaluation.model_evaluation ? ['', ...evaluationLines(evaluation.model_evaluation, columns)] : []),
    '',
  ])
  if (hasEnded(job)) return [...progress, ...endLines(watched, columns, now)].join('\n')
  const lost = trouble
    ? [paint('yellow', `Connection lost; as it was at ${timeOfDay(heardAt)}. Trying again. ${trouble}`)]
    : []
  // The cursor stands in a row of its own.
  const room = rows - 1 - progress.length - lost.length
  return [...progress, ...cut([...eventLines(events, room), ...lost])].join('\n')
}

export const NAMES: Readonly<Record<Stage['name'], string>> = {
  file_validation: 'Validation of the files',
  queue: 'Waiting for its turn',
  data_evaluation: 'Data evaluation',
  training: 'Training',
  model_evaluation: 'Model evaluation',
}
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

function stageLines(stage: Stage, watched: WatchedJob, width: number, now: number): string[] {
  const { name, status, started_at, finished_at } = stage
  const time = started_at === null ? '' : duration(Math.max(0, Math.round((finished_at ?? now) - started_at)))
  const [mark, colour] = MARKS[status]
  const head = `${mark} ${NAMES[name].padEnd(24)}${time.padStart(9)}`
  const line = `${paint(colour, head)}  ${detailOf(name, watched, width - head.length - 2)}`.trimEnd()
  const more = name === 'training' ? trainingLines(watched.events, watched.checkpoints) : []
  return [line, ...more.map((text) => `    ${text}`)]
}

function detailOf(stage: Stage['name'], { events, evaluation }: WatchedJob, width: number): string {
  switch (stage) {
    case 'data_evaluation':
      return evaluation.data_evaluation ? `${evaluation.data_evaluation.rows} rows judged` : ''
    case 'training':
      return trainingDetail(events, width)
    case 'model_evaluation': {
      const held = evaluation.model_evaluation?.conversations
      return held === undefined ? '' : `${held} conversations held`
    }
    default:
      return ''
  }
}

function eventLines(events: readonly JobEvent[], room: number): string[] {
  const shown = Math.max(0, Math.min(EVENTS_SHOWN, room))
  const messages = events.filter((event) => event.type === 'message')
  return messages
    .slice(messages.length - Math.min(shown, messages.length))
    .map(({ created_at, message }) => paint('gray', `${timeOfDay(created_at)}  ${plainText(message)}`))
}
