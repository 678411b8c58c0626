import { AssayError } from 'assay/errors'
import { lockResource } from '../resources/index.ts'
import type { Blobs, Database, Sql } from '../storage/index.ts'
import { deleteCheckpoints } from './checkpoint-records.ts'
import type { JobRecords } from './job-records.ts'
import { isFinished } from './states.ts'

/**
 * Deletes a finished job with its events and checkpoints and their evaluations; refuses one whose model is still there,
 * or a checkpoint of which is deployed or being evaluated.
 *
 * @returns the names of its checkpoints, for whoever holds them loaded
 */
export async function deleteJob(
  parts: { database: Database; blobs: Blobs; records: JobRecords },
  resourceId: string,
  id: string,
): Promise<readonly string[]> {
  const { sql } = parts.database
  const job = await parts.records.get(resourceId, id)
  if (!isFinished(job.state)) {
    throw new AssayError('job_unfinished', `${id} is ${job.state}.`, { status: 409, remedy: 'Cancel it first.' })
  }
  const model = await sql.selectFrom('models').select('name').where('job_id', '=', id).executeTakeFirst()
  if (model) {
    throw new AssayError('job_has_model', `${id} made the model '${model.name}'.`, {
      status: 409,
      remedy: 'Delete the model first.',
    })
  }
  await sql.transaction().execute(async (transaction) => {
    await lockResource(transaction, resourceId)
    await letGoOfCheckpoints(transaction, id)
  })
  const checkpoints = await sql.selectFrom('checkpoints').select('model').where('job_id', '=', id).execute()
  await deleteCheckpoints(sql, parts.blobs, id)
  await sql.deleteFrom('jobs').where('id', '=', id).execute()
  // The bytes of a checkpoint are its own job's.
  if (job.adapter && job.surface !== 'checkpoint') await parts.blobs.delete(job.adapter.blobId)
  return checkpoints.map((checkpoint) => checkpoint.model)
}

async function letGoOfCheckpoints(sql: Sql, jobId: string): Promise<void> {
  const names = sql.selectFrom('checkpoints').select('model').where('job_id', '=', jobId)
  const deployed = await sql.selectFrom('deployments').select(['name', 'model']).where('model', 'in', names).execute()
  if (deployed[0]) {
    throw new AssayError('job_has_deployment', `The deployment '${deployed[0].name}' is of a checkpoint of ${jobId}.`, {
      status: 409,
      remedy: 'Delete the deployment first.',
    })
  }
  const evaluations = sql.selectFrom('jobs').where('surface', '=', 'checkpoint').where('tuned_model', 'in', names)
  const [unfinished] = await evaluations.select('id').where('finished_at', 'is', null).execute()
  if (unfinished) {
    throw new AssayError('job_unfinished', `A checkpoint of ${jobId} is being evaluated (${unfinished.id}).`, {
      status: 409,
      remedy: 'Cancel that first.',
    })
  }
  await sql.deleteFrom('jobs').where('surface', '=', 'checkpoint').where('tuned_model', 'in', names).execute()
}
