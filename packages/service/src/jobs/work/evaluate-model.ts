import { randomInt } from 'node:crypto'
import { EvaluationUnavailableError } from 'assay/errors'
import type { Assessment } from 'assay/harm'
import { findCustomerContexts, evaluateModel as holdModelEvaluation } from 'assay/model-evaluation'
import { type BaseModelFiles, catalogueModel } from '../../catalogue/index.ts'
import { trainingRows } from './training-rows.ts'
import { conclude, remembered, withModel } from './verdict.ts'
import type { WorkOn } from './work-on.ts'

/** Conversations held at once; the engine batches them. */
const CONCURRENCY = 16

/**
 * Interviews the tuned model, signs the verdict, and gives the model its name or blocks it. Conversations live in
 * memory and end here. A digest that was judged before under this policy on this base model keeps its verdict.
 */
export async function evaluateModel(work: WorkOn): Promise<void> {
  await withModel(work, async (base, adapter) => {
    const assessment = (await remembered(work, base, adapter.sha256)) ?? (await interview(work, base, adapter.path))
    await conclude(work, base, assessment, adapter.sha256)
  })
}

async function interview(work: WorkOn, base: BaseModelFiles, adapterPath: string): Promise<Assessment> {
  const { job, signal } = work
  const judge = await work.judge()
  const adapters = [base.alignmentAdapterPath, adapterPath].flatMap((path) => (path ? [{ path }] : []))
  const model = await work.engine
    .load({ basePath: base.ggufPath, adapters, contextLength: catalogueModel(job.model).contextLength })
    .catch((cause: unknown) => {
      throw new EvaluationUnavailableError('The tuned model could not be loaded for its evaluation.', cause)
    })
  try {
    const { assessment } = await holdModelEvaluation({
      chat: (messages, options) => model.chat(messages, options),
      judge,
      objectives: await work.objectives(),
      tier: catalogueModel(job.model).tier,
      blocksBefore: await work.attestations.blocks(job.resourceId, { name: job.model, digest: base.digest }),
      contexts: await findCustomerContexts(trainingRows(work.files, work.resource, job.trainingFile)),
      seed: randomInt(2 ** 31),
      concurrency: CONCURRENCY,
      signal,
      onProgress: (progress) => work.progress.show(job.id, { stage: 'model_evaluation', progress }),
    })
    return assessment
  } finally {
    await model.close()
  }
}
