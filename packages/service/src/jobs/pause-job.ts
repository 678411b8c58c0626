import { AssayError } from 'assay/errors'
import type { Resource } from '../resources/index.ts'
import { EVENTS } from './events.ts'
import type { Job } from './job.ts'
import { JobMovedError, type JobRecords } from './job-records.ts'
import type { JobQueue } from './queue.ts'

/**
 * Pauses a job that trains: it goes on to the end of its epoch, keeps that checkpoint, and waits. In its last epoch there
 * is nothing left to pause, and it goes on to its evaluation.
 */
export async function pauseJob(records: JobRecords, resourceId: string, id: string): Promise<Job> {
  for (;;) {
    const job = await records.get(resourceId, id)
    if (job.state === 'pausing' || job.state === 'paused') return job
    if (job.state !== 'training') {
      throw new AssayError('job_not_running', `Only a job that trains can be paused: ${id} is ${job.state}.`, {
        status: 400,
        remedy: 'Wait until its training has started, or cancel it.',
      })
    }
    if (job.method === 'dpo') {
      throw new AssayError('method_not_pausable', 'Training by method dpo cannot be paused.', {
        status: 400,
        remedy: 'Let it end, or cancel it.',
      })
    }
    try {
      return await records.advance(job, 'pause')
    } catch (error) {
      if (!(error instanceof JobMovedError)) throw error
    }
  }
}

/** Lets a paused job train on from the checkpoint that it was paused at, when its turn comes. */
export async function resumeJob(
  { records, queue }: { records: JobRecords; queue: JobQueue },
  resource: Resource,
  id: string,
): Promise<Job> {
  const job = await records.get(resource.id, id)
  if (job.state !== 'paused') {
    throw new AssayError('job_not_paused', `Only a paused job can be resumed: ${id} is ${job.state}.`, { status: 400 })
  }
  const { geography } = resource
  await queue.prepareTuning(geography)
  return records.advance(job, 'resume', {
    events: [EVENTS.resumed(job.pausedEpoch ?? 0)],
    also: (sql) => queue.enqueueTuning(job, geography, sql),
  })
}
