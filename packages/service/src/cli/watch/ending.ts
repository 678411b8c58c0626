import { plainText } from 'assay/terminal'
import type { Job } from '../job.ts'
import { count, money } from './amounts.ts'
import { categoriesOf, nextStep } from './next-step.ts'
import { paint } from './paint.ts'
import type { WatchedJob } from './watched-job.ts'

/** Seconds after the verdict in which a comparison with the base can still come. */
const COMPARISON_EXPECTED = 3600

/**
 * How a job ended: nothing of it is cut, however narrow the terminal.
 *
 * @param now in seconds since 1970
 */
export function endLines(watched: WatchedJob, width: number, now: number): string[] {
  const { job, bill, events } = watched
  const { status, error, fine_tuned_model: model } = job
  const colour = status === 'succeeded' ? 'green' : status === 'failed' ? 'red' : 'yellow'
  const categories = categoriesOf(job)
  const warnings = events.filter(({ level }) => level === 'warn')
  return [
    paint(colour, `${status.toUpperCase()}${error ? `  ${error.code}` : ''}`),
    ...(error ? wrapped(plainText(error.message), width) : []),
    ...[
      ...(model ? [`Model:       ${model}`] : []),
      ...(categories.length > 0 ? [`Categories:  ${categories.join(', ')}`] : []),
      ...warnings.map(({ message }) => `Note:        ${message}`),
      ...reportLines(job, now),
      `Charge:      ${charge(bill)}`,
      `Next step:   ${nextStep(watched)}`,
    ].flatMap((line) => wrapped(plainText(line), width)),
  ]
}

function charge({ trained_tokens: tokens, charged }: WatchedJob['bill']): string {
  if (charged.value > 0) return `${money(charged.value, charged.currency)} for ${count(tokens)} trained tokens`
  return tokens > 0
    ? `nothing; neither the ${count(tokens)} tokens that were trained nor the evaluations are charged`
    : 'nothing; a training that did not end is not charged, nor are evaluations'
}

/** Where the files are that a job was asked to keep: after the metrics of its training, in the order in which they come. */
function reportLines({ id, result_files: [, report, comparison], finished_at }: Job, now: number): string[] {
  if (!report) return []
  const kept = `Report:      assay files content ${report} > evaluation-report.json`
  if (comparison) return [kept, `Comparison:  assay files content ${comparison} > base-comparison.json`]
  const awaited = now - (finished_at ?? 0) < COMPARISON_EXPECTED
  return [
    kept,
    ...(awaited ? [`Comparison:  with the base, in some minutes: assay jobs get ${id} lists its file`] : []),
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
