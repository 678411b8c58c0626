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
}

/** Records a checkpoint and lets go of those that are too old. */
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
    })
    .execute()
  await deleteCheckpoints(sql, blobs, job.id, (epoch) => epoch <= checkpoint.epoch - KEPT)
}

/** Deletes checkpoints with their content; all of them, where training begins again. */
export async function deleteCheckpoints(
  sql: Sql,
  blobs: Blobs,
  jobId: string,
  which: (epoch: number) => boolean = () => true,
): Promise<void> {
  const rows = await sql
    .selectFrom('checkpoints')
    .select(['id', 'epoch', 'blob_id'])
    .where('job_id', '=', jobId)
    .execute()
  for (const row of rows.filter((one) => which(one.epoch))) {
    await sql.deleteFrom('checkpoints').where('id', '=', row.id).execute()
    await blobs.delete(row.blob_id)
  }
}
