import type { JobState } from './states.ts'

/**
 * Which API a job was created on; it decides how its model is named. `import`: a model that was tuned elsewhere;
 * `checkpoint`: the evaluation of a checkpoint that somebody wants to deploy.
 */
export type Surface = 'openai' | 'azure' | 'import' | 'evaluation'

/** How a job learns: by imitation of conversations, or by direct preference optimisation of pairs. */
export type Method = 'supervised' | 'dpo'

/** As asked for: `auto` is settled when training starts. */
export interface RequestedHyperparameters {
  readonly n_epochs: number | 'auto'
  readonly batch_size: number | 'auto'
  readonly learning_rate_multiplier: number | 'auto'
  /** Of method `dpo` only: how much the model is held to the one that it was tuned from. */
  readonly beta?: number | 'auto' | undefined
}

/** Of what is not trained here, and of a job that asks for nothing in particular. */
export const ALL_AUTO: RequestedHyperparameters = {
  n_epochs: 'auto',
  batch_size: 'auto',
  learning_rate_multiplier: 'auto',
}

export interface JobError {
  readonly code: string
  readonly message: string
  readonly param: string | null
}

export interface Job {
  readonly id: string
  readonly resourceId: string
  readonly state: JobState
  readonly surface: Surface
  /** The base model. */
  readonly model: string
  /** Null where a model was imported without what it was tuned on. */
  readonly trainingFile: string | null
  readonly validationFile: string | null
  readonly suffix: string | null
  readonly seed: number
  readonly method: Method
  readonly hyperparameters: RequestedHyperparameters
  readonly metadata: Readonly<Record<string, string>> | null
  /** What the model is called once it has passed; shown to nobody before. Of a checkpoint's evaluation, its name. */
  readonly tunedModel: string
  readonly adapter: { readonly blobId: string; readonly sha256: string } | null
  /** The epoch that training was last paused after. */
  readonly pausedEpoch: number | null
  readonly resultFile: string | null
  /** Whether the customer wants the counts of the model evaluation, and the comparison with the base, as files. */
  readonly wantsReport: boolean
  readonly reportFiles: readonly string[]
  readonly trainedTokens: number | null
  readonly error: JobError | null
  readonly createdAt: Date
  readonly finishedAt: Date | null
}

export interface JobEvent {
  /** Names what happened, once a job: a repeated stage writes no event twice. */
  readonly key: string
  readonly level: 'info' | 'warn' | 'error'
  readonly type: 'message' | 'metrics'
  readonly message: string
  readonly data?: Readonly<Record<string, unknown>>
}

export interface StoredEvent extends Omit<JobEvent, 'key'> {
  readonly id: string
  readonly createdAt: Date
}

export interface Checkpoint {
  readonly id: string
  readonly jobId: string
  readonly epoch: number
  readonly step: number
  readonly metrics: Readonly<Record<string, number>>
  readonly model: string
  readonly createdAt: Date
}

/** What is not tuned here, or was before: only its evaluation is a job. */
export function isEvaluationOnly({ surface }: Pick<Job, 'surface'>): boolean {
  return surface === 'import' || surface === 'evaluation'
}
