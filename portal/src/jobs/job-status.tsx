import { Status, type Tone } from '../elements/status.tsx'
import type { Job } from '../service/jobs.ts'

const SHOWN: Readonly<Record<Job['status'], readonly [Tone, string]>> = {
  validating_files: ['running', 'Validating files'],
  queued: ['quiet', 'Queued'],
  running: ['running', 'Running'],
  paused: ['quiet', 'Paused'],
  succeeded: ['passed', 'Succeeded'],
  failed: ['failed', 'Failed'],
  cancelled: ['quiet', 'Cancelled'],
}

export function JobStatus({ status }: { status: Job['status'] }) {
  const [tone, name] = SHOWN[status]
  return <Status tone={tone}>{name}</Status>
}

/** Why a job ended as it did, in two or three words. */
export function reason(job: Job): string | undefined {
  switch (job.error?.code) {
    case undefined:
      return undefined
    case 'data_evaluation_failed':
      return 'Data evaluation'
    case 'model_evaluation_failed':
      return 'Model evaluation'
    case 'model_evaluation_undecided':
      return 'Undecided'
    case 'evaluation_unavailable':
      return 'Evaluator unavailable'
    case 'invalid_training_file':
    case 'invalid_validation_file':
      return 'Invalid file'
    case 'job_interrupted':
    case 'internal_error':
      return 'Service'
    default:
      return 'Training'
  }
}
