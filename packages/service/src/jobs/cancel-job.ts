import { AssayError } from 'assay/errors'
import type { Sql } from '../storage/index.ts'
import { EVENTS } from './events.ts'
import type { Job } from './job.ts'
import { JobMovedError, type JobRecords } from './job-records.ts'
import { isFinished } from './states.ts'

/**
 * Cancels a job in whatever state it is; whoever works on it notices within a second. A model evaluation that was begun
 * counts as a try that did not pass: its counts could be watched, and the same bytes be evaluated anew.
 */
export async function cancelJob(records: JobRecords, resourceId: string, id: string): Promise<Job> {
  for (;;) {
    const job = await records.get(resourceId, id)
    if (isFinished(job.state)) {
      throw new AssayError('job_finished', `Job has already completed: ${id} is ${job.state}.`, { status: 400 })
    }
    try {
      const abandons = job.state === 'evaluating' && (await records.hasBegun(id))
      return await records.advance(job, 'cancel', {
        events: [EVENTS.cancelled],
        ...(abandons && { also: (sql) => recordAbandoned(sql, job) }),
      })
    } catch (error) {
      if (!(error instanceof JobMovedError)) throw error
    }
  }
}

async function recordAbandoned(sql: Sql, job: Job): Promise<void> {
  await sql
    .insertInto('abandoned_evaluations')
    .values({ id: job.id, resource_id: job.resourceId, base_model: job.model })
    .execute()
}
