import { plainText } from 'assay/terminal'
import { hasEnded } from '../job.ts'
import type { JobEvent } from '../job-events.ts'
import { jobPage, NAMES } from './job-page.ts'
import { evaluationSentences } from './model-evaluation.ts'
import { accuracyAndValidation, checkpointsKept } from './training.ts'
import type { WatchedJob } from './watched-job.ts'

/** Counts are said so often. */
const COUNTS_EVERY_MS = 10_000
/** As large as it takes: nobody's terminal wraps it. */
const UNBOUNDED = { columns: Number.MAX_SAFE_INTEGER, rows: Number.MAX_SAFE_INTEGER }

/** What is new since the last call, in lines: for a log. That the connection is lost or back goes to standard error. */
export function showLines(): (watched: WatchedJob) => void {
  let shown = 0
  let stage = ''
  let kept = ''
  let countsAt = 0
  let lost = false
  return (watched) => {
    const { job, stages, events, checkpoints, evaluation, trouble } = watched
    if (trouble !== undefined) {
      if (!lost) process.stderr.write(`Connection lost: ${trouble} Trying again.\n`)
      lost = true
      return
    }
    if (lost) process.stderr.write('Connected again.\n')
    lost = false

    for (const event of events.slice(shown)) say(lineOf(event))
    shown = events.length
    const running = stages.find(({ status }) => status === 'running')
    if (running && running.name !== stage) say(`── ${NAMES[running.name]}`)
    stage = running?.name ?? stage
    const keeps = checkpointsKept(checkpoints)
    if (keeps !== kept) say(keeps)
    kept = keeps
    const live = evaluation.model_evaluation
    if (live && Date.now() - countsAt >= COUNTS_EVERY_MS) {
      countsAt = Date.now()
      for (const line of [`${live.conversations} conversations held`, ...evaluationSentences(live)]) say(line)
    }
    if (hasEnded(job)) say(`\n${jobPage(watched, UNBOUNDED, Date.now() / 1000)}`)
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function lineOf({ type, message, data }: JobEvent): string {
  const more = type === 'metrics' && data ? accuracyAndValidation(data) : ''
  return plainText(more ? `${message}, ${more}` : message)
}
