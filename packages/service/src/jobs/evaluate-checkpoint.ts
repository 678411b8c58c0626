import { randomBytes, randomInt } from 'node:crypto'
import { lastEvaluation, type StoredCheckpoint } from '../deployments/index.ts'
import { lockResource } from '../resources/index.ts'
import type { Sql } from '../storage/index.ts'
import { withinQuota } from './create-job.ts'
import { ALL_AUTO, type Method } from './job.ts'
import { JobMovedError, type JobRecords } from './job-records.ts'
import type { JobQueue } from './queue.ts'

/**
 * The evaluation of a checkpoint, as a job that begins where its verdict is asked for, as an import does: it waits its
 * turn, goes on after a crash, and can be watched and cancelled. Nothing is charged for it.
 *
 * @returns its id: of the one under way where there is one
 */
export async function evaluateCheckpoint(
  parts: { sql: Sql; records: JobRecords; queue: JobQueue },
  resourceId: string,
  checkpoint: StoredCheckpoint,
): Promise<string> {
  for (;;) {
    const underWay = await unfinished(parts.sql, resourceId, checkpoint.name)
    if (underWay) return underWay
    try {
      return await begin(parts, resourceId, checkpoint)
    } catch (error) {
      // Somebody else asked at the same moment.
      if (!(error instanceof JobMovedError)) throw error
    }
  }
}

async function begin(
  { records, queue }: { records: JobRecords; queue: JobQueue },
  resourceId: string,
  checkpoint: StoredCheckpoint,
): Promise<string> {
  const id = `ckpteval-${randomBytes(16).toString('hex')}`
  await records.create(
    {
      id,
      resource_id: resourceId,
      state: 'admitting',
      surface: 'checkpoint',
      model: checkpoint.baseModel,
      training_file: checkpoint.trainingFile,
      validation_file: null,
      suffix: null,
      seed: randomInt(2 ** 31),
      method: checkpoint.method as Method,
      hyperparameters: ALL_AUTO as never,
      metadata: { fine_tuning_job: checkpoint.jobId, checkpoint: checkpoint.id } as never,
      tuned_model: checkpoint.name,
      adapter_blob_id: checkpoint.blobId,
      adapter_sha256: checkpoint.sha256,
    },
    async (sql) => {
      await lockResource(sql, resourceId)
      if (await unfinished(sql, resourceId, checkpoint.name)) throw new JobMovedError(id)
      await withinQuota(records, { id: resourceId }, sql)
      await queue.enqueueValidation(id, sql)
    },
  )
  return id
}

async function unfinished(sql: Sql, resourceId: string, name: string): Promise<string | undefined> {
  const last = await lastEvaluation(sql, resourceId, name)
  return last && !last.finished_at ? last.id : undefined
}
