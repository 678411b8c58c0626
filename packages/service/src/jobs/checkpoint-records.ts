import { randomBytes } from 'node:crypto'
import type { Blobs, Sql, StoredBlob } from '../storage/index.ts'
import type { Job } from './job.ts'

/** The checkpoints of the last epochs are kept, the others deleted (OpenAI keeps three). */
const KEPT = 3

export interface NewCheckpoint {
  readonly epoch: number
  readonly step: number
  readonly metrics: Readonly<Record<string, number>>
  readonly blob: StoredBlob
  /** The customer's own, over all epochs so far. */
  readonly trainedTokens: number
}

/** The checkpoint of an epoch, to train on from. */
export async function checkpointOfEpoch(sql: Sql, jobId: string, epoch: number) {
  return sql
    .selectFrom('checkpoints')
    .select(['epoch', 'step', 'blob_id'])
    .where('job_id', '=', jobId)
    .where('epoch', '=', epoch)
    .executeTakeFirst()
}

/** Records a checkpoint and lets go of those that are too old, unless somebody needs them. */
export async function addCheckpoint(sql: Sql, blobs: Blobs, job: Job, checkpoint: NewCheckpoint): Promise<void> {
  await sql
    .insertInto('checkpoints')
    .values({
      id: `ftckpt_${randomBytes(16).toString('hex')}`,
      job_id: job.id,
      epoch: checkpoint.epoch,
      step: checkpoint.step,
      metrics: JSON.stringify(checkpoint.metrics),
      model: `${job.tunedModel}:ckpt-step-${checkpoint.step}`,
      blob_id: checkpoint.blob.id,
      sha256: checkpoint.blob.sha256,
      trained_tokens: checkpoint.trainedTokens,
    })
    .execute()
  const needed = await neededEpochs(sql, job)
  await deleteCheckpoints(sql, blobs, job.id, (epoch) => epoch <= checkpoint.epoch - KEPT && !needed.has(epoch))
}

/** Those that a job which was paused goes on from, or that were deployed or asked for while it was. */
async function neededEpochs(sql: Sql, job: Job): Promise<ReadonlySet<number>> {
  const deployed = sql.selectFrom('deployments').select('model').where('resource_id', '=', job.resourceId)
  const evaluated = sql
    .selectFrom('jobs')
    .select('tuned_model')
    .where('surface', '=', 'evaluation')
    .where('finished_at', 'is', null)
  const rows = await sql
    .selectFrom('checkpoints')
    .select('epoch')
    .where('job_id', '=', job.id)
    .where((expression) => expression.or([expression('model', 'in', deployed), expression('model', 'in', evaluated)]))
    .execute()
  return new Set([...rows.map((row) => row.epoch), job.pausedEpoch ?? 0])
}

/** Deletes checkpoints with their content; all of them, where training begins again. */
export async function deleteCheckpoints(
  sql: Sql,
  blobs: Blobs,
  jobId: string,
  which?: (epoch: number) => boolean,
): Promise<void> {
  for (const blob of await deleteCheckpointRows(sql, jobId, which)) await blobs.delete(blob)
}

/** @returns the ids of their blobs, to be deleted once nobody can find them */
export async function deleteCheckpointRows(
  sql: Sql,
  jobId: string,
  which: (epoch: number) => boolean = () => true,
): Promise<readonly string[]> {
  const rows = await sql
    .selectFrom('checkpoints')
    .select(['id', 'epoch', 'blob_id'])
    .where('job_id', '=', jobId)
    .execute()
  const old = rows.filter((one) => which(one.epoch))
  for (const { id } of old) await sql.deleteFrom('checkpoints').where('id', '=', id).execute()
  return old.map((row) => row.blob_id)
}
