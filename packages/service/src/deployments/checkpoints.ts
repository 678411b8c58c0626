import { AssayError } from 'assay/errors'
import type { Sql } from '../storage/index.ts'
import { shippedPolicyDigests } from './attestations.ts'
import { modelNotFound } from './models.ts'

/** A checkpoint of a job, as far as it matters to whoever wants to deploy it. */
export interface StoredCheckpoint {
  readonly id: string
  /** `fine_tuned_model_checkpoint`. */
  readonly name: string
  readonly jobId: string
  readonly baseModel: string
  readonly method: string
  readonly trainingFile: string | null
  readonly blobId: string
  readonly sha256: string
  readonly epoch: number
  readonly jobState: string
  /** The epoch that the job was last paused after. */
  readonly pausedEpoch: number | null
  readonly jobError: { readonly code: string; readonly message: string } | null
  /** Whether the evaluation of the job's model was cancelled when conversations were being counted. */
  readonly abandoned: boolean
}

/** Whether a checkpoint can answer: not before the verdict of its own evaluation. */
export interface CheckpointStanding {
  readonly status: 'creating' | 'succeeded' | 'failed'
  readonly error: { readonly code: string; readonly message: string } | null
  /** Id of its last evaluation, which is watched and cancelled as a job is. */
  readonly evaluation: string | null
}

/** Asks for the evaluation of a checkpoint, and returns its id: of the one under way where there is one. */
export type AskForEvaluation = (resourceId: string, checkpoint: StoredCheckpoint) => Promise<string>

/** Checkpoints by their names, within a transaction where `sql` is one. */
export async function findCheckpoint(
  sql: Sql,
  resourceId: string,
  name: string,
): Promise<StoredCheckpoint | undefined> {
  const row = await sql
    .selectFrom('checkpoints')
    .innerJoin('jobs', 'jobs.id', 'checkpoints.job_id')
    .leftJoin('abandoned_evaluations', 'abandoned_evaluations.id', 'checkpoints.job_id')
    .select('abandoned_evaluations.id as abandoned')
    .select([
      'checkpoints.id',
      'checkpoints.epoch',
      'jobs.paused_epoch',
      'checkpoints.job_id',
      'checkpoints.blob_id',
      'checkpoints.sha256',
    ])
    .select(['jobs.model', 'jobs.method', 'jobs.training_file', 'jobs.state', 'jobs.error_code', 'jobs.error_message'])
    .where('jobs.resource_id', '=', resourceId)
    .where('checkpoints.model', '=', name)
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      name,
      jobId: row.job_id,
      baseModel: row.model,
      method: row.method,
      trainingFile: row.training_file,
      blobId: row.blob_id,
      sha256: row.sha256,
      epoch: row.epoch,
      jobState: row.state,
      pausedEpoch: row.paused_epoch,
      abandoned: row.abandoned !== null,
      jobError: row.error_code ? { code: row.error_code, message: row.error_message ?? '' } : null,
    }
  )
}

/**
 * Why no verdict of its own would help a checkpoint: its job's model was blocked, or was about to be as far as anybody can
 * know, or the job neither succeeded nor was paused since the checkpoint was made.
 */
export function refusalOf({
  name,
  epoch,
  jobState,
  jobError,
  pausedEpoch,
  abandoned,
}: StoredCheckpoint): AssayError | undefined {
  if (jobError?.code.startsWith('model_evaluation_')) {
    return new AssayError('model_not_deployable', jobError.message, { status: 409, param: 'model' })
  }
  if (abandoned) {
    const message =
      "The evaluation of the job's model was cancelled after it had begun: none of its checkpoints can be deployed."
    return new AssayError('model_not_deployable', message, { status: 409, param: 'model' })
  }
  return jobState === 'succeeded' || epoch <= (pausedEpoch ?? 0) ? undefined : modelNotFound(name)
}

/** Where a checkpoint stands that was asked for before. */
export async function standingOf(
  sql: Sql,
  resourceId: string,
  checkpoint: StoredCheckpoint,
): Promise<CheckpointStanding> {
  const evaluation = await lastEvaluation(sql, resourceId, checkpoint.name)
  const id = evaluation?.id ?? null
  const refusal = refusalOf(checkpoint)
  if (refusal) return { status: 'failed', error: { code: refusal.code, message: refusal.message }, evaluation: id }
  const passed = await sql
    .selectFrom('attestations')
    .select('outcome')
    .where('resource_id', '=', resourceId)
    .where('subject_sha256', '=', checkpoint.sha256)
    .where('policy_digest', 'in', [...(await shippedPolicyDigests())])
    .where('outcome', '=', 'passed')
    .executeTakeFirst()
  if (passed) return { status: 'succeeded', error: null, evaluation: id }
  if (evaluation && !evaluation.finished_at) return { status: 'creating', error: null, evaluation: id }
  const error = evaluation?.error_code
    ? { code: evaluation.error_code, message: evaluation.error_message ?? '' }
    : {
        code: 'checkpoint_not_evaluated',
        message: 'The checkpoint has no verdict under the present policy. Deploy it again to have it evaluated.',
      }
  return { status: 'failed', error, evaluation: id }
}

/** The last evaluation of a checkpoint, whether it goes on or has ended. */
export async function lastEvaluation(sql: Sql, resourceId: string, name: string) {
  return sql
    .selectFrom('jobs')
    .select(['id', 'finished_at', 'error_code', 'error_message'])
    .where('resource_id', '=', resourceId)
    .where('surface', '=', 'checkpoint')
    .where('tuned_model', '=', name)
    .orderBy('created_at', 'desc')
    .executeTakeFirst()
}

export function checkpointNotEvaluated(name: string, evaluation: string): AssayError {
  const message = `The checkpoint '${name}' has no verdict of its own yet: its model evaluation ${evaluation} is under way.`
  return new AssayError('checkpoint_not_evaluated', message, {
    status: 409,
    param: 'model',
    remedy: `Ask again once it has ended; \`assay jobs watch ${evaluation}\` shows how far it is.`,
  })
}
