import type { ModelEvaluationProgress } from 'assay/model-evaluation'
import type { Job } from '../job.ts'
import type { JobEvent } from '../job-events.ts'

/** Counts of an evaluation that goes on, as the journey has them. */
export interface Evaluation {
  readonly data_evaluation: { readonly rows: number } | null
  readonly model_evaluation: ModelEvaluationProgress | null
}

/** A stage of a job as the journey has it; times in seconds since 1970. */
export interface Stage {
  readonly name: 'file_validation' | 'queue' | 'data_evaluation' | 'training' | 'model_evaluation'
  readonly status: 'waiting' | 'running' | 'paused' | 'passed' | 'failed' | 'cancelled' | 'not_reached'
  readonly started_at: number | null
  readonly finished_at: number | null
}

/** What `/assay/v1/fine_tuning/jobs/:id/journey` answers; what the command line reads of it. */
export interface Journey {
  readonly job: Job
  readonly stages: readonly Stage[]
  readonly evaluation: Evaluation
  readonly bill: {
    readonly trained_tokens: number
    readonly charged: { readonly value: number; readonly currency: string }
  }
  /** Whether a report of its model evaluation was asked for. */
  readonly evaluation_report: boolean
  readonly last_event_id: string | null
}

export interface Checkpoint {
  readonly step_number: number
}

/** All that is known of a job at a moment. */
export interface WatchedJob extends Omit<Journey, 'last_event_id'> {
  readonly events: readonly JobEvent[]
  /** Oldest first. */
  readonly checkpoints: readonly Checkpoint[]
  /** When all this was known, in seconds since 1970. */
  readonly heardAt: number
  /** Why the last question got no answer, where what is known is older. */
  readonly trouble?: string | undefined
}
