import type { Resource } from '../../resources/index.ts'
import type { Job } from '../job.ts'
import type { JobQueue } from '../queue.ts'
import type { JobServices } from '../services.ts'

/** One stretch of work on a job: reads the job, does its effects, and moves it on. May be begun again at any time. */
export interface WorkOn extends JobServices {
  readonly job: Job
  readonly resource: Resource
  readonly queue: JobQueue
  /** Aborted when the job was cancelled or the service stops. */
  readonly signal: AbortSignal
}
