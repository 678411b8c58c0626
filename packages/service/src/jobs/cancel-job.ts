import { AssayError } from 'assay/errors'
import { EVENTS } from './events.ts'
import type { Job } from './job.ts'
import { JobMovedError, type JobRecords } from './job-records.ts'
import { isFinished } from './states.ts'

/** Cancels a job in whatever state it is; whoever works on it notices within a second. */
export async function cancelJob(records: JobRecords, resourceId: string, id: string): Promise<Job> {
  for (;;) {
    const job = await records.get(resourceId, id)
    if (isFinished(job.state)) {
      throw new AssayError('job_finished', `Job has already completed: ${id} is ${job.state}.`, { status: 400 })
    }
    try {
      return await records.advance(job, 'cancel', { events: [EVENTS.cancelled] })
    } catch (error) {
      if (!(error instanceof JobMovedError)) throw error
    }
  }
}
