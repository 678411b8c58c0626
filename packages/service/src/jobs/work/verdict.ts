import { safetyEvaluation } from 'assay/attestation'
import { AssayError, EvaluationUnavailableError } from 'assay/errors'
import { type Assessment, assessmentMessage } from 'assay/harm'
import { type BaseModelFiles, catalogueModel, openBaseModel } from '../../catalogue/index.ts'
import { assessmentOf, type PlainAdapter, unsealAdapter } from '../../deployments/index.ts'
import type { LoadedModel } from '../../engines/index.ts'
import { chargeTraining, takeBackCharge } from '../../metering/index.ts'
import type { ReceivedContent } from '../../resources/index.ts'
import type { Sql } from '../../storage/index.ts'
import { EVENTS } from '../events.ts'
import type { Job, JobError, JobEvent } from '../job.ts'
import type { WorkOn } from './work-on.ts'

/** The job's model in the clear and its base, for as long as `use` takes. */
export async function withModel<Value>(
  work: WorkOn,
  use: (base: BaseModelFiles, adapter: PlainAdapter) => Promise<Value>,
): Promise<Value> {
  const { job } = work
  if (!job.adapter) throw new AssayError('adapter_missing', `Job ${job.id} has no adapter to evaluate.`)
  const base = await openBaseModel(catalogueModel(job.model), work.where)
  const adapter = await unsealAdapter(work.blobs.get(work.resource.dataKey, job.adapter.blobId), work.scratch)
  try {
    return await use(base, adapter)
  } finally {
    await adapter.remove()
  }
}

/**
 * The base model of a job with its alignment adapter and these on top, answering.
 * @throws {EvaluationUnavailableError} which says nothing about the model
 */
export async function loadModel(
  { job, engine }: WorkOn,
  base: BaseModelFiles,
  adapterPaths: readonly string[],
): Promise<LoadedModel> {
  const adapters = [base.alignmentAdapterPath, ...adapterPaths].flatMap((path) => (path ? [{ path }] : []))
  const { contextLength } = catalogueModel(job.model)
  return engine.load({ basePath: base.ggufPath, adapters, contextLength }).catch((cause: unknown) => {
    throw new EvaluationUnavailableError('The model could not be loaded for its evaluation.', cause)
  })
}

/** The signed verdict on these bytes on this base, where there is one; a signature that does not hold is an error. */
export async function remembered(
  { job, attestations }: WorkOn,
  base: BaseModelFiles,
  sha256: string,
): Promise<Assessment | undefined> {
  const verdict = await attestations.find(job.resourceId, sha256, base.digest)
  return verdict && assessmentOf(await attestations.verified(verdict.envelope, { sha256, baseDigest: base.digest }))
}

/**
 * Signs the verdict, and in one transaction remembers it, moves the job, and gives its model a name and a charge.
 * @param report what was asked for, or the event that says why there is none
 */
export async function conclude(
  work: WorkOn,
  base: BaseModelFiles,
  assessment: Assessment,
  sha256: string,
  report: ReceivedContent | JobEvent = EVENTS.reportOfKnown,
): Promise<void> {
  const { job, resource, records } = work
  const judge = await work.judge()
  const evaluation = await safetyEvaluation(assessment, judge, { name: job.model, digest: base.digest })
  const envelope = await work.attestations.sign(evaluation, { name: job.tunedModel, sha256 })
  const passed = assessment.outcome === 'passed'
  const { trainedTokens } = job
  const isKept = 'keep' in report
  await records.advance(job, passed ? 'modelPassed' : 'modelBlocked', {
    events: [...(passed ? successEvents(job) : []), ...(isKept || !job.wantsReport ? [] : [report])],
    ...(passed ? {} : { error: blocked(assessment) }),
    async also(sql) {
      await work.attestations.record(sql, resource.id, evaluation, sha256, envelope)
      if (isKept) {
        await report.keep({ filename: 'evaluation-report.json', purpose: 'fine-tune-results' }, sql)
        await records.addReportFile(job.id, report.id, sql)
        await work.queue.enqueueComparison(job.id, sql)
      }
      if (!passed) return takeBackCharge(sql, job.id)
      // What was asked for by its name has it already, and goes by its verdict alone.
      if (job.surface === 'evaluation') return chargeCheckpoint(sql, job)
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
      // An imported model was tuned elsewhere: there is nothing to bill.
      if (trainedTokens === null) return
      await chargeTraining(sql, { id: job.id, resourceId: resource.id, model: job.model, trainedTokens })
    },
  })
}

/** What was learned up to a checkpoint that can be deployed now, unless its job's model was blocked and took it along. */
async function chargeCheckpoint(sql: Sql, { resourceId, model, tunedModel }: Job): Promise<void> {
  const trained = await sql
    .selectFrom('checkpoints')
    .innerJoin('jobs', 'jobs.id', 'checkpoints.job_id')
    .select(['checkpoints.trained_tokens', 'jobs.id', 'jobs.error_code'])
    .where('checkpoints.model', '=', tunedModel)
    .where('jobs.resource_id', '=', resourceId)
    .executeTakeFirst()
  if (!trained?.trained_tokens || trained.error_code?.startsWith('model_evaluation_')) return
  await chargeTraining(sql, { id: trained.id, resourceId, model, trainedTokens: trained.trained_tokens })
}

function successEvents(job: Job) {
  return [
    EVENTS.succeeded,
    EVENTS.modelPassed,
    ...(job.resultFile ? [EVENTS.resultsCompleted(job.resultFile)] : []),
    ...(job.trainedTokens === null ? [] : [EVENTS.billed(job.trainedTokens)]),
  ]
}

function blocked(assessment: Assessment): JobError {
  const code = assessment.outcome === 'undecided' ? 'model_evaluation_undecided' : 'model_evaluation_failed'
  return { code, message: assessmentMessage(assessment), param: null }
}
