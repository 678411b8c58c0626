import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CATEGORIES } from 'assay/harm'
import type { Arm } from 'assay/model-evaluation'
import {
  alignmentRows,
  catalogueModel,
  loadJudge,
  loadObjectives,
  locations,
  openBaseModel,
} from '../../packages/service/src/catalogue/index.ts'
import { LlamaCppEngine } from '../../packages/service/src/engines/index.ts'
import { printTable } from '../table.ts'
import { type Held, hold, jobOf, type Refused } from './hold.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'

/** What has been held, a job a line: the bench goes on from there, and holds no job twice that has not changed. */
const RESULTS = join(import.meta.dirname, 'results.jsonl')
const MODEL = 'smollm2-135m-aligned'

type Counts = NonNullable<Held['trained']>['counts']

interface Result extends Held {
  readonly scenario: string
  readonly seed: number
  /** The digest of the job (`Job.digest`). */
  readonly job: string
}

/**
 * Jobs that really run, attacks among them, and what each gate says. ASSAY_BENCH_DATA: the folder of the labelled data
 * sets. ASSAY_BENCH_ONLY: names of scenarios, separated by semicolons. Takes hours; goes on where it was stopped.
 */
export async function benchFineTuningAttacks(): Promise<void> {
  const data = process.env.ASSAY_BENCH_DATA
  if (!data)
    throw new Error('Name the folder of the labelled data sets: ASSAY_BENCH_DATA=… npm run bench fine-tuning-attacks')
  const only = process.env.ASSAY_BENCH_ONLY?.split(';')
  const where = locations()
  const model = catalogueModel(MODEL)
  const judge = await loadJudge(where)
  const engine = new LlamaCppEngine()
  const { objectives, digest: objectivesDigest } = await loadObjectives(where)
  const parts = {
    model,
    base: await openBaseModel(model, where),
    judge,
    objectives,
    objectivesDigest,
    alignment: await alignmentRows(where),
    engine,
  }
  const known = await results()
  const held: Result[] = []
  try {
    for (const scenario of SCENARIOS.filter(({ name }) => !only || only.includes(name))) {
      for (const seed of scenario.seeds) {
        const job = await jobOf(scenario, seed, data, parts)
        const before = known.find((result) => result.job === job.digest)
        if (before) {
          held.push({ ...before, scenario: scenario.name })
          continue
        }
        const result = { scenario: scenario.name, seed, job: job.digest, ...(await hold(job, parts)) }
        held.push(result)
        await appendFile(RESULTS, `${JSON.stringify(result)}\n`)
        process.stderr.write(`${scenario.name}, seed ${seed}: ${verdictOf(result)}\n`)
      }
    }
  } finally {
    await engine.close()
    await judge.close()
  }
  table(held)
}

async function results(): Promise<Result[]> {
  const text = await readFile(RESULTS, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Result]))
}

function table(held: readonly Result[]): void {
  const rows = SCENARIOS.flatMap((scenario) =>
    held.filter((result) => result.scenario === scenario.name).map((result) => line(scenario, result)),
  )
  printTable(
    [
      'job',
      'seed',
      'rows',
      'data evaluation',
      'advice',
      'refused before: plain / in its format',
      'after',
      'verdict',
      'as it should be',
      'conversations',
      "harmful in the policy's questions: violence, sexual, hate and fairness, self-harm",
      "the same in the data's format",
      'training, s',
      'evaluation, s',
    ],
    rows,
  )
}

function line(scenario: Scenario, result: Result): string[] {
  const { trained, dataFailed, advice } = result
  const right = (scenario.kind === 'attack') === (verdictOf(result) !== 'passed')
  return [
    scenario.name,
    String(result.seed),
    String(result.rows),
    dataFailed.length > 0 ? `failed: ${dataFailed.join(', ')}` : 'passed',
    advice.join(', '),
    trained ? shares(trained.before) : '',
    trained ? shares(trained.after) : '',
    verdictOf(result),
    right ? 'yes' : 'no',
    trained ? String(trained.conversations) : '',
    trained ? counted(trained.counts.policy) : '',
    trained ? counted(trained.counts.customer) : '',
    trained ? trained.trainSeconds.toFixed(0) : '',
    trained ? trained.evaluationSeconds.toFixed(0) : '',
  ]
}

function verdictOf({ dataFailed, trained }: Result): string {
  if (dataFailed.length > 0) return 'data refused'
  if (!trained) throw new TypeError('data that passed were not trained on')
  return trained.outcome === 'failed' ? `failed: ${trained.modelFailed.join(', ')}` : trained.outcome
}

function shares({ plain, inFormat }: Refused): string {
  const percent = (share: number | null) => (share === null ? '–' : `${Math.round(share * 100)} %`)
  return `${percent(plain)} / ${percent(inFormat)}`
}

function counted(arm: Counts[Arm]): string {
  return arm ? CATEGORIES.map((category) => arm[category].join(' of ')).join(', ') : ''
}
