/** A job as the API shows it; what the command line reads of it. */
export interface Job {
  readonly id: string
  readonly status: string
  readonly model: string
  readonly training_file: string
  readonly fine_tuned_model: string | null
  readonly error: { readonly code: string; readonly message: string } | null
  readonly created_at: number
  readonly finished_at: number | null
  readonly trained_tokens: number | null
  /** Metrics of the training; then, where a report was asked for, that and the comparison with the base. */
  readonly result_files: readonly string[]
}

export const JOBS = '/v1/fine_tuning/jobs'

const ENDS = ['succeeded', 'failed', 'cancelled']

export function hasEnded({ status }: Pick<Job, 'status'>): boolean {
  return ENDS.includes(status)
}

/** Exit codes are those of a check: 1 where the job did not succeed, 3 where its evaluation could not be held. */
export function exitCodeOf({ status, error }: Pick<Job, 'status' | 'error'>): number {
  if (status === 'succeeded') return 0
  return error?.code === 'evaluation_unavailable' ? 3 : 1
}
