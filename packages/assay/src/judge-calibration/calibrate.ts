import { createHash } from 'node:crypto'
import { judgedMessages } from '../data-evaluation/index.ts'
import { AssayError } from '../errors/index.ts'
import { byCategory, CATEGORIES } from '../harm/index.ts'
import type { JudgeCalibration, JudgeInput, Judgement, Reader } from '../judges/index.ts'
import type { TrainingRow } from '../training-data/index.ts'
import { dataCuts, type HonestScores } from './data-cuts.ts'
import { isHarmless, type LabelledRow } from './labelled-row.ts'
import { FOLDS, LEAST_LABELLED, replyCalibration, type ScoredReply } from './reply-calibration.ts'

/** Fewer tell too little: without one false alarm in 299 rows their rate may still be 1 % (upper 95 % bound). */
export const LEAST_ROWS = { honest: 299, ...LEAST_LABELLED } as const

const INPUTS_IN_A_BATCH = 64
/** The one domain where there is no honest file. */
const HARMLESS_LABELLED = 'harmless labelled rows'

/** A kind of honest training data, one domain: rows that nobody should be blocked for. */
export interface HonestRows {
  readonly domain: string
  readonly rows: AsyncIterable<TrainingRow>
}

export interface Calibration {
  readonly calibration: JudgeCalibration
  /** Rows of each domain that the false alarms of data were counted on. */
  readonly honestRows: Readonly<Record<string, number>>
  readonly labelledRows: number
  /** Rows in a language that the judge does not read; they count nowhere. */
  readonly notJudged: number
}

/**
 * Measures the error of a reader, and chooses the cuts with which it can gate. Without honest data, the labelled rows that
 * are harmless in all that was looked at are the one domain. Keeps scores, no text.
 *
 * @param options.specificity share of harmless replies that the cuts of replies should leave alone
 * @param options.onProgress called with the number of rows judged so far
 * @throws {AssayError} `too_few_rows`, which says how many of what are needed
 */
export async function calibrate(options: {
  readonly reader: Reader
  readonly labels: AsyncIterable<LabelledRow>
  readonly honest: readonly HonestRows[]
  readonly specificity: number
  readonly onProgress?: ((rowsJudged: number) => void) | undefined
}): Promise<Calibration> {
  const { reader, specificity, onProgress } = options
  let judged = 0
  let notJudged = 0
  const progress = () => onProgress?.(++judged)

  const replies: (Omit<ScoredReply, 'fold'> & { readonly request: string })[] = []
  for await (const { row, judgements } of judgeRows(reader, options.labels, (row) => [row.input])) {
    progress()
    const [judgement] = judgements
    if (!judgement?.judged) notJudged += 1
    else {
      const { probability, delivered } = judgement
      replies.push({
        request: requestDigest(row.input),
        harmful: row.harmful,
        asked: row.asked,
        probability,
        delivered,
      })
    }
  }

  const domains: HonestScores[] = []
  for (const { domain, rows } of options.honest) {
    const scores = byCategory((): number[] => [])
    for await (const { judgements } of judgeRows(reader, rows, (row) => [...judgedMessages(row)])) {
      progress()
      if (judgements.some((judgement) => !judgement.judged)) notJudged += 1
      else for (const category of CATEGORIES) scores[category].push(highest(judgements, category))
    }
    domains.push({ domain, scores })
  }
  if (domains.length === 0) {
    const harmless = replies.filter(isHarmless)
    domains.push({
      domain: HARMLESS_LABELLED,
      scores: byCategory((category) => harmless.map((row) => row.probability[category])),
    })
  }

  const folds = foldsOf(replies.map((reply) => reply.request))
  const scored = replies.map((reply) => ({ ...reply, fold: folds.get(reply.request) as number }))
  requireRows(
    scored,
    domains.map(({ domain, scores }) => ({ domain, count: scores.violence.length })),
  )
  return {
    calibration: {
      judge: { name: reader.name, digest: reader.digest },
      data: dataCuts(domains),
      reply: replyCalibration(scored, specificity),
    },
    honestRows: Object.fromEntries(domains.map(({ domain, scores }) => [domain, scores.violence.length])),
    labelledRows: scored.length,
    notJudged,
  }
}

/** Rows with the judgements of their inputs, judged in batches. */
async function* judgeRows<Row>(
  reader: Reader,
  rows: AsyncIterable<Row>,
  inputsOf: (row: Row) => readonly JudgeInput[],
): AsyncGenerator<{ readonly row: Row; readonly judgements: readonly Judgement[] }> {
  let batch: { readonly row: Row; readonly inputs: readonly JudgeInput[] }[] = []
  const flush = async () => {
    const judgements = await reader.judge(batch.flatMap(({ inputs }) => inputs))
    let at = 0
    const whole = batch.map(({ row, inputs }) => {
      const ofRow = judgements.slice(at, at + inputs.length)
      at += inputs.length
      return { row, judgements: ofRow }
    })
    batch = []
    return whole
  }
  let waiting = 0
  for await (const row of rows) {
    const inputs = inputsOf(row)
    batch.push({ row, inputs })
    waiting += inputs.length
    if (waiting < INPUTS_IN_A_BATCH) continue
    yield* await flush()
    waiting = 0
  }
  if (batch.length > 0) yield* await flush()
}

function highest(judgements: readonly Judgement[], category: (typeof CATEGORIES)[number]): number {
  return Math.max(0, ...judgements.map((judgement) => judgement.probability[category]))
}

/** Replies to one request, and one text twice, are not independent: they belong to one fold. */
function requestDigest(input: JudgeInput): string {
  const said =
    'text' in input
      ? [input.text]
      : input.messages.filter((message) => message.role === 'user').map((message) => message.content)
  return createHash('sha256').update(JSON.stringify(said)).digest('hex')
}

function foldsOf(requests: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...new Set(requests)].sort().map((request, index) => [request, index % FOLDS]))
}

/**
 * Before a judge is asked, which may cost: every row there is, as if all were judged. An invalid one is found as well.
 *
 * @throws {AssayError} `too_few_rows`, and what the readers of the rows throw
 */
export async function requireEnoughRows(
  labels: AsyncIterable<LabelledRow>,
  honest: readonly HonestRows[],
): Promise<void> {
  const replies: Pick<LabelledRow, 'harmful'>[] = []
  for await (const { harmful } of labels) replies.push({ harmful })
  const domains: DomainCount[] = []
  for (const { domain, rows } of honest) {
    let count = 0
    for await (const _ of rows) count += 1
    domains.push({ domain, count })
  }
  if (domains.length === 0) domains.push({ domain: HARMLESS_LABELLED, count: replies.filter(isHarmless).length })
  requireRows(replies, domains)
}

interface DomainCount {
  readonly domain: string
  readonly count: number
}

function requireRows(replies: readonly Pick<LabelledRow, 'harmful'>[], domains: readonly DomainCount[]): void {
  const few = CATEGORIES.flatMap((category) =>
    (['harmful', 'harmless'] as const).flatMap((kind) => {
      const count = replies.filter((row) => row.harmful[category] === (kind === 'harmful')).length
      return count < LEAST_ROWS[kind]
        ? [`${LEAST_ROWS[kind]} labelled rows ${kind} in ${category} (there are ${count})`]
        : []
    }),
  )
  for (const { domain, count } of domains) {
    if (count < LEAST_ROWS.honest) few.push(`${LEAST_ROWS.honest} honest rows in ${domain} (there are ${count})`)
  }
  if (few.length === 0) return
  throw new AssayError('too_few_rows', `There are too few rows for a calibration. It needs ${few.join('; ')}.`, {
    status: 400,
    remedy: 'Label more rows, or give files of harmless training data with --honest.',
  })
}
