import { AssayError } from 'assay/errors'
import type { Sql } from '../storage/index.ts'
import type { Candidate } from './candidate.ts'
import { modelNotFound } from './models.ts'

/** A checkpoint of a job, as far as it matters to whoever wants to deploy it. */
export interface StoredCheckpoint extends Candidate {
  /** Of the job's own model; null before there is one. */
  readonly modelSha256: string | null
  readonly epoch: number
  readonly jobState: string
  /** The epoch that the job was last paused after. */
  readonly pausedEpoch: number | null
  readonly jobError: { readonly code: string; readonly message: string } | null
  /** Whether the evaluation of the job's model was cancelled when conversations were being counted. */
  readonly abandoned: boolean
}

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
      'checkpoints.epoch',
      'jobs.paused_epoch',
      'checkpoints.job_id',
      'checkpoints.blob_id',
      'checkpoints.sha256',
    ])
    .select(['jobs.model', 'jobs.method', 'jobs.training_file', 'jobs.state', 'jobs.error_code', 'jobs.error_message'])
    .select('jobs.adapter_sha256')
    .where('jobs.resource_id', '=', resourceId)
    .where('checkpoints.model', '=', name)
    .executeTakeFirst()
  return (
    row && {
      name,
      jobId: row.job_id,
      baseModel: row.model,
      method: row.method,
      trainingFile: row.training_file,
      blobId: row.blob_id,
      sha256: row.sha256,
      epoch: row.epoch,
      modelSha256: row.adapter_sha256,
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
