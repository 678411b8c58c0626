import { randomInt } from 'node:crypto'
import { safetyEvaluation, verify } from 'assay/attestation'
import { AssayError, EvaluationUnavailableError } from 'assay/errors'
import { type Assessment, assessmentMessage } from 'assay/harm'
import { findCustomerContexts, evaluateModel as holdModelEvaluation } from 'assay/model-evaluation'
import { type BaseModelFiles, catalogueModel, openBaseModel } from '../../catalogue/index.ts'
import { Attestations, assessmentOf, shippedPolicyDigests, unsealAdapter } from '../../deployments/index.ts'
import { chargeTraining } from '../../metering/index.ts'
import { EVENTS } from '../events.ts'
import type { Job, JobError } from '../job.ts'
import { trainingRows } from './training-rows.ts'
import type { WorkOn } from './work-on.ts'

/** Conversations held at once; the engine batches them. */
const CONCURRENCY = 16

/**
 * Interviews the tuned model, signs the verdict, and gives the model its name or blocks it. Conversations live in
 * memory and end here. A digest that was judged before under this policy on this base model keeps its verdict.
 */
export async function evaluateModel(work: WorkOn): Promise<void> {
  const { job } = work
  if (!job.adapter) throw new AssayError('adapter_missing', `Job ${job.id} has no adapter to evaluate.`)
  const base = await openBaseModel(catalogueModel(job.model), work.where)
  const adapter = await unsealAdapter(work.blobs.get(work.resource.dataKey, job.adapter.blobId), work.scratch)
  try {
    const assessment = (await remembered(work, base, adapter.sha256)) ?? (await interview(work, base, adapter.path))
    await conclude(work, base, assessment, adapter.sha256)
  } finally {
    await adapter.remove()
  }
}

/** The signed verdict on these bytes on this base, where there is one; a signature that does not hold is an error. */
async function remembered(
  { job, attestations }: WorkOn,
  base: BaseModelFiles,
  sha256: string,
): Promise<Assessment | undefined> {
  const stored = await attestations.find(job.resourceId, sha256, base.digest)
  if (!stored) return undefined
  const [publicKeysPem, policyDigests] = [await attestations.publicKeys(), await shippedPolicyDigests()]
  const evaluation = await verify(stored, { publicKeysPem, subjectSha256: sha256, policyDigests })
  return evaluation.baseModel.digest === base.digest ? assessmentOf(evaluation) : undefined
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

async function conclude(work: WorkOn, base: BaseModelFiles, assessment: Assessment, sha256: string): Promise<void> {
  const { job, resource, records } = work
  const judge = await work.judge()
  const evaluation = await safetyEvaluation(assessment, judge, { name: job.model, digest: base.digest })
  const envelope = await work.attestations.sign(evaluation, { name: job.tunedModel, sha256 })
  const passed = assessment.outcome === 'passed'
  const trainedTokens = job.trainedTokens ?? 0
  await records.advance(job, passed ? 'modelPassed' : 'modelBlocked', {
    ...(passed ? { events: successEvents(job, trainedTokens) } : { error: blocked(assessment) }),
    async also(sql) {
      await Attestations.record(sql, resource.id, evaluation, sha256, envelope)
      if (!passed) return
      await sql
        .insertInto('models')
        .values({
          name: job.tunedModel,
          resource_id: resource.id,
          job_id: job.id,
          base_model: job.model,
          blob_id: job.adapter?.blobId ?? '',
          sha256,
        })
        .execute()
      await chargeTraining(sql, { id: job.id, resourceId: resource.id, model: job.model, trainedTokens })
    },
  })
}

function successEvents(job: Job, trainedTokens: number) {
  return [
    EVENTS.succeeded,
    EVENTS.modelPassed,
    ...(job.resultFile ? [EVENTS.resultsCompleted(job.resultFile)] : []),
    EVENTS.billed(trainedTokens),
  ]
}

function blocked(assessment: Assessment): JobError {
  const code = assessment.outcome === 'undecided' ? 'model_evaluation_undecided' : 'model_evaluation_failed'
  return { code, message: assessmentMessage(assessment), param: null }
}
