import { randomBytes, randomInt } from 'node:crypto'
import { type Candidate, lastEvaluation, requireModel } from '../deployments/index.ts'
import { lockResource } from '../resources/index.ts'
import type { Sql } from '../storage/index.ts'
import { withinQuota } from './create-job.ts'
import { ALL_AUTO, type Method } from './job.ts'
import { JobMovedError, type JobRecords } from './job-records.ts'
import type { JobQueue } from './queue.ts'

/**
 * The evaluation of a model or a checkpoint that has no verdict, as a job that begins where its verdict is asked for, as
 * an import does: it waits its turn, goes on after a crash, and can be watched and cancelled. The evaluation itself costs
 * nothing; a checkpoint that passes is charged with what was learned up to it, unless its job was.
 *
 * @returns its id: of the one under way where there is one
 */
export async function evaluateCandidate(
  parts: { sql: Sql; records: JobRecords; queue: JobQueue },
  resourceId: string,
  candidate: Candidate,
): Promise<string> {
  for (;;) {
    const underWay = await unfinished(parts.sql, resourceId, candidate.name)
    if (underWay) return underWay
    try {
      return await begin(parts, resourceId, candidate)
    } catch (error) {
      // Somebody else asked at the same moment.
      if (!(error instanceof JobMovedError)) throw error
    }
  }
}

async function begin(
  { records, queue }: { records: JobRecords; queue: JobQueue },
  resourceId: string,
  candidate: Candidate,
): Promise<string> {
  const id = `evaluation-${randomBytes(16).toString('hex')}`
  await records.create(
    {
      id,
      resource_id: resourceId,
      state: 'admitting',
      surface: 'evaluation',
      model: candidate.baseModel,
      training_file: candidate.trainingFile,
      validation_file: null,
      suffix: null,
      seed: randomInt(2 ** 31),
      method: candidate.method as Method,
      hyperparameters: ALL_AUTO as never,
      metadata: { fine_tuning_job: candidate.jobId } as never,
      tuned_model: candidate.name,
      adapter_blob_id: candidate.blobId,
      adapter_sha256: candidate.sha256,
    },
    async (sql) => {
      await lockResource(sql, resourceId)
      if (await unfinished(sql, resourceId, candidate.name)) throw new JobMovedError(id)
      // It may have been deleted since it was found.
      await requireModel(sql, resourceId, candidate.name)
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
