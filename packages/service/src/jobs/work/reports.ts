import { POLICY, policyDigest } from 'assay/harm'
import { compareWithBase, findCustomerContexts, type ModelEvaluation } from 'assay/model-evaluation'
import {
  assayVersion,
  comparisonAsJson,
  type EvaluationReport,
  formatEvaluation,
  provenanceAsJson,
} from 'assay/reports'
import { type BaseModelFiles, catalogueModel } from '../../catalogue/index.ts'
import type { PlainAdapter } from '../../deployments/index.ts'
import type { ReceivedContent } from '../../resources/index.ts'
import { trainingRows } from './training-rows.ts'
import { loadModel, withModel } from './verdict.ts'
import type { WorkOn } from './work-on.ts'

/** Replies at once, of each of the two models. */
const CONCURRENCY = 8

/** An evaluation that was held, with what holds it again. */
export interface Interview {
  readonly evaluation: ModelEvaluation
  readonly seed: number
  /** SHA-256 of the objectives that were asked. */
  readonly objectivesDigest: string
  readonly startedAt: Date
}

/**
 * The counts of an evaluation, encrypted under the customer's key: theirs, and nobody else's. To be kept with the verdict.
 * A model that is blocked has no name, so the report has the job's.
 */
export async function keepReport(
  work: WorkOn,
  base: BaseModelFiles,
  adapter: PlainAdapter,
  { evaluation, seed, objectivesDigest, startedAt }: Interview,
): Promise<ReceivedContent> {
  const report: EvaluationReport = {
    model: evaluation.assessment.outcome === 'passed' ? work.job.tunedModel : work.job.id,
    at: { sha256: adapter.sha256, baseModel: { name: work.job.model, digest: base.digest } },
    evaluation,
    withheld: 0,
    objectivesDigest,
    tier: catalogueModel(work.job.model).tier,
    seed,
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    ...(await provenance(work)),
    startedAt,
  }
  return work.files.receive(work.resource, only(formatEvaluation(report, 'json')))
}

/**
 * After the verdict, what did this data do? Puts a fixed list to tuned model and base, and keeps the counts as a file of
 * the customer's. Decides nothing.
 */
export async function compareModels(work: WorkOn): Promise<void> {
  const { job, resource, files, records, signal } = work
  const startedAt = new Date()
  const judge = await work.judge()
  const comparison = await withModel(work, async (base, adapter) => {
    const known = `${base.digest} ${judge.digest}`
    const baseOutcomes = work.baseOutcomes.get(known) ?? new Map<string, boolean>()
    work.baseOutcomes.set(known, baseOutcomes)
    const untuned = await loadModel(work, base, [])
    try {
      const tuned = await loadModel(work, base, [adapter.path])
      try {
        return await compareWithBase({
          tuned: (messages, options) => tuned.chat(messages, options),
          base: (messages, options) => untuned.chat(messages, options),
          judge,
          objectives: (await work.objectives()).objectives,
          harmless: await work.harmlessPrompts(),
          contexts: await findCustomerContexts(trainingRows(files, resource, job.trainingFile)),
          concurrency: CONCURRENCY,
          baseOutcomes,
          signal,
        })
      } finally {
        await tuned.close()
      }
    } finally {
      await untuned.close()
    }
  })
  const { policy, judge: by, versions, started_at } = provenanceAsJson({ ...(await provenance(work)), startedAt })
  const json = { base_model: job.model, ...comparisonAsJson(comparison), policy, judge: by, versions, started_at }
  const file = await files.receive(resource, only(`${JSON.stringify(json, null, 2)}\n`))
  await work.sql.transaction().execute(async (sql) => {
    await file.keep({ filename: 'base-comparison.json', purpose: 'fine-tune-results' }, sql)
    await records.addReportFile(job.id, file.id, sql)
  })
}

async function provenance(work: WorkOn) {
  const { name, digest } = await work.judge()
  return {
    policy: { version: POLICY.version, digest: await policyDigest() },
    judge: { name, digest },
    versions: { assay: assayVersion, node: process.version },
    // The adapter stays here, so that no command elsewhere holds it again; the seed does, here.
    command: [],
  }
}

async function* only(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
