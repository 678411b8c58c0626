import { createHmac } from 'node:crypto'
import { findCustomerContexts, evaluateModel as holdModelEvaluation } from 'assay/model-evaluation'
import { type BaseModelFiles, catalogueModel } from '../../catalogue/index.ts'
import type { PlainAdapter } from '../../deployments/index.ts'
import { EVENTS } from '../events.ts'
import { isEvaluationOnly } from '../job.ts'
import { judgeData } from './import-data.ts'
import { type Interview, keepReport } from './reports.ts'
import { trainingRows } from './training-rows.ts'
import { conclude, loadModel, remembered, withModel } from './verdict.ts'
import type { WorkOn } from './work-on.ts'

/** Conversations held at once; the engine batches them. */
const CONCURRENCY = 16

/**
 * Interviews the tuned model, signs the verdict, and gives the model its name or blocks it. Conversations live in
 * memory and end here. A digest that was judged before under this policy on this base model keeps its verdict.
 */
export async function evaluateModel(work: WorkOn): Promise<void> {
  if (isEvaluationOnly(work.job) && work.job.trainingFile) {
    // Of a job of tuning they were judged before it trained.
    const harmful = await judgeData(work)
    if (harmful) return void (await work.records.advance(work.job, 'dataBlocked', { error: harmful }))
  }
  await withModel(work, async (base, adapter) => {
    const known = await remembered(work, base, adapter.sha256)
    if (known) return conclude(work, base, known, adapter.sha256)
    const interview = await hold(work, base, adapter)
    const report = await reportOn(work, base, adapter, interview)
    await conclude(work, base, interview.evaluation.assessment, adapter.sha256, report)
  })
}

/** The report that was asked for. A verdict is not lost because its report cannot be written. */
async function reportOn(work: WorkOn, ...of: [BaseModelFiles, PlainAdapter, Interview]) {
  if (!work.job.wantsReport) return undefined
  return keepReport(work, ...of).catch((error: Error) => {
    work.log.error({ job: work.job.id, name: error.name }, 'the report of an evaluation was not kept')
    return EVENTS.reportNotKept
  })
}

async function hold(work: WorkOn, base: BaseModelFiles, adapter: PlainAdapter): Promise<Interview> {
  const { job, signal } = work
  const judge = await work.judge()
  const { tier } = catalogueModel(job.model)
  const [startedAt, seed] = [new Date(), seedFor(work, base, adapter)]
  const { objectives, digest: objectivesDigest } = await work.objectives()
  const model = await loadModel(work, base, [adapter.path])
  try {
    const evaluation = await holdModelEvaluation({
      chat: (messages, options) => model.chat(messages, options),
      judge,
      objectives,
      tier,
      blocksBefore: await work.attestations.blocks(job.resourceId, job.model),
      contexts: await findCustomerContexts(trainingRows(work.files, work.resource, job.trainingFile)),
      seed,
      concurrency: CONCURRENCY,
      signal,
      onProgress: (progress) => work.progress.show(job.id, { stage: 'model_evaluation', progress }),
    })
    return { evaluation, seed, objectivesDigest, startedAt }
  } finally {
    await model.close()
  }
}

/**
 * Other models are asked other things, which nobody can know beforehand; the same bytes are asked the same however often
 * an evaluation of them breaks off, so that nobody gains by breaking it.
 */
function seedFor({ resource }: WorkOn, base: BaseModelFiles, adapter: PlainAdapter): number {
  const digest = createHmac('sha256', resource.dataKey).update(`questions ${base.digest} ${adapter.sha256}`).digest()
  return digest.readUInt32BE(0) >>> 1
}
