import { AssayError } from 'assay/errors'
import { lockResource } from '../resources/index.ts'
import type { Blobs, Database, Sql } from '../storage/index.ts'
import { deleteCheckpointRows } from './checkpoint-records.ts'
import type { Job } from './job.ts'
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
  const { names, blobs } = await sql.transaction().execute(async (transaction) => {
    await lockResource(transaction, resourceId)
    const checkpoints = await transaction.selectFrom('checkpoints').select('model').where('job_id', '=', id).execute()
    await letGoOfCheckpoints(transaction, job)
    const blobs = await deleteCheckpointRows(transaction, id)
    await transaction.deleteFrom('jobs').where('id', '=', id).execute()
    return { names: checkpoints.map((checkpoint) => checkpoint.model), blobs }
  })
  // The bytes that were evaluated are those of the job that made them.
  const own = job.adapter && job.surface !== 'evaluation' ? [job.adapter.blobId] : []
  for (const blob of new Set([...blobs, ...own])) await parts.blobs.delete(blob)
  return names
}

async function letGoOfCheckpoints(sql: Sql, { id: jobId, surface, tunedModel }: Job): Promise<void> {
  const names = sql.selectFrom('checkpoints').select('model').where('job_id', '=', jobId)
  const deployed = await sql.selectFrom('deployments').select(['name', 'model']).where('model', 'in', names).execute()
  if (deployed[0]) {
    throw new AssayError('job_has_deployment', `The deployment '${deployed[0].name}' is of a checkpoint of ${jobId}.`, {
      status: 409,
      remedy: 'Delete the deployment first.',
    })
  }
  const evaluations = sql.selectFrom('jobs').where('surface', '=', 'evaluation').where('tuned_model', 'in', names)
  const [unfinished] = await evaluations.select('id').where('finished_at', 'is', null).execute()
  if (unfinished) {
    throw new AssayError('job_unfinished', `A checkpoint of ${jobId} is being evaluated (${unfinished.id}).`, {
      status: 409,
      remedy: 'Cancel that first.',
    })
  }
  await sql
    .deleteFrom('jobs')
    .where('surface', '=', 'evaluation')
    .where((of) =>
      of.or([
        of('tuned_model', 'in', names),
        ...(surface === 'evaluation' ? [] : [of('tuned_model', '=', tunedModel)]),
      ]),
    )
    .execute()
}
