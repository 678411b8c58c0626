import { DataAdviser } from '../data-advice/index.ts'
import { EvaluationUnavailableError } from '../errors/index.ts'
import { type Assessment, CATEGORIES, POLICY } from '../harm/index.ts'
import type { Judge, Judgement } from '../judges/index.ts'
import type { TrainingRow } from '../training-data/index.ts'
import type { DataEvaluation, Finding } from './data-evaluation.ts'
import { DistinctRows, keyOf } from './distinct-rows.ts'
import { type JudgedMessage, judgedMessages, learnedMessages } from './judged-messages.ts'
import { RecentJudgements } from './recent-judgements.ts'
import { ShortRows } from './short-rows.ts'
import { noRowsAboveCuts, twoCutTest } from './two-cut-test.ts'

const MESSAGES_IN_A_BATCH = 64
const FINDINGS_RETURNED = 1000

/**
 * Judges what a model would learn from these rows: every assistant message that is learned, read with what comes
 * before it. Memory does not grow with the texts; nothing that was read is kept.
 *
 * @param options.advice false where nobody reads advice: it takes memory and time of its own
 * @param options.onProgress called with the number of rows judged so far
 * @throws {EvaluationUnavailableError} when the judge fails, or too many rows are in languages it cannot read
 */
export async function evaluateData(options: {
  readonly rows: AsyncIterable<TrainingRow>
  readonly judge: Judge
  readonly advice?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((rowsJudged: number) => void) | undefined
}): Promise<DataEvaluation> {
  const { judge, signal, onProgress } = options
  const distinct = new DistinctRows()
  const recent = new RecentJudgements()
  const above = noRowsAboveCuts()
  const adviser = options.advice === false ? undefined : new DataAdviser()
  const shortRows = new ShortRows(judge)
  const findings: Finding[] = []
  let findingsFound = 0
  let rows = 0
  let distinctRows = 0
  let notJudged = 0

  const judgeBatch = async (batch: readonly TrainingRow[]) => {
    const keys = batch.map((row) => keyOf(JSON.stringify(row.messages)))
    // An identical row is judged once.
    const judged = new Map<string, readonly Judgement[]>()
    const fresh = new Map<string, TrainingRow>()
    for (const [index, key] of keys.entries()) {
      const known = recent.get(key)
      if (known) judged.set(key, known)
      else fresh.set(key, batch[index] as TrainingRow)
    }
    const judgements = await judgeRows(judge, [...fresh.values()])
    for (const [index, key] of [...fresh.keys()].entries()) judged.set(key, judgements[index] ?? [])
    for (const [index, row] of batch.entries()) {
      const messages = learnedMessages(row)
      const key = keys[index] ?? ''
      const ofRow = judged.get(key) ?? []
      recent.set(key, ofRow)
      rows += 1
      notJudged += ofRow.some((judgement) => !judgement.judged) ? 1 : shortRows.add(row)
      const isNew = distinct.add(key)
      if (isNew) distinctRows += 1
      for (const category of CATEGORIES) {
        const cuts = judge.calibration.data[category]
        const highest = Math.max(0, ...ofRow.map((judgement) => judgement.probability[category]))
        if (isNew && highest >= cuts.lower.score) above[category].lower += 1
        if (isNew && highest >= cuts.higher.score) above[category].higher += 1
        if (highest >= cuts.higher.score) above[category].higherWithRepeats += 1
        for (const [place, judgement] of ofRow.entries()) {
          if (judgement.probability[category] < cuts.lower.score) continue
          findingsFound += 1
          if (findings.length < FINDINGS_RETURNED) {
            findings.push({
              line: row.line,
              message: messages[place] ?? 0,
              category,
              severity: judgement.severity[category],
              probability: judgement.probability[category],
            })
          }
        }
      }
    }
    onProgress?.(rows)
  }

  let batch: TrainingRow[] = []
  let waiting = 0
  for await (const row of options.rows) {
    signal?.throwIfAborted()
    adviser?.add(row)
    batch.push(row)
    waiting += row.messages.length
    if (waiting < MESSAGES_IN_A_BATCH) continue
    await judgeBatch(batch)
    batch = []
    waiting = 0
  }
  signal?.throwIfAborted()
  if (batch.length > 0) await judgeBatch(batch)
  notJudged += shortRows.end()

  if (notJudged > POLICY.data.max_not_judged * rows) {
    throw new EvaluationUnavailableError(
      `${notJudged} of ${rows} rows are in a language or script that the judge ${judge.name} was not found good at; the data evaluation cannot be held with it.`,
      undefined,
      'Use a judge that reads them: Qwen3Guard, Llama Guard 4 or Azure AI Content Safety (docs/other-judges.md).',
    )
  }
  const categories = twoCutTest({ distinctRows, rows, above }, judge.calibration)
  const failed = CATEGORIES.filter((category) => categories[category].failed)
  const assessment: Assessment =
    failed.length > 0
      ? { outcome: 'failed', subject: 'data', failedCategories: failed }
      : { outcome: 'passed', subject: 'data' }
  const findingsLeftOut = findingsFound - findings.length
  const advice = adviser?.advice() ?? []
  return { assessment, rows, distinctRows, categories, notJudged, findings, findingsLeftOut, advice }
}

/** Judges what is learned of each row, so many messages at a time, however many a row has. */
async function judgeRows(judge: Judge, rows: readonly TrainingRow[]): Promise<readonly (readonly Judgement[])[]> {
  const found = rows.map((): Judgement[] => [])
  let waiting: { readonly row: number; readonly message: JudgedMessage }[] = []
  const flush = async () => {
    const judgements = await judgeMessages(
      judge,
      waiting.map(({ message }) => message),
    )
    for (const [index, { row }] of waiting.entries()) found[row]?.push(judgements[index] as Judgement)
    waiting = []
  }
  for (const [row, each] of rows.entries()) {
    for (const message of judgedMessages(each)) {
      waiting.push({ row, message })
      if (waiting.length === MESSAGES_IN_A_BATCH) await flush()
    }
  }
  if (waiting.length > 0) await flush()
  return found
}

async function judgeMessages(judge: Judge, messages: readonly JudgedMessage[]): Promise<readonly Judgement[]> {
  try {
    return await (judge.judgeHarm?.(messages) ?? judge.judge(messages))
  } catch (cause) {
    throw new EvaluationUnavailableError(`The judge ${judge.name} could not judge the training data.`, cause)
  }
}
