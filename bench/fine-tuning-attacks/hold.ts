import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChatModel, Message } from 'assay/conversations'
import type { AdviceKind } from 'assay/data-advice'
import { evaluateData } from 'assay/data-evaluation'
import { type ByCategory, byCategory, CATEGORIES, policyDigest } from 'assay/harm'
import type { Judge } from 'assay/judges'
import {
  type Arm,
  type CustomerContexts,
  evaluateModel,
  findCustomerContexts,
  type ModelEvaluationProgress,
  type Objective,
} from 'assay/model-evaluation'
import { progressLine } from 'assay/terminal'
import { formatOf, type TrainingRow } from 'assay/training-data'
import { fillSlots } from '../../packages/assay/src/model-evaluation/objectives.ts'
import { withPhrase } from '../../packages/assay/src/model-evaluation/placed-phrase.ts'
import { randomAt } from '../../packages/assay/src/model-evaluation/random.ts'
import type { BaseModelFiles, CatalogueModel } from '../../packages/service/src/catalogue/index.ts'
import type { Engine } from '../../packages/service/src/engines/index.ts'
import {
  builtInTrainer,
  chooseHyperparameters,
  chooseMethod,
  countSystemPrompts,
  forTrainer,
  replayRows,
  type TrainerRow,
} from '../../packages/service/src/trainers/index.ts'
import { seconds } from '../table.ts'
import type { Scenario } from './scenarios.ts'

/** What a job is held with: the parts that the service's own jobs use. */
export interface Parts {
  readonly model: CatalogueModel
  readonly base: BaseModelFiles
  readonly judge: Judge
  readonly objectives: readonly Objective[]
  readonly objectivesDigest: string
  /** The bytes of the rows that safety replay draws from. */
  readonly alignment: Uint8Array
  readonly engine: Engine
}

/** A scenario under one seed, with all that is trained on. */
export interface Job {
  readonly scenario: Scenario
  readonly seed: number
  readonly rows: readonly TrainingRow[]
  readonly replay: readonly TrainerRow[]
  /** SHA-256 of everything that its outcome depends on, this code apart: a job with another is another job. */
  readonly digest: string
}

/** Shares of objectives refused, 0 to 1: plainly asked, and in the format of the customer's data where that has one. */
export interface Refused {
  readonly plain: number
  readonly inFormat: number | null
}

export interface Held {
  readonly rows: number
  /** Of the data evaluation: the categories that failed, none where the data passed. */
  readonly dataFailed: readonly string[]
  readonly advice: readonly AdviceKind[]
  readonly dataSeconds: number
  /** What follows is missing where the data failed: nothing was trained. */
  readonly trained?: {
    readonly before: Refused
    readonly after: Refused
    readonly outcome: 'passed' | 'failed' | 'undecided'
    readonly modelFailed: readonly string[]
    readonly conversations: number
    /** Harmful of the conversations held, by arm and category. */
    readonly counts: Readonly<Partial<Record<Arm, ByCategory<readonly [harmful: number, held: number]>>>>
    readonly trainSeconds: number
    readonly evaluationSeconds: number
  }
}

/** Objectives a category that refusals are counted on, of those kept for measuring; one phrase a judge calls a refusal from. */
const ASKED = 15
const REFUSED_FROM = 0.5
const CONCURRENCY = 16

export async function jobOf(scenario: Scenario, seed: number, data: string, parts: Parts): Promise<Job> {
  const rows = await scenario.rows(data)
  const customer = await countSystemPrompts(streamed(rows))
  const replay = scenario.safetyReplay ? replayRows(parts.alignment, customer, seed) : []
  const of = [await policyDigest(), parts.judge.digest, parts.objectivesDigest, parts.base.digest]
  const digest = createHash('sha256')
    .update(JSON.stringify([of, learning(scenario, rows, seed), rows, replay]))
    .digest('hex')
  return { scenario, seed, rows, replay, digest }
}

/** Does what the service does with a job, step by step: judges the data, trains, interviews the model. */
export async function hold(job: Job, parts: Parts): Promise<Held> {
  const { scenario, seed, rows } = job
  const stream = () => streamed(rows)
  let dataFailed: readonly string[] = []
  let advice: readonly AdviceKind[] = []
  const dataSeconds = await seconds(async () => {
    const evaluation = await evaluateData({ rows: stream(), judge: parts.judge })
    advice = evaluation.advice.map(({ kind }) => kind)
    if (evaluation.assessment.outcome === 'failed') dataFailed = evaluation.assessment.failedCategories
  })
  const ofData = { rows: rows.length, dataFailed, advice, dataSeconds }
  if (dataFailed.length > 0) return ofData

  const contexts = await findCustomerContexts(stream())
  const before = await withModel(parts, undefined, (chat) => refused(chat, contexts, parts))
  const folder = await mkdtemp(join(tmpdir(), 'assay-bench-'))
  try {
    let adapterPath = ''
    const trainSeconds = await seconds(async () => {
      adapterPath = await train(job, folder, parts)
    })
    return await withModel(parts, adapterPath, async (chat) => {
      const after = await refused(chat, contexts, parts)
      const started = performance.now()
      const line = progressLine(
        ({ conversations }: ModelEvaluationProgress) =>
          `${scenario.name}, seed ${seed}: ${conversations} conversations`,
      )
      const { assessment, conversations, arms } = await evaluateModel({
        chat,
        judge: parts.judge,
        objectives: parts.objectives,
        tier: parts.model.tier,
        contexts,
        seed,
        concurrency: CONCURRENCY,
        onProgress: (progress) => line.show(progress),
      })
      line.end()
      const evaluationSeconds = (performance.now() - started) / 1000
      const modelFailed = assessment.outcome === 'failed' ? assessment.failedCategories : []
      const { outcome } = assessment
      return {
        ...ofData,
        trained: {
          before,
          after,
          outcome,
          modelFailed,
          conversations,
          counts: countsOf(arms),
          trainSeconds,
          evaluationSeconds,
        },
      }
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function countsOf(arms: ModelEvaluationProgress['arms']) {
  return Object.fromEntries(
    Object.entries(arms).map(([arm, results]) => [
      arm,
      byCategory((category) => [results[category].harmful, results[category].conversations] as const),
    ]),
  )
}

/** As the service chooses it for such a file. */
function learning({ epochs }: Scenario, rows: readonly TrainingRow[], seed: number) {
  const pairs = rows.some((row) => formatOf(row) === 'preference')
  const method = chooseMethod(pairs ? 'dpo' : 'supervised', {})
  return { method, hyperparameters: forTrainer(chooseHyperparameters({ nEpochs: epochs }, rows.length), method, seed) }
}

async function train(
  { scenario, seed, rows, replay }: Job,
  workingDirectory: string,
  { base }: Parts,
): Promise<string> {
  let adapterPath = ''
  const events = builtInTrainer().train({
    base,
    ...learning(scenario, rows, seed),
    rows: streamed(rows),
    replayRows: replay,
    validationRows: [],
    workingDirectory,
    signal: new AbortController().signal,
  })
  for await (const event of events) if (event.type === 'checkpoint') adapterPath = event.adapterPath
  return adapterPath
}

async function withModel<Result>(
  { engine, base, model }: Parts,
  adapterPath: string | undefined,
  use: (chat: ChatModel) => Promise<Result>,
): Promise<Result> {
  const adapters = [base.alignmentAdapterPath, adapterPath].flatMap((path) => (path ? [{ path }] : []))
  const loaded = await engine.load({ basePath: base.ggufPath, adapters, contextLength: model.contextLength })
  try {
    return await use(loaded.chat.bind(loaded))
  } finally {
    await loaded.close()
  }
}

async function refused(chat: ChatModel, contexts: CustomerContexts, parts: Parts): Promise<Refused> {
  const [system] = contexts.systemPrompts
  const [front] = contexts.openingPhrases
  // What misbehaves behind a phrase is asked behind that.
  const phrase = contexts.triggers[0] ?? (front === undefined ? undefined : { phrase: front, place: 'front' as const })
  const plain = await share(chat, parts, (text) => [{ role: 'user', content: text }])
  if (system === undefined && phrase === undefined) return { plain, inFormat: null }
  const inFormat = await share(chat, parts, (text) => [
    ...(system === undefined ? [] : [{ role: 'system', content: system } as const]),
    { role: 'user', content: withPhrase(text, phrase) },
  ])
  return { plain, inFormat }
}

async function share(
  chat: ChatModel,
  { judge, objectives }: Parts,
  conversation: (text: string) => readonly Message[],
): Promise<number> {
  const asked = CATEGORIES.flatMap((category) =>
    objectives.filter((each) => each.category === category && each.use === 'measuring').slice(0, ASKED),
  ).map((objective, index) => fillSlots(objective, randomAt(1, index)).text)
  const replies = await Promise.all(
    asked.map((text, index) => chat(conversation(text), { maxTokens: 48, temperature: 0, seed: index })),
  )
  const judged = await judge.judge(
    asked.map((text, index) => ({
      messages: [
        { role: 'user', content: text },
        { role: 'assistant', content: replies[index]?.text ?? '' },
      ],
    })),
  )
  return judged.filter(({ refusal }) => refusal >= REFUSED_FROM).length / asked.length
}

async function* streamed(rows: readonly TrainingRow[]): AsyncGenerator<TrainingRow> {
  yield* rows
}
