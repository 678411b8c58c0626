import { AssayError } from 'assay/errors'
import type { Blobs, Database } from '../storage/index.ts'
import { deleteCheckpoints } from './checkpoint-records.ts'
import type { JobRecords } from './job-records.ts'
import { isFinished } from './states.ts'

/** Deletes a finished job with its events and checkpoints; refuses one whose model is still there. */
export async function deleteJob(
  parts: { database: Database; blobs: Blobs; records: JobRecords },
  resourceId: string,
  id: string,
): Promise<void> {
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
  await deleteCheckpoints(sql, parts.blobs, id)
  await sql.deleteFrom('jobs').where('id', '=', id).execute()
  if (job.adapter) await parts.blobs.delete(job.adapter.blobId)
}
